import { execFileSync } from 'node:child_process';
import { CeleryBroker, CeleryResultBackend, SecretRef } from '../../src';
import { chart, synth } from '../util';

const identity = { name: 'airflow', namespace: 'ns', labels: {} };
const password = SecretRef.existing('broker', 'password');
const bind = (server: CeleryBroker | CeleryResultBackend) => server._bind(chart(), identity);
const env = (server: CeleryBroker | CeleryResultBackend) => Object.fromEntries(bind(server).parts.env!.map(({ name, value, valueFrom }) =>
  [name, value ?? `${valueFrom.secretKeyRef.name}/${valueFrom.secretKeyRef.key}`]));

/** What the command prints: the tests run without Python, so that its few expressions are looked at as text. */
const command = (server: CeleryBroker | CeleryResultBackend) => Object.entries(env(server)).find(([name]) => name.endsWith('_CMD'))!;

test('Redis in parts', () => {
  expect(env(CeleryBroker.redis({ host: 'redis', password, user: 'airflow', port: 6380, database: 3 }))).toMatchObject({
    CELERY_BROKER_HOST: 'redis', CELERY_BROKER_PORT: '6380', CELERY_BROKER_PATH: '3', CELERY_BROKER_USER: 'airflow', CELERY_BROKER_PASSWORD: 'broker/password',
  });
  expect(Object.keys(env(CeleryBroker.redis({ host: 'redis' })))).toEqual(
    ['CELERY_BROKER_HOST', 'CELERY_BROKER_PORT', 'CELERY_BROKER_PATH', 'AIRFLOW__CELERY__BROKER_URL_CMD']);
  const [name, text] = command(CeleryResultBackend.redis({ host: 'redis', password }));
  expect(name).toBe('AIRFLOW__CELERY__RESULT_BACKEND_CMD');
  expect(text).toContain('os.environ.get("CELERY_RESULT_BACKEND_" + n, "")');
  expect(text).toContain('redis://');
});

test('RabbitMQ in parts, the user from a Secret', () => {
  expect(env(CeleryBroker.rabbitMq({ host: 'mq', password, user: SecretRef.existing('broker', 'user') }))).toMatchObject({
    CELERY_BROKER_PORT: '5672', CELERY_BROKER_PATH: '/', CELERY_BROKER_USER: 'broker/user', CELERY_BROKER_PASSWORD: 'broker/password',
  });
  expect(command(CeleryBroker.rabbitMq({ host: 'mq', password }))[1]).toContain('amqp://');
});

test('a value of the secret store becomes an object that is called after its purpose', () => {
  const scope = chart();
  CeleryBroker.redis({ host: 'redis', password: SecretRef.unsafePlainText('x') })._bind(scope, identity);
  expect(synth(scope).map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual(['Secret/airflow-broker-password']);
});

test('an address is known as a range, a name is not', () => {
  expect(bind(CeleryBroker.redis({ host: '10.0.0.7' })).peer).toEqual({ host: '10.0.0.7', port: 6379, cidrs: ['10.0.0.7/32'] });
  expect(bind(CeleryBroker.redis({ host: 'fd00::7' })).peer.cidrs).toEqual(['fd00::7/128']);
  expect(bind(CeleryBroker.redis({ host: 'redis' })).peer).toEqual({ host: 'redis', port: 6379 });
});

test('the command is split like a shell would, into python, -c and one program without single quotes', () => {
  const text = command(CeleryBroker.redis({ host: 'redis', password }))[1];
  expect(text).toMatch(/^python -c '[^']+'$/);
  // A shell agrees with shlex here.
  expect(execFileSync('sh', ['-c', `set -- ${text}; echo $#`], { encoding: 'utf8' }).trim()).toBe('3');
});

const pem = (key: string) => SecretRef.existing('broker-tls', key);
const files = { sslRootCert: pem('ca.crt'), sslCert: pem('tls.crt'), sslKey: pem('tls.key') };

test('Redis over TLS: the server is verified, by the certificates of the image or of an authority of your own', () => {
  expect(command(CeleryBroker.redis({ host: 'redis', ssl: true }))[1]).toMatch(/"rediss:.* \+ "\?ssl_cert_reqs=required&ssl_check_hostname=true", end=""\)'$/);
  expect(command(CeleryBroker.redis({ host: 'redis', ...files }))[1]).toContain('"?ssl_cert_reqs=required&ssl_check_hostname=true'
    + '&ssl_ca_certs=/etc/celery-broker-tls/ca.crt&ssl_certfile=/etc/celery-broker-tls/tls.crt&ssl_keyfile=/etc/celery-broker-tls/tls.key"');
  expect(bind(CeleryBroker.redis({ host: 'redis', sslRootCert: pem('ca.crt') })).parts.volumes).toEqual([{
    name: 'celery-broker-tls',
    projected: { defaultMode: 0o440, sources: [{ secret: { name: 'broker-tls', items: [{ key: 'ca.crt', path: 'ca.crt' }] } }] },
  }]);
  expect(command(CeleryResultBackend.redis({ host: 'redis', sslRootCert: pem('ca.crt') }))[1]).toContain('ssl_ca_certs=/etc/celery-result-backend-tls/ca.crt');
});

test('RabbitMQ over TLS is told of it by the configuration', () => {
  const bound = bind(CeleryBroker.rabbitMq({ host: 'mq', password, ...files }));
  expect(bound.peer.port).toBe(5671);
  expect(bound.extraConfig).toEqual({
    broker_use_ssl: {
      cert_reqs: 2,
      server_hostname: 'mq',
      ca_certs: '/etc/celery-broker-tls/ca.crt',
      certfile: '/etc/celery-broker-tls/tls.crt',
      keyfile: '/etc/celery-broker-tls/tls.key',
    },
  });
  expect(bind(CeleryBroker.rabbitMq({ host: 'mq', password })).extraConfig).toBeUndefined();
});

test('PostgreSQL for the results, in parts', () => {
  const given = CeleryResultBackend.postgres({ host: 'results', database: 'celery', password, sslMode: 'verify-full', sslRootCert: pem('ca.crt') });
  expect(env(given)).toMatchObject({
    CELERY_RESULT_BACKEND_HOST: 'results', CELERY_RESULT_BACKEND_NAME: 'celery', CELERY_RESULT_BACKEND_PASSWORD: 'broker/password', CELERY_RESULT_BACKEND_SSLMODE: 'verify-full',
  });
  expect(command(given)[1]).toMatch(/"db\+postgresql\+psycopg2:.*&sslrootcert=\/etc\/celery-result-backend-tls\/ca\.crt"/);
});

test.each<[string, () => unknown, string]>([
  ['files without TLS', () => CeleryBroker.redis({ host: 'a', sslCert: password, sslKey: password }), "'sslCert' is for TLS, and 'ssl' is not set; set it to true"],
  ['half a pair', () => CeleryBroker.redis({ host: 'a', ssl: true, sslCert: password }), "'sslCert' needs 'sslKey'"],
  ['TLS on and off', () => CeleryBroker.rabbitMq({ host: 'a', password, ssl: false, sslRootCert: password }), "'sslRootCert' is for TLS, and 'ssl' is false"],
  ['a URL as host', () => CeleryBroker.redis({ host: 'redis://a' }), "'host' must be a host name or an address, got \"redis://a\""],
  ['a bad port', () => CeleryBroker.redis({ host: 'a', port: 0 }), "'port' must be a number from 1 to 65535, got 0"],
  ['a bad database', () => CeleryBroker.redis({ host: 'a', database: -1 }), "'database' must be a whole number of at least 0, got -1"],
  ['a user alone', () => CeleryBroker.redis({ host: 'a', user: 'a' }), "'user' needs a 'password'"],
  ['a literal password', () => CeleryBroker.rabbitMq({ host: 'a', password: 'x' as any }), "'password' must be a SecretRef"],
])('fails for %s', (_, make, message) => {
  expect(make).toThrow(message);
});
