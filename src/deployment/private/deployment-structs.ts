import { struct } from '../../private/known-props';
import { EXPOSURE, IMAGE, SECRET, VERSION } from '../../private/prop-types';
import { KubernetesApiPeer, NetworkPoliciesProps } from '../../security/network-policies';
import { AirflowKubernetesDeploymentProps } from '../airflow-kubernetes-deployment-props';
import { AirflowConnection, AirflowObjects, AirflowPool } from '../airflow-objects-props';
import { CeleryExecutorProps } from '../executor';
import { LogFilesProps } from '../log-files-props';
import { GrafanaDashboardProps, MonitoringProps, OpenTelemetryProps, PrometheusMonitorProps, PrometheusRuleProps } from '../monitoring-props';
import { PodLaunchingProps } from '../pod-launching';
import { PriorityClassProps } from '../resource-policies-props';

// The props of the deployment, in the same way as those of components.

export const DEPLOYMENT = struct<AirflowKubernetesDeploymentProps>('AirflowKubernetesDeploymentProps', {
  airflowLocalSettings: 'a text',
  apiServer: true,
  auth: 'an AirflowAuth, such as AirflowAuth.fab({ … })',
  config: 'an object',
  createUser: true,
  customConfigSections: 'a list of texts',
  dagProcessor: true,
  dagProcessors: 'a list',
  dags: 'a source of DAGs, such as new GitSyncDags({ … })',
  database: 'a database, such as MetadataDatabase.postgres({ … })',
  databaseCleanup: true,
  delivery: 'a text',
  executor: 'an Executor: Executor.kubernetes(), .local(), .celery({ … }) or .multiple([…])',
  exposure: EXPOSURE,
  fernetKey: SECRET,
  flower: true,
  image: IMAGE,
  imagePullSecrets: 'a list',
  imageRegistry: 'a text',
  images: true,
  jwtSecret: SECRET,
  limitRanges: 'a list',
  logFiles: true,
  logs: 'a place for logs, such as TaskLogs.s3({ … })',
  maxActiveRunsPerDag: true,
  maxActiveTasksPerDag: true,
  migration: true,
  monitoring: true,
  namespace: 'a text',
  networkPolicies: true,
  objects: 'an object',
  parallelism: true,
  pgbouncer: true,
  plugins: 'an object',
  podCleanup: true,
  podDefaults: true,
  podLaunching: true,
  podMutations: true,
  priorityClasses: 'an object',
  redis: true,
  releaseName: 'a text',
  resourceQuota: 'an object',
  scheduler: true,
  secretBootstrap: true,
  secretKey: SECRET,
  secretsBackend: 'a SecretsBackend, such as SecretsBackend.vault({ … })',
  triggerer: true,
  version: VERSION,
  webserver: true,
  workerPodsCreationBatchSize: true,
  workers: true,
});

export const NETWORK_POLICIES = struct<NetworkPoliciesProps>('NetworkPoliciesProps', {
  enabled: 'true or false', exposedTo: 'a list', extraEgress: 'an object', extraIngress: 'an object', kubernetesApi: true, taskEgress: true,
});

export const MONITORING = struct<MonitoringProps>('MonitoringProps', {
  grafanaDashboard: true, openTelemetry: true, podMonitor: true, prometheusRule: true, serviceMonitor: true, statsd: true,
});

export const OPEN_TELEMETRY = struct<OpenTelemetryProps>('OpenTelemetryProps', {
  cidrs: 'a list of texts', host: true, intervalMilliseconds: true, metrics: 'true or false', port: true, ssl: 'true or false', traces: 'true or false',
});

export const MONITOR = struct<PrometheusMonitorProps>('PrometheusMonitorProps', {
  interval: true, labels: true, metricRelabelings: 'a list of objects', scrapeTimeout: true,
});

export const RULE = struct<PrometheusRuleProps>('PrometheusRuleProps', {
  alertLabels: 'an object of texts', extraRules: 'a list of objects', labels: true, parseSeconds: true, queuedSeconds: true,
});

export const DASHBOARD = struct<GrafanaDashboardProps>('GrafanaDashboardProps', {
  annotations: 'an object of texts', labels: true,
});

export const POD_LAUNCHING = struct<PodLaunchingProps>('PodLaunchingProps', {
  deferrable: 'true or false',
  extraRules: 'a list',
  jobs: 'true or false',
  namespaces: 'a list of texts',
  pods: 'true or false',
  spark: 'true or false',
});

export const LOG_FILES = struct<LogFilesProps>('LogFilesProps', {
  frequencyMinutes: true, groomer: 'true or false', retentionDays: true, sizeLimit: 'a text',
});

export const KUBERNETES_API = struct<KubernetesApiPeer>('KubernetesApiPeer', {
  cidrs: true, ports: true,
});

export const PRIORITY_CLASS = struct<PriorityClassProps>('PriorityClassProps', {
  description: 'a text', preemptionPolicy: 'a text', value: true,
});

export const CELERY = struct<CeleryExecutorProps>('CeleryExecutorProps', {
  broker: 'a CeleryBroker, such as CeleryBroker.redis({ … })',
  resultBackend: 'a CeleryResultBackend, such as CeleryResultBackend.redis({ … })',
  workers: 'a list',
});

export const OBJECTS = struct<AirflowObjects>('AirflowObjects', { connections: 'an object', job: true, pools: 'an object', variables: 'an object' });

export const CONNECTION = struct<AirflowConnection>('AirflowConnection', {
  connType: 'a text that is not empty', description: 'a text', extra: true, host: 'a text', login: true, password: true, port: 'a number', schema: 'a text',
});

export const POOL = struct<AirflowPool>('AirflowPool', { description: 'a text', includeDeferred: 'true or false', slots: true });
