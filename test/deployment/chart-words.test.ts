import { Deployed } from './deploy';
import {
  AirflowAuth, AirflowImage, AirflowKubernetesDeploymentProps, CeleryBroker, DagBundle, Executor, Exposure, GitSyncDags, ImageVolumeDags,
  MetadataDatabase, PersistentVolumeClaimDags, SecretRef, TaskLogs,
} from '../../src';
import { CHART_WORDS } from '../../src/private/chart-words';

const secret = SecretRef.existing('mine', 'key');
const s3 = { accessKeyId: secret, secretAccessKey: secret };
const broker = CeleryBroker.developmentRedis();
const deployed = (props: any) => () => new Deployed(props as AirflowKubernetesDeploymentProps);
const pool = (props: any) => () => Executor.celery({ broker, workers: [props] });

// What people of the official chart write, in our places.
test.each<[string, () => unknown, string]>([
  ['statsd', deployed({ statsd: { enabled: true } }), "props: unknown prop 'statsd'; write monitoring: { statsd: {} }"],
  ['volumes', deployed({ volumes: [] }), "unknown prop 'volumes'; write it into 'podDefaults'"],
  ['scheduler.extraVolumes', deployed({ scheduler: { extraVolumes: [] } }), "scheduler: unknown prop 'extraVolumes'; write 'volumes'"],
  ['scheduler.podDisruptionBudget', deployed({ scheduler: { podDisruptionBudget: { enabled: true } } }), "scheduler.podDisruptionBudget: unknown prop 'enabled'; what is given is there"],
  ['podDisruptionBudget.config', deployed({ scheduler: { podDisruptionBudget: { config: { maxUnavailable: 1 } } } }), 'write what is in it: podDisruptionBudget: { maxUnavailable: 1 }'],
  ['databaseCleanup.restartPolicy', deployed({ databaseCleanup: { restartPolicy: 'OnFailure' } }),
    "databaseCleanup: unknown prop 'restartPolicy'; it is Never, and the Job makes another pod; write podOverride: { spec: { restartPolicy: 'OnFailure' } } for another one"],
  ['apiServer.hpa', deployed({ apiServer: { hpa: {} } }), "apiServer: unknown prop 'hpa'; write 'autoscaling'"],
  ['hpa.minReplicaCount', deployed({ apiServer: { autoscaling: { minReplicaCount: 1, maxReplicas: 2 } } }), "apiServer.autoscaling: unknown prop 'minReplicaCount'; write 'minReplicas'"],
  ['triggerer.keda', deployed({ triggerer: { keda: { enabled: true } } }), "triggerer.keda: unknown prop 'enabled'; what is given is there"],
  ['triggerer.persistence', deployed({ triggerer: { persistence: { enabled: true, size: '1Gi' } } }), "triggerer.persistence: unknown prop 'enabled'; what is given is there; write 'size'"],
  ['workers.celery', deployed({ workers: { celery: {} } }), "workers: unknown prop 'celery'; write executor: Executor.celery({ broker, workers: [{ … }] })"],
  ['workers.replicas', deployed({ workers: { replicas: 3 } }), "workers: unknown prop 'replicas'; it is of Celery workers: write executor: Executor.celery("],
  ['workers of Celery', deployed({ executor: Executor.celery({ broker }), workers: { resources: {} } }), "'workers' are the pods of KubernetesExecutor, the executor is CeleryExecutor; those of Celery are an argument of it"],
  ['workers.celery.keda', pool({ keda: { minReplicaCount: 1, maxReplicas: 2 } }), "workers[0].keda: unknown prop 'minReplicaCount'; write 'minReplicas'"],
  ['workers.celery.hpa', pool({ autoscaling: { maxReplicaCount: 2 } }), "workers[0].autoscaling: unknown prop 'maxReplicaCount'; write 'maxReplicas'"],
  ['workers.celery.queue', pool({ queue: 'a' }), "workers[0]: unknown prop 'queue'; write 'queues'"],
  ['pgbouncer.ssl', deployed({ pgbouncer: { ssl: {} } }), "pgbouncer: unknown prop 'ssl'; write 'sslRootCert', 'sslCert' and 'sslKey' of 'database'"],
  ['pgbouncer.logConnections', deployed({ pgbouncer: { logConnections: 1 } }), "unknown prop 'logConnections'; write extraIni: { log_connections: 1 }"],
  ['flower.username', deployed({ executor: Executor.celery({ broker }), flower: { username: 'a' } }), "flower: unknown prop 'username'; write 'basicAuth'"],
  ['images.statsd', deployed({ images: { statsd: {} } }), "images: unknown prop 'statsd'; write 'statsdExporter'"],
  ['images.airflow', () => AirflowImage.of('a:1', { repository: 'x' } as any), "AirflowImage.of: unknown prop 'repository'"],
  ['limits', deployed({ limitRanges: [{ default: { cpu: 1 } }] }), "write 'defaultLimit'"],
  ['ingress.apiServer.tls, for a Gateway', () => Exposure.httpRoute({ host: 'a.example.com', gateways: [{ name: 'public' }], tls: { enabled: true } } as any),
    "Exposure.httpRoute: unknown prop 'tls'; the certificate is the Gateway listener's; write 'https: false' where that has none"],
  ['data.metadataConnection', () => MetadataDatabase.postgres({ host: 'a', pass: 'b' } as any), "MetadataDatabase.postgres: unknown prop 'pass'; write 'password', a SecretRef"],
  ['postgresql', () => MetadataDatabase.developmentPostgres({ password: secret, primary: {} } as any), "MetadataDatabase.developmentPostgres: unknown prop 'primary'"],
  ['data.brokerUrl', () => CeleryBroker.redis({ url: 'redis://x' } as any), "CeleryBroker.redis: unknown prop 'url'; write its parts"],
  ['a broker', () => CeleryBroker.rabbitMq({ host: 'a', password: secret, vhost: 'b' } as any), "CeleryBroker.rabbitMq: unknown prop 'vhost'"],
  ['ingress.hosts', () => Exposure.ingress({ hosts: ['a'] } as any), "Exposure.ingress: unknown prop 'hosts'; write 'host'"],
  ['ingress.ingressClassName', () => Exposure.ingress({ host: 'a', ingressClassName: 'nginx' } as any), "unknown prop 'ingressClassName'; write 'className'"],
  ['httpRoute', () => Exposure.httpRoute({ hostnames: ['a'] } as any), "Exposure.httpRoute: unknown prop 'hostnames'; write 'host'"],
  ['httpRoute.parentRefs', () => Exposure.httpRoute({ host: 'a', gateways: [{ name: 'g', kind: 'Gateway' }] } as any), "gateways[0]: unknown prop 'kind'"],
  ['a Route', () => Exposure.openShiftRoute({ host: 'a', hosts: [] } as any), "Exposure.openShiftRoute: unknown prop 'hosts'"],
  ['service.type', () => Exposure.loadBalancer({ baseUrl: 'https://a', loadBalancerSourceRanges: [] } as any), "Exposure.loadBalancer: unknown prop 'loadBalancerSourceRanges'; write 'sourceRanges'"],
  ['a prop of the other Service', () => Exposure.nodePort({ baseUrl: 'https://a', sourceRanges: [] } as any), "Exposure.nodePort: unknown prop 'sourceRanges'"],
  ['dags.gitSync.branch', () => new GitSyncDags({ repo: 'https://a/b', branch: 'main' } as any), "GitSyncDags: unknown prop 'branch'; write 'ref'"],
  ['dags.gitSync.wait', () => new GitSyncDags({ repo: 'https://a/b', wait: 5 } as any), "unknown prop 'wait'; write 'periodSeconds'"],
  ['dags.persistence', () => new PersistentVolumeClaimDags({ existingClaim: 'a' } as any), "PersistentVolumeClaimDags: unknown prop 'existingClaim'; write 'claimName'"],
  ['an image of DAGs', () => new ImageVolumeDags({ image: 'a:1' } as any), "ImageVolumeDags: unknown prop 'image'"],
  ['kwargs of a bundle', () => DagBundle.git({ name: 'a', repo: 'https://a/b', tracking_ref: 'main' } as any), "DagBundle.git: unknown prop 'tracking_ref'; write 'ref'"],
  ['config.logging', () => TaskLogs.s3({ remote_base_log_folder: 's3://a' } as any), "TaskLogs.s3: unknown prop 'remote_base_log_folder'; write its parts"],
  ['a key of S3', () => TaskLogs.s3({ bucket: 'a', credentials: { ...s3, sessionToken: secret } as any }), "credentials: unknown prop 'sessionToken'"],
  ['CloudWatch', () => TaskLogs.cloudWatch({ arn: 'a' } as any), "TaskLogs.cloudWatch: unknown prop 'arn'"],
  ['GCS', () => TaskLogs.gcs({ bucketName: 'a' } as any), "TaskLogs.gcs: unknown prop 'bucketName'; write 'bucket'"],
  ['WASB', () => TaskLogs.wasb({ accountName: 'a' } as any), "TaskLogs.wasb: unknown prop 'accountName'; did you mean 'account'?"],
  ['elasticsearch', () => TaskLogs.elasticsearch({ secretName: 'a' } as any), "TaskLogs.elasticsearch: unknown prop 'secretName'; write a SecretRef"],
  ['opensearch', () => TaskLogs.openSearch({ connection: {} } as any), "TaskLogs.openSearch: unknown prop 'connection'; write 'host'"],
  ['logs.persistence', () => TaskLogs.persistentVolumeClaim({ existingClaim: 'a' } as any), "TaskLogs.persistentVolumeClaim: unknown prop 'existingClaim'; write 'claimName'"],
  ['simple auth', deployed({ auth: AirflowAuth.simple({ user: 'a' } as any) }), "AirflowAuth.simple: unknown prop 'user'; did you mean 'users'?"],
  ['Keycloak', deployed({ auth: AirflowAuth.keycloak({ url: 'https://a' } as any) }), "AirflowAuth.keycloak: unknown prop 'url'"],
  ['a secret of Keycloak as text', deployed({ auth: AirflowAuth.keycloak({ serverUrl: 'https://a', realm: 'a', clientId: 'a', clientSecret: 'a' as any }) }), "'clientSecret' must be a SecretRef"],
])('says what to write instead of %s', (_, make, message) => { expect(make).toThrow(message); });

test('each word is of a struct that is checked', () => {
  for (const [type, words] of Object.entries(CHART_WORDS)) {
    expect(type).toMatch(/^[A-Z]\w+(Props|Pool|Scaling|Autoscaling|Persistence|Catalogue|Spec)$/);
    Object.values(words).forEach(text => expect(text).toMatch(/^[a-zIKFR'].*[^.]$/));
  }
});
