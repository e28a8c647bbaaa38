import { dags, Deployed, podOf } from './deploy';
import {
  AirflowImage, AirflowKubernetesDeploymentProps, AirflowVersion, CeleryBroker, CeleryResultBackend, DagBundle, DagBundles, Executor, Exposure,
  GitSyncDags, MetadataDatabase, PersistentVolumeClaimDags, SecretRef, TaskLogs, WorkerPool,
} from '../../src';
import { violations } from '../../src/testing';

const secret = SecretRef.existing('mine', 'key');
const redis = { host: 'redis', password: secret };
const celery = (workers: WorkerPool[] = [{}]) =>
  Executor.celery({ broker: CeleryBroker.redis(redis), resultBackend: CeleryResultBackend.redis(redis), workers });
const V2 = AirflowVersion.V2_11;
type Props = Partial<AirflowKubernetesDeploymentProps>;

const containersOf = (pod: any): any[] => [...pod.spec.initContainers ?? [], ...pod.spec.containers];
const namesOf = (deployed: Deployed, kind: string) => deployed.objects.filter(object => object.kind === kind).map(({ metadata }) => metadata.name);
const ini = (props: Props) => new Deployed({ pgbouncer: {}, ...props }).find('ConfigMap', 'airflow-pgbouncer').data['pgbouncer.ini'];
const external = ['Secret/db', 'Secret/mine'];

// Numbers are those of docs/DEVIATIONS-deployment.md, as in conformance.test.ts.
describe('defects of the official chart that are not ours, of parts that are off by default', () => {
  test('10: the name by which Airflow finds PgBouncer is that of its Service', () => {
    const deployed = new Deployed({ pgbouncer: {}, releaseName: 'af' });
    expect(namesOf(deployed, 'Service')).toContain(deployed.env('scheduler').METADATA_DB_HOST);
    expect(violations(deployed.objects, { external, only: ['network-flows'] })).toEqual([]);
  });

  test('15: PgBouncer logs in with the Secret of the database, and nothing goes around it', () => {
    const deployed = new Deployed({ pgbouncer: {} });
    expect(JSON.stringify(podOf(deployed.workload('pgbouncer')))).toContain('"secretKeyRef":{"key":"password","name":"db"}');
    const hosts = Object.values(deployed.pods).flatMap(containersOf).flatMap(({ env = [] }) => env).filter(({ name }) => name === 'METADATA_DB_HOST');
    expect(new Set(hosts.map(({ value }) => value))).toEqual(new Set(['airflow-pgbouncer']));
  });

  test('16: PgBouncer has the time that its hook takes', () => {
    expect(violations(new Deployed({ pgbouncer: {} }).objects, { only: ['probe-times'] })).toEqual([]);
    const { spec } = podOf(new Deployed({ pgbouncer: {} }).workload('pgbouncer'));
    const seconds = [...spec.containers[0].lifecycle.preStop.exec.command.join(' ').matchAll(/sleep (\d+)/g)].reduce((sum, [, text]) => sum + Number(text), 0);
    expect(seconds).toBeLessThan(spec.terminationGracePeriodSeconds ?? 30);
  });

  test('26: a result backend on MySQL hears nothing of `sslmode`, and KEDA gets the parts of MySQL instead of a URL', () => {
    const password = SecretRef.existing('db', 'password');
    const resultBackend = CeleryResultBackend.mySql({ host: 'results', password });
    const executor = Executor.celery({ broker: CeleryBroker.developmentRedis(), resultBackend, workers: [{ keda: { maxReplicas: 2 } }] });
    const deployed = new Deployed({ executor, database: MetadataDatabase.mySql({ host: 'mysql', password }) });
    expect(deployed.env('celery-worker').AIRFLOW__CELERY__RESULT_BACKEND_CMD).not.toMatch(/sslmode/i);
    expect(deployed.find('ScaledObject').spec.triggers[0].metadata).toMatchObject({ host: 'mysql.ns.svc', dbName: 'airflow', username: 'airflow' });
  });
});

describe('behaviours of the official chart that are ours, too, of parts that are off by default', () => {
  test('4: without StatsD there is nothing of it', () => {
    const of = (props: Props) => new Deployed(props).objects.filter(({ metadata }) => metadata.name === 'airflow-statsd').map(({ kind }) => kind).sort();
    expect(of({})).toEqual([]);
    expect(of({ monitoring: { statsd: {} } })).toEqual(expect.arrayContaining(['Deployment', 'Service', 'ServiceAccount']));
    expect(new Deployed().config['metrics.statsd_on'] ?? 'False').toBe('False');
    expect(new Deployed({ monitoring: { statsd: {} } }).config['metrics.statsd_on']).toBe('True');
  });

  test('5: one executor, a list, aliases; what is none is refused', () => {
    const name = (executor: Executor) => new Deployed({ executor }).config['core.executor'];
    expect(name(Executor.local())).toBe('LocalExecutor');
    expect(name(Executor.multiple([celery(), Executor.kubernetes()]))).toBe('CeleryExecutor,KubernetesExecutor');
    expect(name(Executor.multiple([celery(), Executor.kubernetes().withAlias('pods')]))).toContain('pods:airflow.providers');
    expect(() => new Deployed({ executor: 'LocalExecutor' as any })).toThrow();
    expect(() => Executor.celery({} as any)).toThrow("'broker' is missing");
  });

  test('7: a namespace may begin with a digit', () => {
    for (const namespace of ['123', '123-abc']) {
      expect(violations(new Deployed({ namespace }).objects, { external, only: ['valid-names', 'accounts-exist', 'selectors-match'] })).toEqual([]);
    }
  });

  test('8: a pull policy that does not exist is refused', () => {
    expect(() => AirflowImage.of('a:1', { pullPolicy: 'Sometimes' as any })).toThrow("got 'Sometimes'");
  });

  test('12: the claims of a scheduler with LocalExecutor have the size, class and retention that were said', () => {
    const { spec } = new Deployed({
      executor: Executor.local(),
      scheduler: { persistence: { size: '5Gi', storageClassName: 'fast', persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } } },
    }).workload('scheduler');
    expect(spec.volumeClaimTemplates[0].spec).toMatchObject({ storageClassName: 'fast', resources: { requests: { storage: '5Gi' } } });
    expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({ whenScaled: 'Delete' });
  });

  test('24: the triggerer is a StatefulSet, so that each pod has a name of its own for its log files', () => {
    expect(new Deployed().workload('triggerer')).toMatchObject({ kind: 'StatefulSet', spec: { replicas: 1, serviceName: 'airflow-triggerer' } });
  });

  test('25: KEDA divides the triggers by the capacity of a triggerer, whatever its key is called', () => {
    const query = (props: Props) => new Deployed({ triggerer: { keda: { maxReplicas: 2 } }, ...props }).find('ScaledObject').spec.triggers[0].metadata.query;
    expect(query({ config: { triggerer: { capacity: 7 } } })).toBe('SELECT ceil(COUNT(*)::decimal / 7) FROM trigger');
    expect(query({ version: AirflowVersion.V2_11, config: { triggerer: { default_capacity: 7 } } })).toBe('SELECT ceil(COUNT(*)::decimal / 7) FROM trigger');
  });

  test('26: a scaler has the kind of the workload that it scales', () => {
    const deployed = new Deployed({ executor: celery([{ autoscaling: { maxReplicas: 2 } }, { name: 'k', keda: { maxReplicas: 2 } }]) });
    expect(deployed.find('HorizontalPodAutoscaler').spec.scaleTargetRef).toMatchObject({ kind: 'StatefulSet', name: 'airflow-celery-worker' });
    expect(deployed.find('ScaledObject').spec.scaleTargetRef).toMatchObject({ kind: 'StatefulSet', name: 'airflow-celery-worker-k' });
    expect(violations(deployed.objects, { external, only: ['selectors-match'] })).toEqual([]);
  });

  test('27, 28: each pool has its own values, and there is no pool that nobody named', () => {
    const deployed = new Deployed({ executor: celery([{ name: 'a', replicas: 3 }, { name: 'b', nodeSelector: { gpu: 'true' } }]) });
    expect(deployed.workload('celery-worker-a').spec.replicas).toBe(3);
    expect(deployed.workload('celery-worker-b').spec.replicas).toBe(1);
    expect(deployed.pods['celery-worker-a'].spec.nodeSelector).toBeUndefined();
    expect(deployed.pods['celery-worker-b'].spec.nodeSelector).toEqual({ gpu: 'true' });
    expect(namesOf(deployed, 'StatefulSet')).not.toContain('airflow-celery-worker');
  });

  test('29: the objects of a pool end with its name, and select its pods alone', () => {
    const deployed = new Deployed({ executor: celery([{}, { name: 'gpu', keda: { maxReplicas: 2 } }]) });
    const kinds = deployed.objects.filter(({ metadata }) => metadata.name === 'airflow-celery-worker-gpu').map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['StatefulSet', 'Service', 'ServiceAccount', 'ScaledObject', 'NetworkPolicy', 'PodDisruptionBudget']));
    expect(deployed.find('Service', 'airflow-celery-worker-gpu').spec.selector['app.kubernetes.io/component']).toBe('celery-worker-gpu');
  });

  test('31: one scaler for a pool, and then no number of pods', () => {
    expect(() => new Deployed({ executor: celery([{ keda: { maxReplicas: 2 }, autoscaling: { maxReplicas: 2 } }]) })).toThrow("'workers.autoscaling'");
    expect(new Deployed({ executor: celery([{ keda: { maxReplicas: 2 } }]) }).workload('celery-worker').spec).not.toHaveProperty('replicas');
  });

  test('32: KEDA counts the tasks of the queues of a pool, and divides by what one worker runs', () => {
    const pool = { queues: ['a', 'b'], concurrency: 4, keda: { maxReplicas: 2 } };
    expect(new Deployed({ executor: celery([pool]) }).find('ScaledObject').spec.triggers[0].metadata.query)
      .toBe("SELECT ceil(COUNT(*)::decimal / 4) FROM task_instance WHERE state IN ('queued', 'running') AND queue IN ('a', 'b')");
  });

  test('33: KEDA asks the database itself, past PgBouncer', () => {
    const deployed = new Deployed({ pgbouncer: {}, executor: celery([{ keda: { maxReplicas: 2 } }]) });
    expect(deployed.find('ScaledObject').spec.triggers[0].metadata.host).toBe('pg.ns.svc');
    expect(JSON.stringify(deployed.pods)).not.toContain('KEDA_DB_CONN');
  });

  test('37: log files are groomed beside those who write them, after the days and minutes that were said', () => {
    const groomers = (props: Props) => Object.entries(new Deployed(props).pods)
      .filter(([, pod]) => containersOf(pod).some(({ name }) => name === 'log-groomer')).map(([component]) => component);
    expect(groomers({ executor: celery() })).toEqual(expect.arrayContaining(['triggerer', 'celery-worker', 'dag-processor']));
    expect(groomers({ logFiles: { groomer: false } })).toEqual([]);
    const [, groomer] = new Deployed({ logFiles: { retentionDays: 3, frequencyMinutes: 5 } }).pods.triggerer.spec.containers;
    expect(groomer.env.map(({ value }: any) => value)).toEqual(expect.arrayContaining(['3', '5']));
  });

  test('41: git in a task pod: key and known hosts as files, user and token as variables', () => {
    const sync = (props: object) => new Deployed({ dags: new GitSyncDags(props as any) }).pods.worker.spec.initContainers[0];
    const ssh = sync({ repo: 'git@example.com:dags.git', sshKey: secret, knownHosts: secret });
    expect(ssh.volumeMounts).toContainEqual({ name: 'git-secret', mountPath: '/etc/git-secret', readOnly: true });
    const https = sync({ repo: 'https://example.com/dags.git', username: 'me', token: secret });
    expect(https.env).toEqual(expect.arrayContaining([
      { name: 'GITSYNC_USERNAME', value: 'me' }, { name: 'GITSYNC_PASSWORD', valueFrom: { secretKeyRef: { name: 'mine', key: 'key' } } },
    ]));
  });

  test('42: logs of a task pod are in an emptyDir or on the claim, its DAGs on the claim that was named', () => {
    const volume = (props: Props, name: string) => new Deployed(props).pods.worker.spec.volumes.find((known: any) => known.name === name);
    expect(volume({}, 'logs')).toHaveProperty('emptyDir');
    expect(volume({ logs: TaskLogs.persistentVolumeClaim({ claimName: 'mine' }) }, 'logs').persistentVolumeClaim.claimName).toBe('mine');
    const { pods } = new Deployed({ logs: TaskLogs.persistentVolumeClaim({ claimName: 'mine', subPath: 'airflow/logs' }) });
    for (const component of ['worker', 'triggerer', 'dag-processor', 'api-server']) {
      expect(pods[component].spec.containers[0].volumeMounts).toContainEqual(expect.objectContaining({ mountPath: '/opt/airflow/logs', subPath: 'airflow/logs' }));
    }
    expect(() => TaskLogs.persistentVolumeClaim({ subPath: '/logs' })).toThrow("'subPath' must be a relative folder");
    expect(volume({ dags: new PersistentVolumeClaimDags({ claimName: 'ours' }) }, 'dags').persistentVolumeClaim.claimName).toBe('ours');
  });

  test('46: airflow.cfg follows the switches', () => {
    expect(new Deployed({ monitoring: { statsd: {} } }).config).toMatchObject({ 'metrics.statsd_on': 'True', 'metrics.statsd_port': '9125' });
    const { config } = new Deployed({ logs: TaskLogs.elasticsearch({ host: 'http://es:9200' }) });
    expect(config['logging.remote_logging']).toBe('True');
    expect(Object.keys(new Deployed().config).filter(key => /^(elasticsearch|celery|kerberos)/.test(key))).toEqual([]);
  });

  test('47: the list of DAG bundles is JSON', () => {
    const bundles = new DagBundles(DagBundle.local({ name: 'a', path: '/srv/a' }), DagBundle.git({ name: 'b', repo: 'https://example.com/b.git', ref: 'main' }));
    expect(JSON.parse(new Deployed({ dags: bundles }).config['dag_processor.dag_bundle_config_list']).map(({ name }: any) => name)).toEqual(['a', 'b']);
  });

  test('48: without local settings nothing mounts them', () => {
    const mounted = (props: Props) => Object.values(new Deployed({ databaseCleanup: {}, ...props }).pods).flatMap(containersOf)
      .filter(({ volumeMounts = [] }) => JSON.stringify(volumeMounts).includes('local_settings'));
    expect(mounted({})).toEqual([]);
    expect(mounted({ airflowLocalSettings: 'A = 1\n' }).length).toBeGreaterThan(5);
  });

  test('49: any variable that is there by default can be taken out', () => {
    expect(new Deployed().env('scheduler').AIRFLOW__CORE__FERNET_KEY).toBe('airflow-fernet-key/fernet-key');
    const unset = ['spec.containers[scheduler].env[AIRFLOW__CORE__FERNET_KEY]'];
    expect(new Deployed({ scheduler: { unset } }).env('scheduler')).not.toHaveProperty('AIRFLOW__CORE__FERNET_KEY');
  });

  test('50: the URL of the database has its parts, special characters and the mode of TLS, with and without PgBouncer', () => {
    const database = MetadataDatabase.postgres({ host: 'pg', port: 6000, database: 'a b', user: 'u@v', password: secret, sslMode: 'require' });
    expect(new Deployed({ database }).env('scheduler')).toMatchObject({
      METADATA_DB_HOST: 'pg', METADATA_DB_PORT: '6000', METADATA_DB_NAME: 'a b', METADATA_DB_USER: 'u@v', METADATA_DB_PASSWORD: 'mine/key', METADATA_DB_SSLMODE: 'require',
    });
    expect(new Deployed({ database, pgbouncer: {} }).env('scheduler')).toMatchObject({ METADATA_DB_HOST: 'airflow-pgbouncer', METADATA_DB_PORT: '6543' });
    expect(ini({ database })).toContain("airflow-metadata = host=pg port=6000 dbname='a b'");
    expect(ini({ database })).toContain('server_tls_sslmode = require');
  });

  test('51: there is a result backend where it was given, and under Celery alone', () => {
    const names = (executor: Executor) => Object.keys(new Deployed({ executor }).env('scheduler')).filter(name => name.includes('RESULT_BACKEND'));
    expect(names(Executor.kubernetes())).toEqual([]);
    expect(names(Executor.celery({ broker: CeleryBroker.redis(redis) }))).toEqual([]);
    expect(names(celery())).toContain('AIRFLOW__CELERY__RESULT_BACKEND_CMD');
  });

  test('52: Redis: a password made in the cluster, one that was given, a broker from elsewhere; a literal is refused', () => {
    const broker = (of: CeleryBroker) => new Deployed({ executor: Executor.celery({ broker: of }) });
    expect(broker(CeleryBroker.developmentRedis()).env('redis').REDIS_PASSWORD).toBe('airflow-broker-password/broker-password');
    expect(broker(CeleryBroker.redis(redis)).env('scheduler').CELERY_BROKER_PASSWORD).toBe('mine/key');
    expect(namesOf(broker(CeleryBroker.redis(redis)), 'StatefulSet')).not.toContain('airflow-redis');
    expect(() => CeleryBroker.redis({ host: 'redis', password: 'hunter2' as any })).toThrow("'password' must be a SecretRef");
  });

  test('53: Elasticsearch has a default port, credentials by reference, and never OpenSearch beside it', () => {
    const elasticsearch = new Deployed({ logs: TaskLogs.elasticsearch({ host: secret }) });
    expect(elasticsearch.env('api-server').AIRFLOW__ELASTICSEARCH__HOST).toBe('mine/key');
    expect(JSON.stringify(elasticsearch.find('NetworkPolicy', 'airflow-api-server').spec.egress)).toContain('"port":9200');
    const opensearch = new Deployed({ logs: TaskLogs.openSearch({ host: 'os', username: secret, password: secret }) });
    expect(JSON.stringify(opensearch.env('api-server'))).toContain('mine/key');
    expect(Object.keys(opensearch.config).filter(key => key.startsWith('elasticsearch.'))).toEqual([]);
  });

  test('57: pgbouncer.ini by default and overridden', () => {
    expect(ini({})).toContain('max_client_conn = 100');
    const text = ini({ pgbouncer: { maxClientConn: 7, metadataPoolSize: 3, extraIni: { server_idle_timeout: 300 } } });
    for (const line of ['max_client_conn = 7', 'dbname=airflow pool_size=3', 'server_idle_timeout = 300']) { expect(text).toContain(line); }
  });

  test('59: mappings of StatsD: the default, more, others', () => {
    const mappings = (statsd: object) => JSON.stringify(new Deployed({ monitoring: { statsd } }).objects
      .filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.includes('statsd')).map(({ data }) => data));
    const own = [{ match: 'airflow.mine', name: 'mine' }];
    expect(mappings({ extraMappings: own }).length).toBeGreaterThan(mappings({}).length);
    expect(mappings({ overrideMappings: own }).length).toBeLessThan(mappings({}).length);
  });

  test('60: Flower is there under Celery alone, with a password from a Secret', () => {
    expect(() => new Deployed({ flower: { basicAuth: secret } })).toThrow("'flower'");
    expect(new Deployed({ executor: celery(), flower: { basicAuth: secret } }).env('flower').AIRFLOW__CELERY__FLOWER_BASIC_AUTH).toBe('mine/key');
    expect(new Deployed({ executor: celery() }).airflow.flower).toBeUndefined();
  });

  test('63: Roles follow the executor, and what tasks may do', () => {
    const roles = (props: Props) => namesOf(new Deployed(props), 'Role').filter(name => name !== 'airflow-secret-bootstrap');
    expect(roles({})).toEqual(['airflow-scheduler', 'airflow-api-server']);
    expect(roles({ executor: Executor.local() })).toEqual([]);
    expect(roles({ executor: Executor.local(), podLaunching: {} })).toEqual(['airflow-scheduler']);
    expect(roles({ executor: celery(), podLaunching: { deferrable: true } })).toEqual(expect.arrayContaining(['airflow-triggerer', 'airflow-celery-worker']));
  });

  test('69: an Ingress with a class, a path and TLS; none without', () => {
    const exposure = Exposure.ingress({ host: 'a.example.com', path: '/af', className: 'nginx', tlsSecretName: 'tls' });
    const { spec } = new Deployed({ exposure }).find('Ingress');
    expect(spec).toMatchObject({ ingressClassName: 'nginx', tls: [{ hosts: ['a.example.com'], secretName: 'tls' }], rules: [{ http: { paths: [{ path: '/af' }] } }] });
    expect(namesOf(new Deployed(), 'Ingress')).toEqual([]);
  });

  test('70: every component has a network policy, and what Airflow needs is permitted', () => {
    const deployed = new Deployed({ executor: Executor.multiple([celery(), Executor.kubernetes()]), dags: dags(), version: V2 });
    expect(namesOf(deployed, 'NetworkPolicy').sort()).toEqual(Object.keys(deployed.pods).map(component => `airflow-${component}`).sort());
    expect(violations(deployed.objects, { external, only: ['network-flows'] })).toEqual([]);
  });

  test('73: a quota and priority classes are rendered as given', () => {
    const deployed = new Deployed({ resourceQuota: { hard: { pods: '100' } }, priorityClasses: { high: { value: 1000 } } });
    expect(deployed.find('ResourceQuota').spec.hard).toEqual({ pods: '100' });
    expect(deployed.find('PriorityClass')).toMatchObject({ metadata: { name: 'airflow-high' }, value: 1000 });
  });
});
