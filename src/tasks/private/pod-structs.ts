import { struct } from '../../private/known-props';
import { IMAGE, VERSION } from '../../private/prop-types';
import { AirflowPodProps } from '../airflow-pod-props';
import { SharedPodProps } from '../shared-pod-props';
import { WorkerPodTemplateProps } from '../worker-pod-template';

// The props of Airflow's pods as data: their members, and what these hold where nothing else looks at that.

export const SHARED = struct<SharedPodProps>('SharedPodProps', {
  affinity: true,
  annotations: true,
  env: 'a list',
  envFrom: true,
  hostAliases: true,
  labels: true,
  nodeSelector: true,
  priorityClassName: true,
  runtimeClassName: true,
  schedulerName: true,
  tolerations: true,
  topologySpreadConstraints: true,
  volumeMounts: 'a list',
  volumes: 'a list',
});

export const POD = struct<AirflowPodProps>('AirflowPodProps', {
  ...SHARED.members,
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
});

export const WORKER_POD_TEMPLATE = struct<WorkerPodTemplateProps>('WorkerPodTemplateProps', {
  ...POD.members, configMapName: 'a text', image: IMAGE, logsSubPath: true, logsVolume: true, name: 'a text', version: VERSION,
});
