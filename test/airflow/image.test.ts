import { AirflowImage } from '../../src';
import { mirrored, resolveImages } from '../../src/airflow/image-catalogue';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test('an image is pulled once and without credentials unless told otherwise', () => {
  expect(AirflowImage.of('apache/airflow:3.3.2')).toMatchObject({ reference: 'apache/airflow:3.3.2', pullPolicy: 'IfNotPresent', pullSecrets: [] });
  expect(AirflowImage.of('r:5000/a:1', { pullPolicy: 'Always', pullSecrets: ['registry'] })).toMatchObject({ pullPolicy: 'Always', pullSecrets: ['registry'] });
});

test.each(['a:1', 'registry.example.com:5000/team/a:1', `a@${DIGEST}`, `a:1@${DIGEST}`])('takes the pinned reference %s', reference => {
  expect(AirflowImage.of(reference).reference).toBe(reference);
});

test.each([
  ['apache/airflow', "the Airflow image 'apache/airflow' is not pinned: it has no tag; add the tag or the digest that you tested"],
  ['localhost:5000/airflow', 'it has no tag'],
  ['apache/airflow:latest', "'latest' moves"],
  ['', "must be a reference such as 'apache/airflow:3.3.2', got \"\""],
  ['apache/airflow: 3', 'got "apache/airflow: 3"'],
])('fails for the reference %p', (reference, message) => {
  expect(() => AirflowImage.of(reference)).toThrow(message);
});

test('fails for an unknown pull policy', () => {
  expect(() => AirflowImage.of('a:1', { pullPolicy: 'Sometimes' as any }))
    .toThrow("'pullPolicy' must be one of 'Always', 'IfNotPresent', 'Never', got 'Sometimes'");
});

test('the catalogue is pinned, and each image can be replaced', () => {
  const defaults = {
    gitSync: 'registry.k8s.io/git-sync/git-sync:v4.4.2',
    xcomSidecar: 'alpine:3.24.2',
    redis: 'redis:7.2.11',
    postgres: 'postgres:17.6',
    statsdExporter: 'quay.io/prometheus/statsd-exporter:v0.28.0',
    pgbouncer: 'apache/airflow:airflow-pgbouncer-2025.03.05-1.23.1',
    pgbouncerExporter: 'apache/airflow:airflow-pgbouncer-exporter-2025.03.05-0.18.0',
  };
  expect(resolveImages()).toEqual(defaults);
  expect(resolveImages({ gitSync: 'r/git-sync:1', redis: undefined })).toEqual({ ...defaults, gitSync: 'r/git-sync:1' });
  expect(() => resolveImages({ gitSync: 'r/git-sync' })).toThrow("'images.gitSync' 'r/git-sync' is not pinned");
});

test.each([
  ['redis:7.2.11', 'redis:7.2.11'],
  ['apache/airflow:3.3.2', 'apache/airflow:3.3.2'],
  ['registry.k8s.io/git-sync/git-sync:v4.4.2', 'git-sync/git-sync:v4.4.2'],
  ['localhost:5000/a:1', 'a:1'],
  ['localhost/a:1', 'a:1'],
])('a mirror has %s under its repository and tag', (reference, there) => {
  expect(mirrored(reference, undefined)).toBe(reference);
  expect(mirrored(reference, 'registry.example.com:5000/mirror')).toBe(`registry.example.com:5000/mirror/${there}`);
});

test('only what is not named comes from the mirror', () => {
  expect(resolveImages({ redis: 'mine/redis:1' }, 'mirror.io')).toMatchObject({ redis: 'mine/redis:1', postgres: 'mirror.io/postgres:17.6' });
});

test.each(['https://mirror.io', 'mirror.io/', '', 'mirror.io/a b'])('fails for the mirror %p', registry => {
  expect(() => resolveImages({}, registry)).toThrow(`'imageRegistry' must be a host, and a path where there is one, such as 'registry.example.com/mirror', got '${registry}'`);
});

test('fails for an image that nothing runs', () => {
  expect(() => resolveImages({ gitsync: 'a:1' } as any)).toThrow("images: unknown prop 'gitsync'; did you mean 'gitSync'?");
});
