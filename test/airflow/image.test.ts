import { AirflowImage } from '../../src';
import { resolveImages } from '../../src/airflow/image-catalogue';

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
  ['', "must be a reference such as 'apache/airflow:3.3.2', got ''"],
  ['apache/airflow: 3', "got 'apache/airflow: 3'"],
])('fails for the reference %p', (reference, message) => {
  expect(() => AirflowImage.of(reference)).toThrow(message);
});

test('fails for an unknown pull policy', () => {
  expect(() => AirflowImage.of('a:1', { pullPolicy: 'Sometimes' as any }))
    .toThrow("'pullPolicy' must be one of 'Always', 'IfNotPresent', 'Never', got 'Sometimes'");
});

test('the catalogue is pinned, and each image can be replaced', () => {
  const defaults = { gitSync: 'registry.k8s.io/git-sync/git-sync:v4.4.2', xcomSidecar: 'alpine:3.24.2', redis: 'redis:7.2.11', postgres: 'postgres:17.6' };
  expect(resolveImages()).toEqual(defaults);
  expect(resolveImages({ gitSync: 'r/git-sync:1', redis: undefined })).toEqual({ ...defaults, gitSync: 'r/git-sync:1' });
  expect(() => resolveImages({ gitSync: 'r/git-sync' })).toThrow("'images.gitSync' 'r/git-sync' is not pinned");
});
