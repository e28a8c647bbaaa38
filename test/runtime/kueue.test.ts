import { ApiError } from '../../src/runtime/errors';
import { JOB } from '../../src/runtime/job-kind';
import { whyQueued } from '../../src/runtime/kueue';

const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'train', namespace: 'team', uid: 'u-1', labels: { 'kueue.x-k8s.io/queue-name': 'users' } }, spec: {} };
const action = { verb: 'list', resource: 'workloads.kueue.x-k8s.io', namespace: 'team' };

test.each<[string, () => any[], string]>([
  ['has no quota', () => [{ type: 'QuotaReserved', status: 'False', reason: 'Pending', message: 'insufficient quota' }], 'Pending: insufficient quota'],
  ['waits for a check', () => [
    { type: 'QuotaReserved', status: 'True', reason: 'QuotaReserved', message: 'reserved' }, { type: 'Admitted', status: 'False', reason: 'NoChecks', message: 'check pending' },
  ], 'NoChecks: check pending'],
  ['is not told why', () => [], 'Kueue has not said why: kubectl describe workload job-train -n team'],
  ['is in a cluster without Kueue', () => { throw new ApiError(action, 404, 'NotFound', 'the server could not find the requested resource'); }, 'the cluster has no Kueue'],
  ['may not be read', () => { throw new ApiError(action, 403, 'Forbidden', 'workloads is forbidden'); }, 'its Workload cannot be read: '],
])('a Job that %s', async (_, conditions, why) => {
  const listObjects = jest.fn(async () => ({ metadata: { resourceVersion: '1' }, items: [{ metadata: { name: 'job-train' }, status: { conditions: conditions() } }] }));
  expect(await whyQueued({ listObjects } as any, job, {})).toContain(why);
  expect(listObjects).toHaveBeenCalledWith(expect.objectContaining({ plural: 'workloads' }), 'team', 'kueue.x-k8s.io/job-uid=u-1', {}, {});
});

test('a Job that Kueue does not know', async () => {
  expect(await whyQueued({ listObjects: async () => ({ items: [] }) } as any, job, {})).toBe('it has no Workload: does Kueue run, and does it manage Jobs?');
});

test('a suspended Job names its queue', () => {
  const suspended = { ...job, spec: { suspend: true } };
  expect(JOB.reading(suspended).idle).toBe("Suspended: in queue 'users' of Kueue");
  expect(JOB.reading({ ...suspended, metadata: {} }).idle).toBe('Suspended');
});
