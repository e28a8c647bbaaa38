import { entriesOf } from './configuration';
import { DeploymentContext } from './deployment-context';
import { withDefaults } from '../../tasks/private/pod-defaults';
import { Executor } from '../executor';
import { WorkerPool } from '../worker-pool';

/** So that the name and its hash in the labels of a StatefulSet's pods are still a label value. */
const NAME_LENGTH = 52;

/** The pools of workers, by the name of their component. */
export function workerPools(owner: string, executor: Executor): { [component: string]: WorkerPool } {
  const pools: WorkerPool[] = executor._celery ? executor._celery.workers ?? [{}] : [];
  const found: { [component: string]: WorkerPool } = {};
  for (const pool of pools) {
    const name = pool.name === undefined ? 'celery-worker' : `celery-worker-${pool.name}`;
    if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name) || owner.length + 1 + name.length > NAME_LENGTH) {
      throw new Error(`'workers' name '${pool.name}' must be lower-case letters, digits and '-', and with '${owner}-celery-worker-' `
        + `at most ${NAME_LENGTH} characters`);
    }
    if (found[name]) { throw new Error(`'workers' has two pools ${pool.name === undefined ? 'without a name' : `named '${pool.name}'`}; name them apart`); }
    found[name] = pool;
  }
  return found;
}

/** The queues from which a pool takes tasks; null for one of which only the cluster knows the name. */
export function poolQueues(context: DeploymentContext, pool: WorkerPool): (string | null)[] {
  const own = entriesOf(context.airflowCfg, withDefaults(context.podDefaults, pool).env)('operators', 'default_queue');
  return pool.queues ?? [own === undefined ? 'default' : own];
}

/** Tasks that a worker of a pool runs at the same time; null where only the cluster knows. */
export function poolConcurrency(context: DeploymentContext, pool: WorkerPool): number | string | null {
  const own = entriesOf(context.airflowCfg, withDefaults(context.podDefaults, pool).env)('celery', 'worker_concurrency');
  return pool.concurrency ?? (own === undefined ? 16 : own);
}
