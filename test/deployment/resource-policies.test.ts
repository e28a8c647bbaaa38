import { Deployed } from './deploy';
import { AirflowKubernetesDeploymentProps, LimitRangeProps, PriorityClassProps, ResourceQuotaProps } from '../../src';

test('all props reach the objects', () => {
  const resourceQuota: Required<ResourceQuotaProps> = { hard: { 'requests.cpu': '80', 'requests.memory': '100Gi', 'pods': 200, 'count/jobs.batch': 10 } };
  const range: Required<LimitRangeProps> = {
    type: 'Container', defaultLimit: { cpu: 2 }, defaultRequest: { cpu: '100m' }, max: { memory: '8Gi' }, min: { cpu: '1m' },
  };
  const high: Required<PriorityClassProps> = { value: 1000, description: 'Airflow itself', preemptionPolicy: 'Never' };
  const deployed = new Deployed({
    resourceQuota, limitRanges: [range, { type: 'PersistentVolumeClaim', max: { storage: '10Gi' } }], priorityClasses: { 'high': high, 'very-low': { value: -1 } },
  });
  expect(deployed.find('ResourceQuota', 'airflow-quota')).toMatchObject({
    metadata: { namespace: 'ns' }, spec: { hard: { 'requests.cpu': '80', 'requests.memory': '100Gi', 'pods': '200', 'count/jobs.batch': '10' } },
  });
  expect(deployed.find('LimitRange', 'airflow-limits').spec.limits).toEqual([
    { type: 'Container', default: { cpu: '2' }, defaultRequest: { cpu: '100m' }, max: { memory: '8Gi' }, min: { cpu: '1m' } },
    { type: 'PersistentVolumeClaim', max: { storage: '10Gi' } },
  ]);
  expect(deployed.find('PriorityClass', 'airflow-high')).toMatchObject({ value: 1000, description: 'Airflow itself', preemptionPolicy: 'Never' });
  expect(deployed.find('PriorityClass', 'airflow-very-low')).toMatchObject({ value: -1, preemptionPolicy: 'PreemptLowerPriority' });
  expect(deployed.find('PriorityClass', 'airflow-high').metadata).not.toHaveProperty('namespace');
});

test('a quota with no room for the task pods brings the warning', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  new Deployed({ resourceQuota: { hard: { pods: 10 } } });
  expect(warn.mock.calls.map(([message]) => message).join()).toContain("ResourceQuota 'airflow-quota' allows pods 10");
  warn.mockRestore();
});

test('a quota of what containers do not name is refused, unless they are given it', () => {
  const resourceQuota = { hard: { 'limits.cpu': '100', 'limits.memory': '900Gi' } };
  expect(() => new Deployed({ resourceQuota }))
    .toThrow("'resourceQuota.hard' has 'limits.cpu', so that the API server refuses pods without limits.cpu: 'airflow-secret-bootstrap");
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  expect(new Deployed({ resourceQuota, limitRanges: [{ defaultLimit: { cpu: 2 } }] }).find('ResourceQuota').spec.hard).toHaveProperty(['limits.cpu'], '100');
  warn.mockRestore();
});

test.each([
  ['limits.cpu', 'max', false],
  ['limits.cpu', 'min', true],
  ['requests.cpu', 'max', false],
  ['requests.cpu', 'min', false],
] as const)('pods without resources under a quota of %s, and a limit range with %s: refused %s, as Kubernetes fills it in', (resource, bound, refused) => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const make = () => new Deployed({
    resourceQuota: { hard: { [resource]: '900' } }, limitRanges: [{ [bound]: { cpu: bound === 'max' ? '8' : '10m' } }], scheduler: { resources: { limits: { memory: '2Gi' } } },
  });
  if (refused) { expect(make).toThrow('so that the API server refuses pods'); } else { expect(make).not.toThrow(); }
  warn.mockRestore();
});

test.each([
  [{ resourceQuota: { hard: {} } }, "'resourceQuota.hard' is empty"],
  [{ resourceQuota: { pods: 1 } }, "resourceQuota: unknown prop 'pods'"],
  [{ resourceQuota: { hard: { pods: 'many' } } }, "'resourceQuota.hard.pods' must be a quantity such as '500m', '2Gi' or 10, got \"many\""],
  [{ limitRanges: [{}] }, "'limitRanges[0]' limits nothing"],
  [{ limitRanges: [{ type: 'Node' }] }, "'limitRanges[0].type' must be 'Container', 'Pod' or 'PersistentVolumeClaim', got 'Node'"],
  [{ limitRanges: [{ type: 'Pod', defaultLimit: { cpu: 1 } }] }, "are of containers, and its type is 'Pod'"],
  [{ resourceQuota: { hard: { pods: -1 } } }, "'resourceQuota.hard.pods' must be at least 0, got -1"],
  [{ resourceQuota: { hard: { pods: '1.5' } } }, "'resourceQuota.hard.pods' must be a whole number, got 1.5"],
  [{ resourceQuota: { hard: { 'request.cpu': 1 } } }, "'resourceQuota.hard' has 'request.cpu', which is no resource that Kubernetes counts; did you mean 'requests.cpu'?"],
  [{ resourceQuota: { hard: { 'a b': 1 } } }, "'resourceQuota.hard' must have names of resources such as 'requests.cpu', got 'a b'"],
  [{ limitRanges: [{ max: { cpu: 2 } }, { min: { cpu: 1 } }] }, "'limitRanges[1]' is the second of type 'Container'"],
  [{ limitRanges: [{ min: { cpu: 2 }, max: { cpu: 1 } }] }, "'limitRanges[0]' has min cpu 2, which is more than its max 1; lower it"],
  [{ limitRanges: [{ defaultLimit: { memory: '2Gi' }, max: { memory: '1Gi' } }] }, "'limitRanges[0]' has default memory 2Gi, which is more than its max 1Gi"],
  [{ limitRanges: [{ type: 'PersistentVolumeClaim', max: { cpu: 1 } }] }, "'limitRanges[0]' is of claims, which have 'storage' alone"],
  [{ priorityClasses: { ['x'.repeat(250)]: { value: 1 } } }, 'must be at most 253 characters; shorten it'],
  [{ priorityClasses: { High: { value: 1 } } }, "'priorityClasses.High': a name must be lower-case"],
  [{ priorityClasses: { high: { value: 2e9 } } }, "'priorityClasses.high.value' must be a whole number from -2147483648 to 1000000000, got 2000000000"],
  [{ priorityClasses: { high: { value: 1, preemptionPolicy: 'Always' } } }, "'priorityClasses.high.preemptionPolicy' must be"],
] as [Partial<AirflowKubernetesDeploymentProps>, string][])('refused: %#', (props, message) => {
  expect(() => new Deployed(props)).toThrow(message);
});
