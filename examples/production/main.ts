import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import {
  AirflowAuth, AirflowImage, AirflowKubernetesDeployment, AirflowKubernetesDeploymentProps, AirflowVersion, Exposure, GitSyncDags, ImageCatalogue,
  MetadataDatabase, SecretRef, TaskLogs,
} from 'cdk8s-airflow';

// A platform team's Airflow. Nothing secret is in here: these Secrets are in the namespace before the manifests are applied, put there by hand or by
// what brings Secrets into your clusters (SecretRef.external makes ExternalSecrets). The keys that Airflow's own parts share are made in the cluster.
//   airflow-database   password
//   airflow-git        token, ca.crt
//   airflow-logs       access-key-id, secret-access-key
//   airflow-admin      password
const secret = (name: string, key: string) => SecretRef.existing(name, key);

/** What is different from one environment to the next. */
export interface Environment {
  readonly namespace: string;
  /** The components of the version follow from it: an API server or a webserver, a DAG processor of its own or not. */
  readonly version: AirflowVersion;
  /** @default - the official image of the version */
  readonly image?: string;
  /** @default - upstream's images */
  readonly images?: ImageCatalogue;
  /** Pods of the scheduler and of the API server. */
  readonly replicas: number;
  /** Tasks that each scheduler runs at the same time. */
  readonly parallelism: number;
  readonly databaseHost: string;
  /** Without them the database's port is open to any address. */
  readonly databaseCidrs?: string[];
  readonly repo: string;
  readonly logsEndpoint: string;
  /** DNS name of the user interface. */
  readonly host: string;
  /**
   * What this environment has otherwise, such as `AirflowPresets.dev()` on a small node.
   *
   * @default - nothing
   */
  readonly overrides?: Partial<AirflowKubernetesDeploymentProps>;
}

/** Airflow as every team gets it. */
export class ProductionAirflow extends Chart {
  public readonly airflow: AirflowKubernetesDeployment;

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id, { namespace: environment.namespace });
    const { version, replicas, parallelism } = environment;

    // A prop that the version does not have is an error, so that these two stand apart.
    const userInterface = version.major >= 3 ? { apiServer: { replicas } } : { webserver: { replicas } };

    this.airflow = new AirflowKubernetesDeployment(this, 'airflow', {
      version,
      image: environment.image === undefined ? undefined : AirflowImage.of(environment.image),
      images: environment.images,

      // In parts: the URL is put together inside the pods, and no password is in a manifest.
      database: MetadataDatabase.postgres({
        host: environment.databaseHost, cidrs: environment.databaseCidrs, password: secret('airflow-database', 'password'),
      }),

      // A commit is there after at most two of these periods, one of git-sync and one of Airflow, and the time that parsing takes.
      dags: new GitSyncDags({
        repo: environment.repo,
        ref: 'main',
        periodSeconds: 10,
        username: 'airflow',
        token: secret('airflow-git', 'token'),
        caCertificate: secret('airflow-git', 'ca.crt'),
      }),

      // Task pods end with their tasks; their logs stay in the bucket.
      logs: TaskLogs.s3({
        bucket: 'airflow',
        prefix: environment.namespace,
        endpoint: environment.logsEndpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: secret('airflow-logs', 'access-key-id'), secretAccessKey: secret('airflow-logs', 'secret-access-key') },
      }),

      auth: AirflowAuth.fab({ users: [{ username: 'admin', email: 'airflow@example.com', password: secret('airflow-admin', 'password') }] }),
      exposure: Exposure.ingress({ host: environment.host, tlsSecretName: 'airflow-tls' }),

      // KubernetesExecutor is the default. Tasks may launch pods beside their own, with KubernetesPodOperator, also deferred.
      podLaunching: { deferrable: true },
      parallelism,
      workers: { resources: { requests: { cpu: '100m', memory: '512Mi' }, limits: { memory: '1Gi' } } },
      podCleanup: {},
      databaseCleanup: { schedule: '30 3 * * 0' },

      scheduler: { replicas },
      ...userInterface,
      ...environment.overrides,
    });
  }
}

/** One line decides the version: change it, and `cdk8s-airflow diff` of the old and the new manifests says what follows and how to go about it. */
export const ENVIRONMENTS: Environment[] = [
  {
    namespace: 'airflow',
    version: AirflowVersion.V3_3,
    replicas: 2,
    parallelism: 16,
    databaseHost: 'airflow.databases.example.com',
    databaseCidrs: ['10.20.0.0/24'],
    repo: 'https://git.example.com/data/dags.git',
    logsEndpoint: 'https://minio.example.com',
    host: 'airflow.example.com',
  },
  {
    namespace: 'airflow-legacy',
    version: AirflowVersion.V2_11,
    replicas: 1,
    parallelism: 16,
    databaseHost: 'airflow-legacy.databases.example.com',
    databaseCidrs: ['10.20.1.0/24'],
    repo: 'https://git.example.com/data/legacy-dags.git',
    logsEndpoint: 'https://minio.example.com',
    host: 'airflow-legacy.example.com',
  },
];

if (require.main === module) {
  const app = new App({ outdir: `${__dirname}/dist` });
  ENVIRONMENTS.forEach(environment => new ProductionAirflow(app, environment.namespace, environment));
  app.synth();
}
