import { AirflowObjects } from './airflow-objects-props';
import { ApiServerProps } from './api-server-props';
import { DatabaseCleanupProps, PodCleanupProps } from './cleanup-props';
import { ComponentProps } from './component-props';
import { DagProcessorPool } from './dag-processor-pool';
import { Executor } from './executor';
import { FlowerProps } from './flower-props';
import { LogFilesProps } from './log-files-props';
import { MonitoringProps } from './monitoring-props';
import { PgBouncerProps } from './pgbouncer-props';
import { PodLaunchingProps } from './pod-launching';
import { LimitRangeProps, PriorityClassProps, ResourceQuotaProps } from './resource-policies-props';
import { StatefulComponentProps } from './stateful-component-props';
import { TriggererProps } from './triggerer-props';
import { WorkerProps } from './worker-props';
import { AirflowImage } from '../airflow/image';
import { ImageCatalogue } from '../airflow/image-catalogue';
import { SecretRef } from '../airflow/secret-ref';
import { AirflowVersion } from '../airflow/version';
import { IDagSource } from '../dags/dag-source';
import { IMetadataDatabase } from '../database/metadata-database-binding';
import { IExposure } from '../exposure/exposure-binding';
import { ITaskLogs } from '../logs/task-logs-binding';
import { AirflowAuth } from '../security/airflow-auth';
import { NetworkPoliciesProps } from '../security/network-policies';
import { SecretsBackend } from '../security/secrets-backend';
import { AirflowPodProps } from '../tasks/airflow-pod-props';
import { PodMutation } from '../tasks/pod-mutation';
import { SharedPodProps } from '../tasks/shared-pod-props';

/** An Airflow deployment. Only the database has no default. */
export interface AirflowKubernetesDeploymentProps {
  /** The metadata database. */
  readonly database: IMetadataDatabase;

  /**
   * Airflow's version, which decides what components there are.
   *
   * @default AirflowVersion.V3_3
   */
  readonly version?: AirflowVersion;

  /**
   * Where tasks run.
   *
   * @default Executor.kubernetes()
   */
  readonly executor?: Executor;

  /**
   * The image of all Airflow containers.
   *
   * @default - the official image of the version, `apache/airflow:<version>`
   */
  readonly image?: AirflowImage;

  /**
   * The images beside Airflow's own.
   *
   * @default - upstream's, pinned
   */
  readonly images?: ImageCatalogue;

  /**
   * A registry of your own, and a path in it where there is one, that has all images: the defaults of `image` and `images` are taken from there under the
   * name and tag that they have upstream. `registry.k8s.io/git-sync/git-sync:v4.4.2` becomes `<imageRegistry>/git-sync/git-sync:v4.4.2`. Images that you
   * name yourself stay as they are.
   *
   * @default - each from its own registry
   */
  readonly imageRegistry?: string;

  /**
   * Names of existing Secrets with the credentials of registries, for every pod of the deployment.
   *
   * @default - those of `image` for pods with this image
   * @see https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/
   */
  readonly imagePullSecrets?: string[];

  /**
   * airflow.cfg: section → key → value in Airflow's own names, checked against the version's configuration reference. What follows from other
   * props is filled in; a value that contradicts it is an error.
   *
   * @default - Airflow's own values, without the example DAGs
   * @see https://airflow.apache.org/docs/apache-airflow/stable/configurations-ref.html
   */
  readonly config?: { [section: string]: { [key: string]: any } };

  /**
   * Sections of `config` in which any key is allowed: those of plugins, and of providers that the configuration reference does not have.
   *
   * @default - none
   */
  readonly customConfigSections?: string[];

  /**
   * The text of `airflow_local_settings.py`, which every Airflow process imports at its start: policies, hooks such as `pod_mutation_hook`, engine factories.
   * A change of it replaces all pods.
   *
   * @default - none
   * @see https://airflow.apache.org/docs/apache-airflow/stable/howto/set-config.html#configuring-local-settings
   */
  readonly airflowLocalSettings?: string;

  /**
   * Changes to the pods of tasks, one after the other: a `pod_mutation_hook` in `airflow_local_settings.py`, which then calls the one of
   * `airflowLocalSettings`, if there is one. A change of them replaces all pods.
   *
   * @default - none
   * @see https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/kubernetes.html#pod-mutation-hook
   */
  readonly podMutations?: PodMutation[];

  /**
   * Plugins that are small: file name → text of a Python module, in the folder of plugins of every Airflow process. Larger ones, and packages that they
   * need, belong into the image: nothing is installed at the start of a pod. A change of one replaces all pods.
   *
   * @default - those of the image
   * @see https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/plugins.html
   */
  readonly plugins?: { [file: string]: string };

  /**
   * Where DAGs come from.
   *
   * @default - from the image, in /opt/airflow/dags
   */
  readonly dags?: IDagSource;

  /**
   * Where the logs of tasks are kept.
   *
   * @default - in their pods: the log of a task pod is gone with it
   */
  readonly logs?: ITaskLogs;

  /**
   * Log files inside the pods.
   *
   * @default - 15 days, at most 10Gi
   */
  readonly logFiles?: LogFilesProps;

  /**
   * Metrics, traces, alerts and a dashboard.
   *
   * @default - none; `config.metrics` and `config.traces` speak to servers of yours
   */
  readonly monitoring?: MonitoringProps;

  /**
   * Where Airflow looks for connections and variables before its own database. Its provider must be in the image.
   *
   * @default - in variables of the environment and in the database alone
   */
  readonly secretsBackend?: SecretsBackend;

  /**
   * How users log in.
   *
   * @default - with a password in the database, through FAB; there is no user until somebody makes one
   */
  readonly auth?: AirflowAuth;

  /**
   * How the user interface and the API are reached from the outside.
   *
   * @default - not at all; `kubectl port-forward` works
   */
  readonly exposure?: IExposure;

  /**
   * The key that encrypts connections and variables in the database. To rotate it, put the new key before the old one in that Secret, with a comma between
   * them, restart the components, run `airflow rotate-fernet-key`, and take the old one out.
   *
   * @default - made in the cluster once, in the Secret `<name>-fernet-key`
   * @see https://airflow.apache.org/docs/apache-airflow/stable/security/secrets/fernet.html
   */
  readonly fernetKey?: SecretRef;

  /**
   * The secret that signs the tokens of tasks and API clients. Airflow 3 only.
   *
   * @default - made in the cluster once, in the Secret `<name>-jwt-secret`
   */
  readonly jwtSecret?: SecretRef;

  /**
   * The secret that signs sessions and requests for log files: `[api] secret_key`, on 2.11 `[webserver] secret_key`.
   *
   * @default - made in the cluster once, in the Secret `<name>-secret-key`
   */
  readonly secretKey?: SecretRef;

  /**
   * The name with which the names of all objects begin, and the value of the label `app.kubernetes.io/instance`.
   *
   * @default - the construct ids below the chart, joined by `-`
   */
  readonly releaseName?: string;

  /**
   * Namespace of all objects.
   *
   * @default - the chart's namespace; `default` where it has none
   */
  readonly namespace?: string;

  /**
   * What applies the manifests. Pods wait for what they need by themselves, so that only metadata differs: for `argocd` sync waves say the order, and for
   * `argocd` and `flux` finished Jobs are kept, because these tools would make them anew at each sync. `helm` is for a chart that holds the manifests as
   * a file, `{{ .Files.Get "airflow.yaml" }}`; it has no hooks, for which `--wait` would wait forever.
   *
   * @default 'kubectl'
   */
  readonly delivery?: 'kubectl' | 'argocd' | 'flux' | 'helm';

  /**
   * Network policies of the components.
   *
   * @default - each component is reached by those, and reaches those, that it has to
   */
  readonly networkPolicies?: NetworkPoliciesProps;

  /**
   * Settings of all pods of the deployment, task pods and Jobs included. A component's own settings win: `labels`, `annotations` and `nodeSelector`
   * key by key, `env` and `volumes` by name, `volumeMounts` by path, any other as a whole. `env`, `envFrom`, `volumes` and `volumeMounts` are for containers
   * that run Airflow. The server of MetadataDatabase.developmentPostgres() has none of it.
   *
   * @default - none
   */
  readonly podDefaults?: SharedPodProps;

  /**
   * The scheduler.
   *
   * @default - one pod
   */
  readonly scheduler?: StatefulComponentProps;

  /**
   * The API server. Airflow 3 only.
   *
   * @default - one pod
   */
  readonly apiServer?: ApiServerProps;

  /**
   * The webserver. Airflow 2 only.
   *
   * @default - one pod
   */
  readonly webserver?: ApiServerProps;

  /**
   * The DAG processor. On Airflow 2, giving it takes the parsing of DAGs out of the scheduler.
   *
   * @default - one pod on Airflow 3; part of the scheduler on Airflow 2
   */
  readonly dagProcessor?: ComponentProps;

  /**
   * DAG processors for some of the DAG bundles each, instead of one for all. What `dagProcessor` says holds for all of them, a pool's own settings win.
   * Airflow 3 only.
   *
   * @default - one for all bundles
   * @see https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/dag-bundles.html
   */
  readonly dagProcessors?: DagProcessorPool[];

  /**
   * The triggerer.
   *
   * @default - one pod
   */
  readonly triggerer?: TriggererProps;

  /**
   * Flower, which shows Celery's workers. CeleryExecutor only.
   *
   * @default - none
   * @see https://flower.readthedocs.io/
   */
  readonly flower?: FlowerProps;

  /**
   * The pod of CeleryBroker.developmentRedis().
   *
   * @default - one pod
   */
  readonly redis?: AirflowPodProps;

  /**
   * PgBouncer in front of a metadata database on PostgreSQL; `{}` for the defaults.
   *
   * @default - none: each process of Airflow has a pool of connections of its own
   * @see https://www.pgbouncer.org/config.html
   */
  readonly pgbouncer?: PgBouncerProps;

  /**
   * The Job that fills the Secrets that were not given.
   *
   * @default - one pod
   */
  readonly secretBootstrap?: AirflowPodProps;

  /**
   * The Job that migrates the database.
   *
   * @default - one pod
   */
  readonly migration?: AirflowPodProps;

  /**
   * The Job that makes the users of `auth`.
   *
   * @default - one pod
   */
  readonly createUser?: AirflowPodProps;

  /**
   * Connections, variables and pools that a Job writes into the database.
   *
   * @default - none
   */
  readonly objects?: AirflowObjects;

  /**
   * Deletes task pods that have ended and were left, by the clock. KubernetesExecutor only; `{}` for the defaults.
   *
   * @default - none
   * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/cli-ref.html
   */
  readonly podCleanup?: PodCleanupProps;

  /**
   * Deletes old rows of the database, by the clock; `{}` for the defaults.
   *
   * @default - none: the database grows
   * @see https://airflow.apache.org/docs/apache-airflow/stable/cli-and-env-variables-ref.html#clean
   */
  readonly databaseCleanup?: DatabaseCleanupProps;

  /**
   * The pods of tasks. KubernetesExecutor only.
   *
   * @default - 100m CPU and 512Mi requested, at most 2Gi
   */
  readonly workers?: WorkerProps;

  /**
   * A ResourceQuota of the deployment's namespace. What it has no room for is said at synth.
   *
   * @default - none
   * @see https://kubernetes.io/docs/concepts/policy/resource-quotas/
   */
  readonly resourceQuota?: ResourceQuotaProps;

  /**
   * A LimitRange of the deployment's namespace.
   *
   * @default - none
   * @see https://kubernetes.io/docs/concepts/policy/limit-range/
   */
  readonly limitRanges?: LimitRangeProps[];

  /**
   * Priority classes: name → what it is. They are of the whole cluster and called `<name of the deployment>-<name>`, which is what `priorityClassName` takes.
   *
   * @default - none
   * @see https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
   */
  readonly priorityClasses?: { [name: string]: PriorityClassProps };

  /**
   * Tasks that each scheduler runs at the same time, under KubernetesExecutor as many pods: `[core] parallelism`. A ResourceQuota of the namespace in the
   * same app that has no room for them, or for the pods that the app's tasks launch, brings a warning at synth.
   *
   * @default 32, Airflow's own
   */
  readonly parallelism?: number;

  /**
   * Tasks of one DAG that run at the same time, over all its runs: `[core] max_active_tasks_per_dag`.
   *
   * @default 16, Airflow's own
   */
  readonly maxActiveTasksPerDag?: number;

  /**
   * Runs of one DAG at the same time: `[core] max_active_runs_per_dag`.
   *
   * @default 16, Airflow's own
   */
  readonly maxActiveRunsPerDag?: number;

  /**
   * Task pods that are made in one loop of the scheduler, of about a second: `[kubernetes_executor] worker_pods_creation_batch_size`.
   * KubernetesExecutor only.
   *
   * @default 1, Airflow's own
   */
  readonly workerPodsCreationBatchSize?: number;

  /**
   * What tasks may do at the Kubernetes API, for DAGs with KubernetesPodOperator and its siblings. It gives those who run tasks a token, a Role and the
   * connection `kubernetes_default`, whose XCom sidecar satisfies Pod Security `restricted`.
   *
   * @default - nothing: tasks have no token
   * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html
   */
  readonly podLaunching?: PodLaunchingProps;
}
