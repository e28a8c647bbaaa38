import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { DevPostgres } from './database';
import { AirflowImage, AirflowKubernetesDeployment, Exposure, GitSyncDags, MetadataDatabase, SecretRef } from 'cdk8s-airflow';

// The namespace and this Secret are there before the manifests are applied:
//   kubectl create namespace airflow
//   kubectl create secret generic airflow-database -n airflow --from-literal=password="$(openssl rand -base64 24)"
const DATABASE_SECRET = 'airflow-database';

export interface AirflowExampleProps {
  /** @default 'airflow' */
  readonly namespace?: string;
  /** @default - the official image */
  readonly airflowImage?: string;
  /** @default - upstream's image */
  readonly gitSyncImage?: string;
  /** @default - DAGs of a repository of its own */
  readonly repo?: string;
}

/** Airflow 3 with KubernetesExecutor and DAGs from git. */
export class AirflowExample extends Chart {
  public readonly airflow: AirflowKubernetesDeployment;

  constructor(scope: Construct, id: string, props: AirflowExampleProps = {}) {
    super(scope, id, { namespace: props.namespace ?? 'airflow' });
    this.airflow = new AirflowKubernetesDeployment(this, 'airflow', {
      image: props.airflowImage === undefined ? undefined : AirflowImage.of(props.airflowImage),
      images: props.gitSyncImage === undefined ? undefined : { gitSync: props.gitSyncImage },
      database: MetadataDatabase.postgres({ host: 'postgres', password: SecretRef.existing(DATABASE_SECRET, 'password') }),
      dags: new GitSyncDags({ repo: props.repo ?? 'https://git.example.com/data/dags.git', ref: 'main', periodSeconds: 10 }),
      exposure: Exposure.ingress({ host: 'airflow.example.com', tlsSecretName: 'airflow-tls' }),
      config: { core: { parallelism: 16 } },
    });
  }
}

/** Both charts. */
export function airflowExample(app: App, props: AirflowExampleProps & { readonly postgresImage?: string } = {}): AirflowExample {
  const chart = new AirflowExample(app, 'airflow', props);
  new DevPostgres(app, 'postgres', {
    namespace: chart.namespace!, image: props.postgresImage ?? 'postgres:17', secretName: DATABASE_SECRET, clients: chart.airflow.releaseName,
  });
  return chart;
}

if (require.main === module) {
  const app = new App({ outdir: `${__dirname}/dist` });
  airflowExample(app);
  app.synth();
}
