import { SecretRef } from '../../src';
import { chart, find, synth } from '../util';

const identity = { name: 'af', namespace: 'ns', labels: { app: 'x' } };

test('an existing Secret is used as it is, and nothing is emitted', () => {
  const scope = chart();
  expect(SecretRef.existing('db', 'password').bind(scope, 'Db', 'database-password', identity)).toEqual({ name: 'db', key: 'password' });
  expect(synth(scope)).toEqual([]);
});

test('an external secret is fetched into a Secret of the deployment', () => {
  const scope = chart();
  const ref = SecretRef.external({ store: 'vault', remoteKey: 'airflow/db' });
  expect(ref.bind(scope, 'Db', 'database-password', identity)).toEqual({ name: 'af-database-password', key: 'database-password' });
  expect(find(synth(scope), 'ExternalSecret')).toEqual({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: 'af-database-password', namespace: 'ns', labels: { app: 'x' } },
    spec: {
      refreshInterval: '1h',
      secretStoreRef: { name: 'vault', kind: 'SecretStore' },
      target: { name: 'af-database-password', creationPolicy: 'Owner' },
      data: [{ secretKey: 'database-password', remoteRef: { key: 'airflow/db', conversionStrategy: 'Default', decodingStrategy: 'None', metadataPolicy: 'None' } }],
    },
  });
});

test('an external secret has a property, an interval and a store for the whole cluster', () => {
  const scope = chart();
  SecretRef.external({ store: 'aws', storeKind: 'ClusterSecretStore', remoteKey: 'k', property: 'p', refreshInterval: '5m' }).bind(scope, 'Db', 'x', identity);
  expect(find(synth(scope), 'ExternalSecret').spec).toMatchObject({
    refreshInterval: '5m', secretStoreRef: { name: 'aws', kind: 'ClusterSecretStore' }, data: [{ remoteRef: { key: 'k', property: 'p' } }],
  });
});

test('a literal is possible only through a call that says unsafe', () => {
  const scope = chart();
  expect(SecretRef.unsafePlainText('dev').bind(scope, 'Db', 'database-password', identity)).toEqual({ name: 'af-database-password', key: 'database-password' });
  expect(find(synth(scope), 'Secret').data).toEqual({ 'database-password': 'ZGV2' });
});

test('fails for what cannot be the name of a Secret, or a key', () => {
  expect(() => SecretRef.existing('My_Secret', 'key')).toThrow("the name of a Secret must be lower-case letters, digits, '-' and '.', got 'My_Secret'");
  expect(() => SecretRef.existing('db', 'a/b')).toThrow("the key of Secret 'db' must be 1 to 253 letters, digits, '-', '_' or '.', got 'a/b'");
  expect(() => SecretRef.external({ store: 's', remoteKey: 'k', storeKind: 'Vault' as any })).toThrow("'storeKind' must be 'SecretStore' or 'ClusterSecretStore', got 'Vault'");
});

test.each<[string, () => unknown, string]>([
  ['no store', () => SecretRef.external({ remoteKey: 'a' } as any), "'store' of SecretRef.external is missing; give the name of a SecretStore"],
  ['no key', () => SecretRef.external({ store: 'vault' } as any), "'remoteKey' of SecretRef.external is missing"],
  ['an unknown option', () => SecretRef.external({ store: 'vault', remoteKey: 'a', key: 'b' } as any), "SecretRef.external: unknown prop 'key'"],
  ['an option of another type', () => SecretRef.external({ store: 'vault', remoteKey: 'a', property: 3 } as any), "'property' must be a text that is not empty, got 3"],
  ['a value that is no text', () => SecretRef.unsafePlainText(undefined as any), 'the value of SecretRef.unsafePlainText must be a text that is not empty'],
])('fails for %s', (_, make, message) => { expect(make).toThrow(message); });
