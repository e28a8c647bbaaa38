import { Deployed } from './deploy';
import { SecretRef } from '../../src';

const KEYS = ['airflow-fernet-key', 'airflow-jwt-secret', 'airflow-secret-key'];

test('what nobody gave is made in the cluster: Secrets without data, filled by a Job that may touch exactly these', () => {
  const deployed = new Deployed();
  expect(deployed.objects.filter(({ kind }) => kind === 'Secret').map(secret => [secret.metadata.name, secret.data, secret.stringData]))
    .toEqual(KEYS.map(name => [name, undefined, undefined]));
  expect(deployed.find('Role', 'airflow-secret-bootstrap').rules).toEqual([
    { apiGroups: [''], resources: ['secrets'], resourceNames: KEYS, verbs: ['get', 'patch'] },
  ]);
  const { command, args, env } = deployed.container('secret-bootstrap');
  expect(command.slice(0, 3)).toEqual(['python', '-I', '-c']);
  expect(args).toEqual(['airflow-fernet-key/fernet-key/fernet', 'airflow-jwt-secret/jwt-secret/token', 'airflow-secret-key/secret-key/token']);
  expect(env).toBeUndefined();
});

test('the Job makes only what is left', () => {
  const deployed = new Deployed({ fernetKey: SecretRef.existing('mine', 'fernet') });
  expect(deployed.container('secret-bootstrap').args).toEqual(['airflow-jwt-secret/jwt-secret/token', 'airflow-secret-key/secret-key/token']);
  expect(deployed.env('scheduler').AIRFLOW__CORE__FERNET_KEY).toBe('mine/fernet');
});

test('an external secret is emitted once and used where the value is needed', () => {
  const deployed = new Deployed({ jwtSecret: SecretRef.external({ store: 'vault', remoteKey: 'jwt' }) });
  expect(deployed.find('ExternalSecret').metadata.name).toBe('airflow-jwt-secret');
  expect(deployed.env('scheduler').AIRFLOW__API_AUTH__JWT_SECRET).toBe('airflow-jwt-secret/jwt-secret');
});

test('each process gets the secrets that it uses, and no other', () => {
  const deployed = new Deployed();
  const secrets = (component: string) => Object.values(deployed.env(component)).filter(value => /^(airflow-|db\/)/.test(value)).sort();
  const [fernet, jwt, key] = ['airflow-fernet-key/fernet-key', 'airflow-jwt-secret/jwt-secret', 'airflow-secret-key/secret-key'];
  expect(secrets('api-server')).toEqual([fernet, jwt, key, 'db/password']);
  expect(secrets('scheduler')).toEqual([fernet, jwt, 'db/password']);
  expect(secrets('triggerer')).toEqual([fernet, key, 'db/password']);
  expect(secrets('dag-processor')).toEqual([fernet, 'db/password']);
  expect(secrets('migration')).toEqual([fernet, 'db/password']);
  const [wait] = deployed.workload('scheduler').spec.template.spec.initContainers;
  expect(wait.env.map(({ name }: any) => name).filter((name: string) => !/METADATA_DB|SQL_ALCHEMY/.test(name))).toEqual([]);
});
