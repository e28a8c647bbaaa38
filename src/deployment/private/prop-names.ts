import { COMPONENT_WORDS, DEPLOYMENT_WORDS } from './chart-names';
import { checkPropNames, PropNames } from '../../private/known-props';
import { checkPropTypes, hasMember, PropTypes, shown } from '../../private/prop-types';
import { KubernetesApiPeer, NetworkPoliciesProps } from '../../security/network-policies';
import { AirflowPodProps } from '../../tasks/airflow-pod-props';
import { SharedPodProps } from '../../tasks/shared-pod-props';
import { AirflowKubernetesDeploymentProps } from '../airflow-kubernetes-deployment-props';
import { ApiServerProps, HorizontalAutoscaling } from '../api-server-props';
import { CronJobProps, DatabaseCleanupProps, PodCleanupProps } from '../cleanup-props';
import { ComponentProps } from '../component-props';
import { DagProcessorPool } from '../dag-processor-pool';
import { CeleryExecutorProps } from '../executor';
import { FlowerProps } from '../flower-props';
import { LogFilesProps } from '../log-files-props';
import { GrafanaDashboardProps, MonitoringProps, OpenTelemetryProps, PrometheusMonitorProps, PrometheusRuleProps, StatsdProps } from '../monitoring-props';
import { PgBouncerProps } from '../pgbouncer-props';
import { PodLaunchingProps } from '../pod-launching';
import { PriorityClassProps } from '../resource-policies-props';
import { StatefulComponentProps } from '../stateful-component-props';
import { TriggererProps } from '../triggerer-props';
import { KedaScaling, WorkerPool } from '../worker-pool';
import { WorkerProps } from '../worker-props';

const DEPLOYMENT: PropNames<AirflowKubernetesDeploymentProps> = {
  airflowLocalSettings: true,
  apiServer: true,
  auth: true,
  config: true,
  createUser: true,
  customConfigSections: true,
  dagProcessor: true,
  dagProcessors: true,
  dags: true,
  database: true,
  databaseCleanup: true,
  delivery: true,
  executor: true,
  exposure: true,
  fernetKey: true,
  flower: true,
  image: true,
  imagePullSecrets: true,
  imageRegistry: true,
  images: true,
  jwtSecret: true,
  limitRanges: true,
  logFiles: true,
  logs: true,
  maxActiveRunsPerDag: true,
  maxActiveTasksPerDag: true,
  migration: true,
  monitoring: true,
  namespace: true,
  networkPolicies: true,
  objects: true,
  parallelism: true,
  pgbouncer: true,
  plugins: true,
  podCleanup: true,
  podDefaults: true,
  podLaunching: true,
  podMutations: true,
  priorityClasses: true,
  releaseName: true,
  resourceQuota: true,
  scheduler: true,
  secretBootstrap: true,
  secretKey: true,
  secretsBackend: true,
  triggerer: true,
  version: true,
  webserver: true,
  workerPodsCreationBatchSize: true,
  workers: true,
};

const SHARED: PropNames<SharedPodProps> = {
  affinity: true,
  annotations: true,
  env: true,
  envFrom: true,
  hostAliases: true,
  labels: true,
  nodeSelector: true,
  priorityClassName: true,
  runtimeClassName: true,
  schedulerName: true,
  tolerations: true,
  topologySpreadConstraints: true,
};

const POD: PropNames<AirflowPodProps> = {
  ...SHARED,
  cloudIdentity: true,
  containers: true,
  initContainers: true,
  lifecycle: true,
  podOverride: true,
  resources: true,
  serviceAccountAnnotations: true,
  serviceAccountName: true,
  terminationGracePeriodSeconds: true,
  unset: true,
  volumeMounts: true,
  volumes: true,
};

const WORKERS: PropNames<WorkerProps> = {
  ...POD,
  namespaces: true,
};

const COMPONENT: PropNames<ComponentProps> = {
  ...POD,
  livenessProbe: true,
  podDisruptionBudget: true,
  readinessProbe: true,
  replicas: true,
  revisionHistoryLimit: true,
  startupProbe: true,
  strategy: true,
};

const DAG_PROCESSOR_POOL: PropNames<DagProcessorPool> = {
  ...COMPONENT,
  bundles: true,
  name: true,
};

const STATEFUL: PropNames<StatefulComponentProps> = {
  ...COMPONENT,
  persistence: true,
};

const TRIGGERER: PropNames<TriggererProps> = {
  ...STATEFUL,
  keda: true,
};

const API_SERVER: PropNames<ApiServerProps> = {
  ...COMPONENT,
  autoscaling: true,
};

const FLOWER: PropNames<FlowerProps> = {
  ...COMPONENT,
  basicAuth: true,
  exposure: true,
};

const CRON_JOB: PropNames<CronJobProps> = {
  ...POD,
  failedJobsHistoryLimit: true,
  schedule: true,
  successfulJobsHistoryLimit: true,
};

const POD_CLEANUP: PropNames<PodCleanupProps> = {
  ...CRON_JOB,
  minPendingMinutes: true,
};

const DATABASE_CLEANUP: PropNames<DatabaseCleanupProps> = {
  ...CRON_JOB,
  batchSize: true,
  retentionDays: true,
  skipArchive: true,
  tables: true,
};

const NETWORK_POLICIES: PropNames<NetworkPoliciesProps> = {
  enabled: true,
  extraEgress: true,
  extraIngress: true,
  kubernetesApi: true,
};

const MONITORING: PropNames<MonitoringProps> = {
  grafanaDashboard: true,
  openTelemetry: true,
  podMonitor: true,
  prometheusRule: true,
  serviceMonitor: true,
  statsd: true,
};

const STATSD: PropNames<StatsdProps> = {
  ...POD,
  extraMappings: true,
  overrideMappings: true,
  scrapedFrom: true,
};

const OPEN_TELEMETRY: PropNames<OpenTelemetryProps> = {
  cidrs: true,
  host: true,
  intervalMilliseconds: true,
  metrics: true,
  port: true,
  ssl: true,
  traces: true,
};

const MONITOR: PropNames<PrometheusMonitorProps> = {
  interval: true,
  labels: true,
  metricRelabelings: true,
  scrapeTimeout: true,
};

const RULE: PropNames<PrometheusRuleProps> = {
  alertLabels: true,
  extraRules: true,
  labels: true,
  parseSeconds: true,
  queuedSeconds: true,
};

const DASHBOARD: PropNames<GrafanaDashboardProps> = {
  annotations: true,
  labels: true,
};

const PGBOUNCER: PropNames<PgBouncerProps> = {
  ...COMPONENT,
  extraIni: true,
  maxClientConn: true,
  metadataPoolSize: true,
  metricsExporter: true,
  resultBackendPoolSize: true,
  sslCert: true,
  sslKey: true,
  sslRootCert: true,
};

const POD_LAUNCHING: PropNames<PodLaunchingProps> = {
  deferrable: true,
  extraRules: true,
  jobs: true,
  namespaces: true,
  pods: true,
  spark: true,
};

const LOG_FILES: PropNames<LogFilesProps> = {
  frequencyMinutes: true,
  groomer: true,
  retentionDays: true,
  sizeLimit: true,
};

const KUBERNETES_API: PropNames<KubernetesApiPeer> = {
  cidrs: true,
  ports: true,
};

const AUTOSCALING: PropNames<HorizontalAutoscaling> = {
  behavior: true,
  maxReplicas: true,
  metrics: true,
  minReplicas: true,
  targetCpuUtilization: true,
};

const PRIORITY_CLASS: PropNames<PriorityClassProps> = {
  description: true,
  preemptionPolicy: true,
  value: true,
};

const SECRET = "a SecretRef, such as SecretRef.existing('name', 'key')";

const TYPES: PropTypes<AirflowKubernetesDeploymentProps> = {
  airflowLocalSettings: 'a text',
  config: 'an object',
  customConfigSections: 'a list of texts',
  dagProcessors: 'a list',
  fernetKey: SECRET,
  imagePullSecrets: 'a list',
  imageRegistry: 'a text',
  jwtSecret: SECRET,
  limitRanges: 'a list',
  namespace: 'a text',
  objects: 'an object',
  plugins: 'an object',
  priorityClasses: 'an object',
  releaseName: 'a text',
  resourceQuota: 'an object',
  secretKey: SECRET,
};

const WORKER_POOL: PropNames<WorkerPool> = {
  ...API_SERVER,
  ...STATEFUL,
  concurrency: true,
  image: true,
  keda: true,
  name: true,
  queues: true,
};

const KEDA: PropNames<KedaScaling> = { minReplicas: true, maxReplicas: true, pollingIntervalSeconds: true, cooldownSeconds: true };

/** Refuses props that CeleryExecutor, or a pool of its workers, does not have. `path` is who takes them. */
export function assertCeleryPropNames(props: CeleryExecutorProps, path: string): void {
  checkPropNames(props, { broker: true, resultBackend: true, workers: true }, path, 'CeleryExecutorProps');
  if (props.broker !== undefined && !hasMember(props.broker, '_bind')) {
    throw new Error(`'broker' of ${path} must be a CeleryBroker, such as CeleryBroker.redis({ … }), got ${shown(props.broker)}`);
  }
  checkPropTypes(props, { workers: 'a list' });
  props.workers?.forEach((pool, i) => {
    checkPropNames(pool, WORKER_POOL, `workers[${i}]`, 'WorkerPool', COMPONENT_WORDS);
    if (pool.keda !== undefined) { checkPropNames(pool.keda, KEDA, `workers[${i}].keda`, 'KedaScaling'); }
    checkPropTypes(pool, { queues: 'a list of texts' }, `workers[${i}].`);
  });
}

/** Refuses props that the deployment, or a component of it, does not have. */
export function assertPropNames(props: AirflowKubernetesDeploymentProps): void {
  checkPropNames(props, DEPLOYMENT, 'props', 'AirflowKubernetesDeploymentProps', DEPLOYMENT_WORDS);
  const parts: [keyof AirflowKubernetesDeploymentProps, { readonly [prop: string]: true }, string][] = [
    ['scheduler', STATEFUL, 'StatefulComponentProps'],
    ['dagProcessor', COMPONENT, 'ComponentProps'],
    ['triggerer', TRIGGERER, 'TriggererProps'],
    ['apiServer', API_SERVER, 'ApiServerProps'],
    ['webserver', API_SERVER, 'ApiServerProps'],
    ['pgbouncer', PGBOUNCER, 'PgBouncerProps'],
    ['flower', FLOWER, 'FlowerProps'],
    ['podDefaults', SHARED, 'SharedPodProps'],
    ['secretBootstrap', POD, 'AirflowPodProps'],
    ['migration', POD, 'AirflowPodProps'],
    ['createUser', POD, 'AirflowPodProps'],
    ['workers', WORKERS, 'WorkerProps'],
    ['podCleanup', POD_CLEANUP, 'PodCleanupProps'],
    ['databaseCleanup', DATABASE_CLEANUP, 'DatabaseCleanupProps'],
    ['monitoring', MONITORING, 'MonitoringProps'],
    ['networkPolicies', NETWORK_POLICIES, 'NetworkPoliciesProps'],
    ['podLaunching', POD_LAUNCHING, 'PodLaunchingProps'],
    ['logFiles', LOG_FILES, 'LogFilesProps'],
  ];
  for (const [prop, names, type] of parts) {
    if (props[prop] !== undefined) { checkPropNames(props[prop], names, prop, type, COMPONENT_WORDS); }
  }
  if (props.objects?.job !== undefined) { checkPropNames(props.objects.job, POD, 'objects.job', 'AirflowPodProps'); }
  const monitoring: [keyof MonitoringProps, { readonly [prop: string]: true }, string][] = [
    ['statsd', STATSD, 'StatsdProps'],
    ['openTelemetry', OPEN_TELEMETRY, 'OpenTelemetryProps'],
    ['serviceMonitor', MONITOR, 'PrometheusMonitorProps'],
    ['podMonitor', MONITOR, 'PrometheusMonitorProps'],
    ['prometheusRule', RULE, 'PrometheusRuleProps'],
    ['grafanaDashboard', DASHBOARD, 'GrafanaDashboardProps'],
  ];
  for (const [prop, names, type] of props.monitoring === undefined ? [] : monitoring) {
    if (props.monitoring![prop] !== undefined) { checkPropNames(props.monitoring![prop], names, `monitoring.${prop}`, type); }
  }
  const values: [keyof AirflowKubernetesDeploymentProps, string, string][] = [
    ['version', '_features', 'an AirflowVersion, such as AirflowVersion.V3_3'],
    ['executor', '_runs', 'an Executor, such as Executor.kubernetes()'],
    ['image', '_withPullSecrets', "an AirflowImage, such as AirflowImage.of('registry.example.com/airflow:3.3.2-1')"],
    ['database', 'bind', 'a database, such as MetadataDatabase.postgres({ … })'],
    ['dags', 'bind', 'a source of DAGs, such as new GitSyncDags({ … })'],
    ['logs', 'bind', 'a place for logs, such as TaskLogs.s3({ … })'],
    ['exposure', 'bind', 'an exposure, such as Exposure.ingress({ … })'],
    ['auth', '_bind', 'an AirflowAuth, such as AirflowAuth.fab({ … })'],
    ['secretsBackend', '_bind', 'a SecretsBackend, such as SecretsBackend.vault({ … })'],
  ];
  for (const [prop, member, expected] of values) {
    const value = props[prop];
    if (value !== undefined && !hasMember(value, member)) { throw new Error(`'${prop}' must be ${expected}, got ${shown(value)}`); }
  }
  checkPropTypes(props, TYPES);
  assertPartTypes(props);
}

/** The same of what is in the parts. */
function assertPartTypes(props: AirflowKubernetesDeploymentProps): void {
  const { podLaunching = {}, logFiles = {}, networkPolicies = {}, workers = {}, podDefaults = {} } = props;
  const { pgbouncer = {}, databaseCleanup = {}, monitoring = {} } = props;
  checkPropTypes(podLaunching, {
    deferrable: 'true or false', extraRules: 'a list', jobs: 'true or false', namespaces: 'a list of texts', pods: 'true or false', spark: 'true or false',
  }, 'podLaunching.');
  checkPropTypes(logFiles, { groomer: 'true or false', sizeLimit: 'a text' }, 'logFiles.');
  checkPropTypes(networkPolicies, { enabled: 'true or false', extraEgress: 'an object', extraIngress: 'an object' }, 'networkPolicies.');
  checkPropTypes(workers, { namespaces: 'a list of texts' }, 'workers.');
  checkPropTypes(podDefaults, { env: 'a list' }, 'podDefaults.');
  checkPropTypes(pgbouncer, { extraIni: 'an object', metricsExporter: 'true or false' }, 'pgbouncer.');
  checkPropTypes(databaseCleanup, { skipArchive: 'true or false', tables: 'a list of texts' }, 'databaseCleanup.');
  checkPropTypes(monitoring.openTelemetry ?? {}, { metrics: 'true or false', ssl: 'true or false', traces: 'true or false' }, 'monitoring.openTelemetry.');
  checkPropTypes(monitoring.statsd ?? {}, { extraMappings: 'a list', overrideMappings: 'a list' }, 'monitoring.statsd.');
  checkPropTypes(monitoring.prometheusRule ?? {}, { extraRules: 'a list' }, 'monitoring.prometheusRule.');
  if (networkPolicies.kubernetesApi !== undefined) {
    checkPropNames(networkPolicies.kubernetesApi, KUBERNETES_API, 'networkPolicies.kubernetesApi', 'KubernetesApiPeer');
  }
  props.dagProcessors?.forEach((pool, i) => {
    checkPropNames(pool, DAG_PROCESSOR_POOL, `dagProcessors[${i}]`, 'DagProcessorPool', COMPONENT_WORDS);
    checkPropTypes({ ...pool, bundles: pool.bundles ?? [] }, { bundles: 'a list of texts' }, `dagProcessors[${i}].`);
  });
  if (props.triggerer?.keda !== undefined) { checkPropNames(props.triggerer.keda, KEDA, 'triggerer.keda', 'KedaScaling'); }
  for (const server of ['apiServer', 'webserver'] as const) {
    const autoscaling = props[server]?.autoscaling;
    if (autoscaling !== undefined) { checkPropNames(autoscaling, AUTOSCALING, `${server}.autoscaling`, 'HorizontalAutoscaling'); }
  }
  for (const [name, priorityClass] of Object.entries(props.priorityClasses ?? {})) {
    checkPropNames(priorityClass, PRIORITY_CLASS, `priorityClasses.${name}`, 'PriorityClassProps');
    checkPropTypes(priorityClass, { description: 'a text' }, `priorityClasses.${name}.`);
  }
  if (props.flower?.exposure !== undefined && !hasMember(props.flower.exposure, 'bind')) {
    throw new Error(`'flower.exposure' must be an exposure, such as Exposure.ingress({ … }), got ${shown(props.flower.exposure)}`);
  }
}
