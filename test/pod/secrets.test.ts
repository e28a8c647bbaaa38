import { secretParts } from '../../src/pod/secrets';

test('a key becomes one variable with an upper-case name', () => {
  expect(secretParts({ deployType: 'env', deployTarget: 'mixed.Case-x', secret: 's', key: 'k' }, 'p'))
    .toEqual({ env: { name: 'MIXED.CASE-X', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } } });
});

test('no key becomes all keys', () => {
  expect(secretParts({ deployType: 'env', secret: 's' }, 'p')).toEqual({ envFrom: { secretRef: { name: 's' } } });
});

test('the name of a volume follows from its content', () => {
  const parts = secretParts({ deployType: 'volume', deployTarget: '/etc/x', secret: 's' }, 'p');
  expect(parts).toEqual(secretParts({ deployType: 'volume', deployTarget: '/etc/x', secret: 's' }, 'q'));
  expect(parts.volumeMount).toEqual({ name: parts.volume.name, mountPath: '/etc/x', readOnly: true });
  expect(parts.volume).toEqual({ name: expect.stringMatching(/^secretvol-[a-z0-9]{8}$/), secret: { secretName: 's' } });
  expect(secretParts({ deployType: 'volume', deployTarget: '/etc/y', secret: 's' }, 'p').volume.name).not.toBe(parts.volume.name);
});

test.each<[any, string]>([
  [{ deployType: 'file', secret: 's' }, "'p': 'deployType' must be 'env' or 'volume', got 'file'"],
  [{ deployType: 'env', secret: '' }, "'p': 'secret' must be the name of a Secret"],
  [{ deployType: 'env', secret: 's', key: 'k' }, "'p': 'key' needs 'deployTarget'"],
  [{ deployType: 'env', secret: 's', deployTarget: 'X' }, "'key' must say which key"],
  [{ deployType: 'env', secret: 's', items: [] }, "'items' belongs to deployType 'volume'"],
  [{ deployType: 'volume', secret: 's' }, "'deployTarget' must be the path"],
  [{ deployType: 'volume', secret: 's', deployTarget: '/x', key: 'k' }, "'key' has no effect on a volume; mount one key with 'items: [{ key: \"k\", path: \"k\" }]'"],
])('fails for %j', (secret, message) => expect(() => secretParts(secret, 'p')).toThrow(message));
