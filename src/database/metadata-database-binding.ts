import { Construct } from 'constructs';
import { DeploymentIdentity, NetworkPeer } from '../airflow/deployment-identity';
import { ImageCatalogue } from '../airflow/image-catalogue';
import { PostgresServer } from '../airflow/postgres';
import { SecretKey } from '../airflow/secret-ref';
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
  /**
   * Other namespaces, in which task pods of Airflow 2 open it; a server that runs beside Airflow needs a name that they know, and lets them in.
   *
   * @default - none
   */
  readonly taskNamespaces?: string[];
  /**
   * `networkPolicies.extraIngress`, of which a server that runs beside Airflow takes the rules of its component.
   *
   * @default - nobody else reaches it
   */
  readonly extraIngress?: { [component: string]: { [key: string]: any }[] };
}

/** What a metadata database gives a deployment. */
export interface MetadataDatabaseBinding {
  /** Environment variables, as wire JSON, of every container that may open the database. */
  readonly env: { [key: string]: any }[];
  /**
   * Mounts of these containers, as wire JSON.
   *
   * @default - none
   */
  readonly volumeMounts?: { [key: string]: any }[];
  /**
   * Volumes of these mounts, as wire JSON.
   *
   * @default - none
   */
  readonly volumes?: { [key: string]: any }[];
  /** Where it is. */
  readonly peer: NetworkPeer;
  /**
   * The server, where it is a PostgreSQL.
   *
   * @default - PgBouncer cannot stand before it
   */
  readonly postgres?: PostgresServer;
  /**
   * How KEDA asks it.
   *
   * @default - it cannot: no component may be scaled by KEDA
   */
  readonly keda?: KedaDatabase;
  /**
   * The name by which `networkPolicies.extraIngress` speaks of its server, where that runs beside Airflow and takes `extraIngress` of the context.
   *
   * @default - it runs elsewhere
   */
  readonly component?: string;
}

/** A trigger of KEDA without its query. */
export interface KedaDatabase {
  /** Type of the trigger, such as `postgresql`. */
  readonly type: string;
  /** Its metadata without the query, such as `host`; a Service of the deployment's namespace with the namespace, because KEDA runs in another one. */
  readonly metadata: { [key: string]: string };
  /** Parameters from Secrets of the deployment's namespace. */
  readonly secrets: { [parameter: string]: SecretKey };
  /** Name of the metadata entry to which the query's result is compared. */
  readonly targetKey: string;
}

/** Airflow's metadata database. */
export interface IMetadataDatabase {
  /** Emits what the database needs, once for each deployment. */
  bind(scope: Construct, context: MetadataDatabaseContext): MetadataDatabaseBinding;
}
