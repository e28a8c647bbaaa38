import { struct } from '../../private/known-props';
import { EXPOSURE, IMAGE, SECRET } from '../../private/prop-types';
import { POD } from '../../tasks/private/pod-structs';
import { ApiServerProps, HorizontalAutoscaling } from '../api-server-props';
import { CronJobProps, DatabaseCleanupProps, PodCleanupProps } from '../cleanup-props';
import { ComponentProps } from '../component-props';
import { DagProcessorPool } from '../dag-processor-pool';
import { FlowerProps } from '../flower-props';
import { StatsdProps } from '../monitoring-props';
import { PgBouncerProps } from '../pgbouncer-props';
import { StatefulComponentProps } from '../stateful-component-props';
import { TriggererProps } from '../triggerer-props';
import { KedaScaling, WorkerPool } from '../worker-pool';
import { WorkerProps } from '../worker-props';

// The props of components as data: their members, and what these hold where nothing else looks at that.

export const WORKERS = struct<WorkerProps>('WorkerProps', {
  ...POD.members, namespaces: 'a list of texts',
});

export const COMPONENT = struct<ComponentProps>('ComponentProps', {
  ...POD.members,
  livenessProbe: true,
  podDisruptionBudget: true,
  readinessProbe: true,
  replicas: true,
  revisionHistoryLimit: true,
  startupProbe: true,
  strategy: true,
});

export const DAG_PROCESSOR_POOL = struct<DagProcessorPool>('DagProcessorPool', {
  ...COMPONENT.members, bundles: 'a list of texts', name: true,
});

export const STATEFUL = struct<StatefulComponentProps>('StatefulComponentProps', {
  ...COMPONENT.members, persistence: true,
});

export const TRIGGERER = struct<TriggererProps>('TriggererProps', {
  ...STATEFUL.members, keda: true,
});

export const API_SERVER = struct<ApiServerProps>('ApiServerProps', {
  ...COMPONENT.members, autoscaling: true,
});

export const FLOWER = struct<FlowerProps>('FlowerProps', {
  ...COMPONENT.members, basicAuth: SECRET, exposure: EXPOSURE,
});

const CRON_JOB = struct<CronJobProps>('CronJobProps', {
  ...POD.members, failedJobsHistoryLimit: true, schedule: 'a text', successfulJobsHistoryLimit: true, timeZone: true,
});

export const POD_CLEANUP = struct<PodCleanupProps>('PodCleanupProps', {
  ...CRON_JOB.members, minPendingMinutes: true,
});

export const DATABASE_CLEANUP = struct<DatabaseCleanupProps>('DatabaseCleanupProps', {
  ...CRON_JOB.members, batchSize: true, retentionDays: true, skipArchive: 'true or false', tables: 'a list of texts',
});

export const STATSD = struct<StatsdProps>('StatsdProps', {
  ...POD.members, extraMappings: 'a list', overrideMappings: 'a list', scrapedFrom: true,
});

export const PGBOUNCER = struct<PgBouncerProps>('PgBouncerProps', {
  ...COMPONENT.members,
  extraIni: 'an object',
  maxClientConn: true,
  metadataPoolSize: true,
  metricsExporter: 'true or false',
  resultBackendPoolSize: true,
  sslCert: SECRET,
  sslKey: SECRET,
  sslRootCert: SECRET,
});

export const AUTOSCALING = struct<HorizontalAutoscaling>('HorizontalAutoscaling', {
  behavior: true, maxReplicas: true, metrics: true, minReplicas: true, targetCpuUtilization: true,
});

export const WORKER_POOL = struct<WorkerPool>('WorkerPool', {
  ...API_SERVER.members, ...STATEFUL.members, concurrency: true, image: IMAGE, keda: true, name: 'a text', queues: 'a list of texts',
});

export const KEDA = struct<KedaScaling>('KedaScaling', {
  cooldownSeconds: true, maxReplicas: true, minReplicas: true, pollingIntervalSeconds: true,
});
