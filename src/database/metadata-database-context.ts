import { DeploymentIdentity } from '../airflow/deployment-identity';
import { ImageCatalogue } from '../airflow/image-catalogue';
import { AirflowVersion } from '../airflow/version';

/** The deployment, and what a database may use of it. */
export interface MetadataDatabaseContext extends DeploymentIdentity {
  /** Airflow's version. */
  readonly version: AirflowVersion;
  /** The images beside Airflow's own, every one present. */
  readonly images: ImageCatalogue;
  /**
   * True where PgBouncer stands before the database: nothing else connects to it.
   *
   * @default false
   */
  readonly pgbouncer?: boolean;
  /**
   * True where KEDA asks it how many pods to make.
   *
   * @default false
   */
  readonly keda?: boolean;
  /**
   * Names of Secrets with the credentials of registries.
   *
   * @default - none
   */
  readonly imagePullSecrets?: string[];
  /**
   * Components that do not open it, and that its network policy keeps away.
   *
   * @default - there are no network policies
   */
  readonly closedTo?: string[];
}
