import { Construct } from 'constructs';
import { DeploymentIdentity, NetworkPeer } from '../airflow/deployment-identity';
import { ImageCatalogue } from '../airflow/image-catalogue';

/** What a DAG source may use. */
export interface DagSourceContext {
  /** The deployment. */
  readonly identity: DeploymentIdentity;
  /** The images beside Airflow's own, every one present. */
  readonly images: ImageCatalogue;
}

/** What a DAG source gives the pods that read DAGs. Containers, volumes and mounts are wire JSON. */
export interface DagSourceBinding {
  /** The folder with the DAGs: `[core] dags_folder`. */
  readonly dagsFolder: string;
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
}

/** Where a deployment's DAGs come from. */
export interface IDagSource {
  /** Emits what the source needs, once for each deployment. */
  bind(scope: Construct, context: DagSourceContext): DagSourceBinding;
}
