import { Deployed, dags, podOf, SHAPES } from './deploy';
import { AirflowImage, AirflowKubernetesDeploymentProps, AirflowVersion, CeleryBroker, Executor, MetadataDatabase, SecretRef } from '../../src';

type Props = Partial<AirflowKubernetesDeploymentProps>;
const password = SecretRef.existing('mine', 'password');
const MIRROR = 'registry.example.com/mirror';

const shapes: [string, () => Props][] = [
  ...SHAPES,
  ['development: Redis, Postgres, launched pods', () => ({
    database: MetadataDatabase.developmentPostgres({ password }),
    executor: Executor.multiple([Executor.celery({ broker: CeleryBroker.developmentRedis() }), Executor.kubernetes()]),
    dags: dags(),
    podLaunching: {},
    monitoring: { statsd: {} },
  })],
  ['PgBouncer with its exporter', () => ({ pgbouncer: { metricsExporter: true } })],
  ['2.11, Celery', () => ({ version: AirflowVersion.V2_11, executor: Executor.celery({ broker: CeleryBroker.developmentRedis() }), dags: dags() })],
];

/** Every image that the manifests name anywhere, in task pods and in connections, too. */
function images({ objects, pods }: Deployed): string[] {
  const found: string[] = [];
  const visit = (value: any, key: string): void => {
    if (typeof value === 'string') {
      if (/(^|_)image$/.test(key)) { found.push(value); }
      if (/^[{[]/.test(value)) { try { visit(JSON.parse(value), ''); } catch { /* no JSON */ } }
    } else if (value && typeof value === 'object') {
      Object.entries(value).forEach(([name, item]) => visit(item, name));
    }
  };
  [...objects, ...Object.values(pods)].forEach(object => visit(object, ''));
  return [...new Set(found)];
}

describe.each(shapes)('%s', (_, props) => {
  test('every image comes from the mirror', () => {
    const all = images(new Deployed({ ...props(), imageRegistry: MIRROR }));
    expect(all.length).toBeGreaterThan(0);
    expect(all.filter(image => !image.startsWith(`${MIRROR}/`))).toEqual([]);
  });

  test('every pod has the credentials', () => {
    const { objects, pods } = new Deployed({ ...props(), imagePullSecrets: ['mirror'] });
    const all = [...Object.values(pods), ...objects.map(podOf).filter(Boolean)];
    expect(all.filter(pod => JSON.stringify(pod.spec.imagePullSecrets) !== '[{"name":"mirror"}]').map(pod => pod.metadata.labels)).toEqual([]);
  });
});

test('the test sees images of every kind', () => {
  const deployed = new Deployed({ ...shapes[SHAPES.length][1](), imageRegistry: MIRROR });
  expect(images(deployed).sort()).toEqual([
    'alpine:3.24.2', 'apache/airflow:3.3.2', 'git-sync/git-sync:v4.4.2', 'postgres:17.6', 'prometheus/statsd-exporter:v0.28.0', 'redis:7.2.11',
  ].map(image => `${MIRROR}/${image}`));
  expect(images(new Deployed({ imageRegistry: MIRROR, podLaunching: {} }))).toContain(`${MIRROR}/alpine:3.24.2`);
});

test('images that were named stay as they are', () => {
  const deployed = new Deployed({ image: AirflowImage.of('mine/airflow:1'), images: { gitSync: 'mine/git-sync:1' }, dags: dags(), imageRegistry: MIRROR });
  expect(images(deployed).sort()).toEqual(['mine/airflow:1', 'mine/git-sync:1']);
});

test('credentials of the image and of the deployment are both there, each once', () => {
  const image = AirflowImage.of('mine/airflow:1', { pullSecrets: ['mine', 'mirror'] });
  const executor = Executor.celery({ broker: CeleryBroker.developmentRedis(), workers: [{ image: AirflowImage.of('gpu:1', { pullSecrets: ['gpu'] }) }] });
  const { pods } = new Deployed({ image, executor, imagePullSecrets: ['mirror', 'mirror'] });
  const secrets = (component: string) => pods[component].spec.imagePullSecrets.map(({ name }: any) => name);
  expect(secrets('scheduler')).toEqual(['mine', 'mirror']);
  expect(secrets('celery-worker')).toEqual(['gpu', 'mirror']);
  expect(secrets('redis')).toEqual(['mirror']);
});

test('fails for credentials that no Secret can hold', () => {
  expect(() => new Deployed({ imagePullSecrets: ['ok', 'No'] })).toThrow("'imagePullSecrets[1]' must be the name of a Secret");
});
