import { AirflowVersion, MetadataDatabase, PostgresProps, SecretRef } from '../../src';
import { chart } from '../util';

const identity = { name: 'af', namespace: 'ns', labels: {}, version: AirflowVersion.V3_3, images: {} };
const password = SecretRef.existing('db', 'password');
const ca = SecretRef.existing('db', 'ca.crt');
const verified = { sslMode: 'verify-full', sslRootCert: ca } as const;
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
    host: '10.0.0.5',
    port: 6432,
    database: 'meta',
    user: SecretRef.existing('db', 'user'),
    password,
    sslMode: 'verify-full',
    sslRootCert: SecretRef.existing('ca', 'ca.pem'),
    sslCert: SecretRef.existing('client', 'tls.crt'),
    sslKey: SecretRef.existing('client', 'tls.key'),
    cidrs: ['10.0.0.0/24'],
    maxConnections: 100,
  };
  expect(env(all)).toEqual({
    METADATA_DB_HOST: '10.0.0.5',
    METADATA_DB_PORT: '6432',
    METADATA_DB_NAME: 'meta',
    METADATA_DB_USER: { name: 'db', key: 'user' },
    METADATA_DB_PASSWORD: { name: 'db', key: 'password' },
    METADATA_DB_SSLMODE: 'verify-full',
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD: expect.stringContaining(
      '"?sslmode=" + s + "&sslrootcert=/etc/database-tls/ca.crt&sslcert=/etc/database-tls/tls.crt&sslkey=/etc/database-tls/tls.key"'),
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC_CMD: expect.stringMatching(
      /postgresql\+asyncpg:.*"\?dsn=postgresql%3A%2F%2F%3Fsslmode%3D" \+ s \+ "%26sslrootcert%3D%2Fetc%2Fdatabase-tls%2Fca\.crt%26sslcert%3D/),
  });
  expect(bind(all).peer).toEqual({ host: '10.0.0.5', port: 6432, cidrs: ['10.0.0.0/24'] });
  expect(bind(all).volumeMounts).toEqual([{ name: 'database-tls', mountPath: '/etc/database-tls', readOnly: true }]);
  expect(bind(all).volumes).toEqual([{
    name: 'database-tls',
    projected: {
      // libpq refuses a key that everybody may read.
      defaultMode: 0o440,
      sources: [
        { secret: { name: 'ca', items: [{ key: 'ca.pem', path: 'ca.crt' }] } },
        { secret: { name: 'client', items: [{ key: 'tls.crt', path: 'tls.crt' }] } },
        { secret: { name: 'client', items: [{ key: 'tls.key', path: 'tls.key' }] } },
      ],
    },
  }]);
});

test('without files there is no volume, and asyncpg hears of TLS by its own word', () => {
  expect(bind({ sslMode: 'require' })).not.toHaveProperty('volumes');
  expect(env({ sslMode: 'require' }).AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC_CMD).toContain('("?ssl=" + s if s else "")');
});

test.each(['2.11.2', '3.0.6'])('Airflow %s does not ask for a second driver', version => {
  const { env: variables } = MetadataDatabase.postgres({ host: 'pg', password, sslMode: 'require' }).bind(chart(), { ...identity, version: AirflowVersion.of(version) });
  expect(variables.map(({ name }) => name)).not.toContain('AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC_CMD');
});

test('a client that the server knows by its certificate needs no password', () => {
  const { password: _, ...rest } = { ...verified, password };
  const bound = MetadataDatabase.postgres({ host: 'pg', ...rest, sslCert: ca, sslKey: ca }).bind(chart(), identity);
  expect(bound.env.map(({ name }) => name)).not.toContain('METADATA_DB_PASSWORD');
  expect(bound.keda).toBeUndefined();
});

test('KEDA, which can be given no authority, encrypts without verifying', () => {
  expect(bind(verified).keda!.metadata.sslmode).toBe('require');
  expect(bind({ sslMode: 'disable' }).keda!.metadata.sslmode).toBe('disable');
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
  [{ host: 'postgresql://pg/airflow' }, "'host' must be a host name or an address, got \"postgresql://pg/airflow\""],
  [{ host: SecretRef.existing('db', 'connection') as any }, "'host' must be a host name or an address, got a SecretRef; port, user and database are props of their own"],
  [{ port: 0 }, "'port' must be a number from 1 to 65535, got 0"],
  [{ port: 5432.5 }, "'port' must be a number from 1 to 65535, got 5432.5"],
  [{ password: 'secret' as any }, "'password' must be a SecretRef"],
  [{ sslMode: 'on' as any }, "'sslMode' must be one of 'disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', got 'on'"],
  [{ sslMode: 'verify-full' }, "'sslMode' 'verify-full' needs 'sslRootCert', the certificates of the server's authority"],
  [{ sslRootCert: ca }, "'sslRootCert' verifies the server in the modes 'verify-ca' and 'verify-full', got 'sslMode' 'prefer'; set 'verify-full'"],
  [{ ...verified, sslRootCert: 'PEM' as any }, "'sslRootCert' must be a SecretRef"],
  [{ ...verified, sslCert: ca }, "'sslCert' needs 'sslKey'"],
  [{ ...verified, sslKey: ca }, "'sslKey' needs 'sslCert'"],
  [{ sslCert: ca, sslKey: ca }, "'sslCert' needs TLS in any case, got 'sslMode' 'prefer'; set 'verify-full', or 'require'"],
  [{ password: undefined }, "'password' must be a SecretRef"],
])('fails for %j', (props, message) => {
  expect(() => bind(props)).toThrow(message);
});

test.each(['pg', 'pg.databases.svc.cluster.local.', 'my_db.internal', '_pg._tcp.internal', '10.0.0.1', '::1', 'fd00::1', 'DB-1.Example.com'])('a host: %s', host => {
  expect(() => MetadataDatabase.postgres({ host, password: SecretRef.existing('db', 'password') })).not.toThrow();
});

test.each(['', 'pg:5432', 'a..b', '-pg', 'pg-', '10.0.0.256', 'fd00::1::2', '[::1]', `${'a'.repeat(64)}.b`, '.pg'])('no host: %s', host => {
  expect(() => MetadataDatabase.postgres({ host, password: SecretRef.existing('db', 'password') })).toThrow("'host' must be a host name or an address, got " + JSON.stringify(host));
});
