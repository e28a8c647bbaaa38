import { DeploymentAuth } from './auth';
import { DerivedEntry } from './configuration';
import { DeploymentSecrets } from './deployment-secrets';
import { DeploymentLogs } from './logs';
import { Monitoring } from './monitoring';
import { PodLaunching } from './pod-launching';
import { PythonFiles } from './python-files';
import { AirflowConfigText } from '../../airflow/config';
import { DeploymentIdentity } from '../../airflow/deployment-identity';
import { AirflowImage } from '../../airflow/image';
import { AirflowVersion } from '../../airflow/version';
import { DagSourceBinding } from '../../dags/dag-source';
import { KedaDatabase } from '../../database/metadata-database-binding';
import { Component, Flow, Parts, PodSettings, Wire } from '../../private/component-graph';
import { Owner } from '../../private/workload';
import { SecretsBackendBinding } from '../../security/secrets-backend';
import { SharedPodProps } from '../../tasks/shared-pod-props';
import { Executor } from '../executor';
import { WorkerPool } from '../worker-pool';

/** What the components of one deployment share. */
export interface DeploymentContext {
  readonly owner: Owner;
  /** The same for what makes objects of its own. */
  readonly identity: DeploymentIdentity;
  readonly version: AirflowVersion;
  /** True from 3.0 on: API server, task tokens, DAG processor of its own. */
  readonly airflow3: boolean;
  readonly executor: Executor;
  readonly image: AirflowImage;
  /** True where the DAG processor is a component of its own. */
  readonly dagProcessor: boolean;
  readonly dags?: DagSourceBinding;
  /** Path below which the user interface is served; empty for none. */
  readonly basePath: string;
  /** True where something stands in front of it, which takes people's TLS. */
  readonly proxied: boolean;
  /** True where the user interface is open to the outside. */
  readonly exposed: boolean;
  readonly airflowCfg: AirflowConfigText;
  /** The entries of it that follow from other props. */
  readonly derived: DerivedEntry[];
  /** The mounted airflow.cfg. */
  readonly config: Parts;
  /** The user's Python files that each process reads at its start. */
  readonly pythonFiles: PythonFiles;
  readonly secrets: DeploymentSecrets;
  readonly auth: DeploymentAuth;
  /** What a container needs to open the database. */
  readonly databaseParts: Parts;
  /** The way to it. */
  readonly database: Flow;
  /** PgBouncer, where it is before the database. */
  readonly pgbouncer?: { readonly component: Component; readonly ini: string };
  /** What the database and PgBouncer accept. */
  readonly connectionLimits: ConnectionLimits;
  /** KEDA's way to it. */
  readonly kedaDatabase?: KedaDatabase;
  /** Its component, where it runs beside Airflow. */
  readonly databaseComponent?: string;
  readonly podLaunching: PodLaunching;
  /** Where connections and variables are looked for first. */
  readonly secretsBackend?: SecretsBackendBinding;
  /** Where task pods may be beside the deployment's namespace. */
  readonly workerNamespaces: string[];
  /** The broker and the result backend, under CeleryExecutor. */
  readonly celery?: CeleryContext;
  /** The broker that the deployment runs itself. */
  readonly redis?: Component;
  /** The workers, by the name of their component. */
  readonly workerPools: { [component: string]: WorkerPool };
  /** The queue of tasks that name none. */
  readonly defaultQueue: string;
  /** Tasks that one scheduler runs at the same time. */
  readonly parallelism: number;
  readonly logs: DeploymentLogs;
  readonly monitoring: Monitoring;
  /** What is set for all pods. */
  readonly podDefaults?: SharedPodProps;
  /** What of it is the same for pods without Airflow. */
  readonly placement: PodSettings;
  readonly flower?: Flower;
}

/** What the scheduler and the workers of CeleryExecutor share. */
export interface CeleryContext {
  readonly parts: Parts;
  readonly flows: Flow[];
  /** True where results are kept outside of the metadata database. */
  readonly ownResults: boolean;
}

/** What Flower follows from besides its own settings. */
export interface Flower {
  readonly env: Wire[];
  readonly derived: DerivedEntry[];
  /** The path below which it is served; empty for none. */
  readonly basePath: string;
  /** Where people reach it; absent without an exposure. */
  readonly baseUrl?: string;
}

/** What a warning about connections is computed of. */
export interface ConnectionLimits {
  /** `max_connections` of the server, where it is known. */
  readonly maxConnections?: number;
  /** Of PgBouncer, where it is between them. */
  readonly pooled?: {
    /** Connections that all its pods accept. */
    readonly clients: number;
    /** Connections that all its pods open. */
    readonly servers: number;
  };
}

