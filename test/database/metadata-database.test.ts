import { AirflowVersion, MetadataDatabase, PostgresProps, SecretRef } from '../../src';
import { chart } from '../util';

const identity = { name: 'af', namespace: 'ns', labels: {}, version: AirflowVersion.V3_3, images: {} };
const password = SecretRef.existing('db', 'password');
const bind = (props: Partial<PostgresProps> = {}) => MetadataDatabase.postgres({ host: 'pg', password, ...props }).bind(chart(), identity);
const env = (props: Partial<PostgresProps> = {}) =>
  Object.fromEntries(bind(props).env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom.secretKeyRef]));

test('a host and a password are enough', () => {
  expect(env()).toEqual({
    METADATA_DB_HOST: 'pg',
    METADATA_DB_PORT: '5432',
    METADATA_DB_NAME: 'airflow',
    METADATA_DB_USER: 'airflow',
    METADATA_DB_PASSWORD: { name: 'db', key: 'password' },
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD: expect.stringContaining('postgresql+psycopg2://'),
  });
  expect(bind().peer).toEqual({ host: 'pg', port: 5432 });
});

test('all props reach the environment', () => {
  const all: Required<PostgresProps> = {
    host: '10.0.0.5', port: 6432, database: 'meta', user: SecretRef.existing('db', 'user'), password, sslMode: 'require', cidrs: ['10.0.0.0/24'],
  };
  expect(env(all)).toEqual({
    METADATA_DB_HOST: '10.0.0.5',
    METADATA_DB_PORT: '6432',
    METADATA_DB_NAME: 'meta',
    METADATA_DB_USER: { name: 'db', key: 'user' },
    METADATA_DB_PASSWORD: { name: 'db', key: 'password' },
    METADATA_DB_SSLMODE: 'require',
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD: expect.stringContaining('?sslmode='),
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC_CMD: expect.stringMatching(/postgresql\+asyncpg:.*\?ssl=/),
  });
  expect(bind(all).peer).toEqual({ host: '10.0.0.5', port: 6432, cidrs: ['10.0.0.0/24'] });
});

test('an address is its own range', () => {
  expect(bind({ host: '10.0.0.5' }).peer.cidrs).toEqual(['10.0.0.5/32']);
  expect(bind({ host: 'fd00::5' }).peer.cidrs).toEqual(['fd00::5/128']);
});

test('the command is one word list without a shell: no single quote inside the quoted program, nothing that Kubernetes expands', () => {
  const command = env({ sslMode: 'require' }).AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD;
  expect(command).toMatch(/^python -c '[^'$\n]+'$/);
});

test.each<[Partial<PostgresProps>, string]>([
  [{ host: 'postgresql://pg/airflow' }, "'host' must be a host name or an address, got 'postgresql://pg/airflow'"],
  [{ port: 0 }, "'port' must be a number from 1 to 65535, got 0"],
  [{ port: 5432.5 }, "'port' must be a number from 1 to 65535, got 5432.5"],
  [{ password: 'secret' as any }, "'password' must be a SecretRef"],
  [{ sslMode: 'on' as any }, "'sslMode' must be one of 'disable', 'allow', 'prefer', 'require', got 'on'"],
  [{ sslMode: 'verify-full' as any }, "got 'verify-full'; to verify the server every pod would need the certificate of its authority"],
])('fails for %j', (props, message) => {
  expect(() => bind(props)).toThrow(message);
});
