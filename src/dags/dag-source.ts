import { Construct } from 'constructs';
import { DeploymentIdentity, NetworkPeer } from '../airflow/deployment-identity';
import { ImageCatalogue } from '../airflow/image-catalogue';
import { AirflowVersion } from '../airflow/version';

/** What a DAG source may use. */
export interface DagSourceContext {
  /** The deployment. */
  readonly identity: DeploymentIdentity;
  /** Airflow's version. */
  readonly version: AirflowVersion;
  /** The images beside Airflow's own, every one present. */
  readonly images: ImageCatalogue;
}

/** What pods get that read DAGs. Containers, volumes and mounts are wire JSON. */
export interface DagSourceParts {
  /**
   * Variables with the connections by which bundles are fetched: of those who read DAGs on their own account, and of the API server, which tasks ask for them.
   *
   * @default - none
   */
  readonly connections?: { [key: string]: any }[];

  /** Volumes of the pod. */
  readonly volumes: { [key: string]: any }[];
  /** Mounts of the Airflow container that reads DAGs. */
  readonly volumeMounts: { [key: string]: any }[];
  /** Ends when the DAGs are there; also in task pods. */
  readonly initContainers: { [key: string]: any }[];
  /** Keep the DAGs fresh in pods that stay; not in task pods. */
  readonly sidecars: { [key: string]: any }[];
  /** What the containers above connect to. */
  readonly peers: NetworkPeer[];

  /**
   * What `sidecars` alone connect to.
   *
   * @default - nothing
   */
  readonly sidecarPeers?: NetworkPeer[];
}

/** What a DAG source gives the pods that read DAGs. */
export interface DagSourceBinding extends DagSourceParts {
  /**
   * The folder with the DAGs: `[core] dags_folder`.
   *
   * @default - Airflow's own, `/opt/airflow/dags`
   */
  readonly dagsFolder?: string;

  /**
   * The DAG bundles: `[dag_processor] dag_bundle_config_list`, Airflow 3 only.
   *
   * @default - one of the folder
   */
  readonly bundles?: { [key: string]: any }[];

  /**
   * Seconds after which Airflow looks for new files, where the configuration does not say: `[dag_processor] refresh_interval`, on Airflow 2
   * `[scheduler] dag_dir_list_interval`.
   *
   * @default 300, Airflow's own
   */
  readonly refreshIntervalSeconds?: number;

  /**
   * What stands in ConfigMaps of which single files are mounted, by their names: a change of it replaces the pods.
   *
   * @default - none
   */
  readonly configMaps?: { [name: string]: string };

  /**
   * Those of `peers` that ask for an identity of a cloud.
   *
   * @default - none
   */
  readonly identityPeers?: NetworkPeer[];

  /**
   * What a DAG processor of some bundles gets instead of all this: bundle → its part of it.
   *
   * @default - it gets all this
   */
  readonly parts?: { [bundle: string]: DagSourceParts };
}

/** Where a deployment's DAGs come from. */
export interface IDagSource {
  /** Emits what the source needs, once for each deployment. */
  bind(scope: Construct, context: DagSourceContext): DagSourceBinding;
}
