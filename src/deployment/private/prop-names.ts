import { checkPropNames, PropNames } from '../../private/known-props';
import { NetworkPoliciesProps } from '../../security/network-policies';
import { AirflowPodProps } from '../../tasks/airflow-pod-props';
import { SharedPodProps } from '../../tasks/shared-pod-props';
import { AirflowKubernetesDeploymentProps } from '../airflow-kubernetes-deployment-props';
import { ApiServerProps } from '../api-server-props';
import { CronJobProps, DatabaseCleanupProps, PodCleanupProps } from '../cleanup-props';
import { ComponentProps } from '../component-props';
import { FlowerProps } from '../flower-props';
import { GrafanaDashboardProps, MonitoringProps, OpenTelemetryProps, PrometheusMonitorProps, PrometheusRuleProps, StatsdProps } from '../monitoring-props';
import { PgBouncerProps } from '../pgbouncer-props';
import { WorkerProps } from '../worker-props';

const DEPLOYMENT: PropNames<AirflowKubernetesDeploymentProps> = {
  airflowLocalSettings: true,
  apiServer: true,
  auth: true,
  config: true,
  createUser: true,
  customConfigSections: true,
  dagProcessor: true,
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

/** Refuses props that the deployment, or a component of it, does not have. */
export function assertPropNames(props: AirflowKubernetesDeploymentProps): void {
  checkPropNames(props, DEPLOYMENT, 'props', 'AirflowKubernetesDeploymentProps');
  const parts: [keyof AirflowKubernetesDeploymentProps, { readonly [prop: string]: true }, string][] = [
    ['scheduler', COMPONENT, 'ComponentProps'],
    ['dagProcessor', COMPONENT, 'ComponentProps'],
    ['triggerer', COMPONENT, 'ComponentProps'],
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
  ];
  for (const [prop, names, type] of parts) {
    if (props[prop] !== undefined) { checkPropNames(props[prop], names, prop, type); }
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
    ['database', 'bind', 'a database, such as MetadataDatabase.postgres({ … })'],
    ['dags', 'bind', 'a source of DAGs, such as new GitSyncDags({ … })'],
    ['logs', 'bind', 'a place for logs, such as TaskLogs.s3({ … })'],
    ['exposure', 'bind', 'an exposure, such as Exposure.ingress({ … })'],
  ];
  for (const [prop, member, expected] of values) {
    const value: any = props[prop];
    if (value !== undefined && (value === null || typeof value !== 'object' || !(member in value))) {
      throw new Error(`'${prop}' must be ${expected}, got ${JSON.stringify(value)}`);
    }
  }
}
