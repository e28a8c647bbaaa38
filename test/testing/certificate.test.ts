import { X509Certificate } from 'node:crypto';
import { certificate } from '../../src/testing/certificate';

test('the certificate is its own authority and valid for 127.0.0.1, now', () => {
  const made = new X509Certificate(certificate().cert);
  expect(made.ca).toBe(true);
  expect(made.verify(made.publicKey)).toBe(true);
  expect(made.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(new Date(made.validFrom).getTime()).toBeLessThan(Date.now());
  expect(new Date(made.validTo).getTime()).toBeGreaterThan(Date.now());
});

test('it is made once', () => {
  expect(certificate()).toBe(certificate());
});
