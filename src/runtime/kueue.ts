import { CallOptions, KubernetesApi } from './api';
import { ApiError } from './errors';
import { KUEUE_API_VERSION, QUEUE_NAME } from '../pod/kueue';
import { Manifest } from '../pod/manifest';

const WORKLOAD = { apiVersion: KUEUE_API_VERSION, kind: 'Workload', plural: 'workloads' };
const JOB_UID = 'kueue.x-k8s.io/job-uid';

/** Kueue's queue that an object is in; undefined where it is in none. */
export function queueOf({ metadata }: Manifest): string | undefined {
  return metadata.labels?.[QUEUE_NAME];
}

/** What Kueue says of an object that it has not admitted: its Workload tells, and nothing else does. */
export async function whyQueued(api: KubernetesApi, { metadata }: Manifest, options: CallOptions): Promise<string> {
  let workload: Manifest | undefined;
  try {
    [workload] = (await api.listObjects(WORKLOAD, metadata.namespace!, `${JOB_UID}=${metadata.uid}`, {}, options)).items;
  } catch (error) {
    return error instanceof ApiError && error.status === 404 ? 'the cluster has no Kueue' : `its Workload cannot be read: ${(error as Error).message}`;
  }
  if (!workload) { return 'it has no Workload: does Kueue run, and does it manage Jobs?'; }
  const conditions: any[] = workload.status?.conditions ?? [];
  const held = ['QuotaReserved', 'Admitted'].map(type => conditions.find(condition => condition.type === type)).find(condition => condition?.status === 'False');
  return held ? `${held.reason}: ${held.message}` : `Kueue has not said why: kubectl describe workload ${workload.metadata.name} -n ${metadata.namespace}`;
}
