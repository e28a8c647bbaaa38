import { forbiddenObject } from './status';
import { Store } from './store';
import { Manifest } from '../pod/manifest';
import { podResources } from '../pod/pod-resources';
import { formatQuantity, parseQuantity } from '../pod/quantity';

const COUNTS = ['pods', 'count/pods'];
const REQUESTS: { [name: string]: string } = { 'requests.cpu': 'cpu', 'requests.memory': 'memory', 'cpu': 'cpu', 'memory': 'memory' };

/**
 * Refuses a pod that a ResourceQuota of its namespace does not let in: number of pods, and requests of CPU and memory.
 * Ended pods do not count; a quota's scopes are not applied.
 */
export function checkQuota(store: Store, pod: Manifest): void {
  const { name, namespace } = pod.metadata;
  const others = store.list('pods', namespace).filter(({ status }) => !['Succeeded', 'Failed'].includes(status.phase));
  for (const quota of store.list('resourcequotas', namespace)) {
    const hard: { [name: string]: string } = quota.spec?.hard ?? {};
    const names = Object.keys(hard).filter(key => COUNTS.includes(key) || REQUESTS[key] !== undefined).sort();
    const without = (key: string) => pod.spec.containers.filter((c: any) => c.resources.requests?.[REQUESTS[key]] === undefined);
    const unset = names.filter(key => REQUESTS[key]).map(key => [key, without(key)] as const).filter(([, containers]) => containers.length > 0);
    if (unset.length > 0) {
      const what = unset.map(([key, containers]) => `${key} for: ${containers.map((c: any) => c.name).join(',')}`).join('; ');
      throw forbiddenObject('pods', name!, `failed quota: ${quota.metadata.name}: must specify ${what}`);
    }
    const use = (one: Manifest, key: string) => COUNTS.includes(key) ? parseQuantity(1)! : podResources(one.spec, 'requests')[REQUESTS[key]] ?? 0n;
    const rows = names.map(key => ({
      key, requested: use(pod, key), used: others.reduce((sum, other) => sum + use(other, key), 0n), limited: parseQuantity(hard[key])!,
    }));
    const exceeded = rows.filter(row => row.requested + row.used > row.limited);
    if (exceeded.length > 0) {
      const show = (column: 'requested' | 'used' | 'limited') => exceeded.map(row => `${row.key}=${formatQuantity(row[column], /memory/.test(row.key))}`).join(',');
      throw forbiddenObject('pods', name!, `exceeded quota: ${quota.metadata.name}, requested: ${show('requested')}, used: ${show('used')}, limited: ${show('limited')}`);
    }
  }
}
