import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { md, pki } from 'node-forge';

/** A server's key and its own certificate authority, as PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

let made: Certificate | undefined;

/** A self-signed certificate for 127.0.0.1, made once in a process. The key comes from Node: node-forge's own takes seconds. */
export function certificate(): Certificate {
  made ??= make();
  return made;
}

function make(): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const own = pki.createCertificate();
  own.publicKey = pki.publicKeyFromPem(publicKey);
  own.serialNumber = `00${randomBytes(9).toString('hex')}`;
  // Clocks that are a little apart must not make the first request fail.
  own.validity.notBefore = new Date(Date.now() - 3600_000);
  own.validity.notAfter = new Date(Date.now() + 30 * 24 * 3600_000);
  const name = [{ name: 'commonName', value: 'cdk8s-airflow embedded cluster' }];
  own.setSubject(name);
  own.setIssuer(name);
  own.setExtensions([
    { name: 'basicConstraints', cA: true },
    { name: 'keyUsage', keyCertSign: true, digitalSignature: true, keyEncipherment: true },
    { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }, { type: 2, value: 'localhost' }] },
  ]);
  own.sign(pki.privateKeyFromPem(privateKey), md.sha256.create());
  return { key: privateKey, cert: pki.certificateToPem(own) };
}
