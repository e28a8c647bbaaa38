import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import {
  AirflowAuth, AirflowKubernetesDeployment, CeleryBroker, CeleryResultBackend, CloudIdentity, DagBundle, DagBundles, Executor, Exposure,
  MetadataDatabase, SecretRef, SecretsBackend, TaskLogs,
} from 'cdk8s-airflow';

// The Secrets are made by the External Secrets operator from the team's store.
const secret = (name: string, key: string) =>
  SecretRef.external({ store: 'airflow', storeKind: 'SecretStore', remoteKey: `airflow/${name}`, property: key });

const labels = { release: 'kube-prometheus-stack' };

/** Airflow 3 with CeleryExecutor on AWS: pools of workers that KEDA scales, PgBouncer, LDAP, Vault, two teams' DAGs, the Gateway API, Prometheus and Argo CD. */
export class CeleryAirflow extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id, { namespace: 'airflow-celery' });
    const role = (name: string) => CloudIdentity.irsa(`arn:aws:iam::111122223333:role/${name}`);
    const redis = { host: 'redis.data.svc', password: secret('redis', 'password') };

    new AirflowKubernetesDeployment(this, 'airflow', {
      delivery: 'argocd',
      database: MetadataDatabase.postgres({
        host: 'airflow.databases.example.com', cidrs: ['10.20.0.0/24'], user: 'airflow', password: secret('database', 'password'), sslMode: 'require',
      }),
      pgbouncer: { maxClientConn: 300, metadataPoolSize: 20 },

      executor: Executor.celery({
        broker: CeleryBroker.redis(redis),
        // Without it the workers, where DAG code runs, would hold the password of the metadata database.
        resultBackend: CeleryResultBackend.redis({ ...redis, database: 1 }),
        workers: [
          { concurrency: 8, keda: { minReplicas: 1, maxReplicas: 10 }, cloudIdentity: role('airflow-workers') },
          {
            name: 'large',
            queues: ['large'],
            concurrency: 1,
            keda: { maxReplicas: 4, cooldownSeconds: 7200 },
            // As long as the longest task of the queue: a worker that is told to end finishes what it has.
            terminationGracePeriodSeconds: 7200,
            resources: { requests: { cpu: '2', memory: '16Gi' }, limits: { memory: '16Gi' } },
            nodeSelector: { 'node.kubernetes.io/instance-type': 'r6i.2xlarge' },
            tolerations: [{ key: 'dedicated', value: 'large', effect: 'NoSchedule' }],
            cloudIdentity: role('airflow-workers'),
          },
        ],
      }),
      flower: { basicAuth: secret('flower', 'basicAuth') },

      // Each team's files are parsed by a process of its own.
      dags: new DagBundles(
        DagBundle.git({ name: 'core', repo: 'https://git.example.com/data/core.git', ref: 'main' }),
        DagBundle.git({ name: 'science', repo: 'https://git.example.com/science/dags.git', ref: 'main', subPath: 'dags' }),
      ),
      dagProcessors: [{ name: 'core', bundles: ['core'], replicas: 2 }, { name: 'science', bundles: ['science'] }],

      logs: TaskLogs.s3({ bucket: 'example-airflow', region: 'eu-central-1' }),
      secretsBackend: SecretsBackend.vault({ url: 'https://vault.example.com:8200', mountPoint: 'airflow', kubernetesRole: 'airflow', cidrs: ['10.20.1.0/24'] }),
      objects: {
        pools: { warehouse: { slots: 8, description: 'connections of the warehouse' } },
        variables: { environment: 'production' },
      },

      auth: AirflowAuth.fab({
        ldap: {
          server: 'ldaps://ldap.example.com',
          search: 'ou=people,dc=example,dc=com',
          bindUser: 'cn=airflow,dc=example,dc=com',
          bindPassword: secret('ldap', 'password'),
          uidField: 'uid',
        },
        roleMapping: { 'cn=data,ou=groups,dc=example,dc=com': ['User'], 'cn=platform,ou=groups,dc=example,dc=com': ['Admin'] },
        cidrs: ['10.20.2.0/24'],
      }),
      exposure: Exposure.httpRoute({ host: 'airflow.example.com', gateways: [{ name: 'public', namespace: 'gateways' }] }),
      networkPolicies: { exposedTo: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'gateways' } } }] },

      monitoring: {
        statsd: { scrapedFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }] },
        serviceMonitor: { labels },
        prometheusRule: { labels },
        grafanaDashboard: {},
      },

      scheduler: { replicas: 2 },
      apiServer: { autoscaling: { minReplicas: 2, maxReplicas: 5 }, cloudIdentity: role('airflow-logs-reader') },
      triggerer: { keda: { maxReplicas: 3 }, cloudIdentity: role('airflow-workers') },
    });
  }
}

if (require.main === module) {
  const app = new App({ outdir: `${__dirname}/dist` });
  new CeleryAirflow(app, 'airflow');
  app.synth();
}
