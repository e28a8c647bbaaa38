import { Construct } from 'constructs';
import { DeploymentIdentity, NetworkPeer } from '../airflow/deployment-identity';
import { AirflowVersion } from '../airflow/version';

/** What a place for logs may use. */
export interface TaskLogsContext {
  /** The deployment. */
  readonly identity: DeploymentIdentity;
  /** Airflow's version. */
  readonly version: AirflowVersion;
}

/** What a place for the logs of tasks gives a deployment. Variables and volumes are wire JSON. */
export interface TaskLogsBinding {
  /** airflow.cfg: section → key → text, number or boolean. */
  readonly config: { [section: string]: { [key: string]: any } };

  /** The connection with which logs are written and read. On Airflow 3 tasks get it from the API server, and their pods hold nothing. */
  readonly connection: { [key: string]: any }[];

  /** Variables of every Airflow process, task pods included: each reads the whole logging configuration at its start. */
  readonly env: { [key: string]: any }[];

  /**
   * The volume called `logs` that all pods share, the user interface included.
   *
   * @default - an empty folder in each pod
   */
  readonly volume?: { [key: string]: any };

  /**
   * The folder of this volume that is mounted.
   *
   * @default - the volume itself
   */
  readonly subPath?: string;

  /**
   * True where the ServiceAccounts of those who write and read logs need an identity of a cloud.
   *
   * @default false
   */
  readonly cloudIdentity?: boolean;

  /** Where logs are written to and read from. */
  readonly peers: NetworkPeer[];
}

/** Where the logs of tasks are kept. */
export interface ITaskLogs {
  /** Emits what the place needs, once for each deployment. */
  bind(scope: Construct, context: TaskLogsContext): TaskLogsBinding;
}
