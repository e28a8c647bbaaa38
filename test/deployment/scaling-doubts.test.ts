import { Deployed } from './deploy';
import { AirflowKubernetesDeploymentProps, CeleryBroker, Executor, WorkerPool } from '../../src';

type Props = Partial<AirflowKubernetesDeploymentProps>;
const warnings = (props: Props) => new Deployed(props).airflow.node.metadata.map(({ data }) => String(data));
const pool = (props: WorkerPool): Props => ({ executor: Executor.celery({ broker: CeleryBroker.developmentRedis(), workers: [props] }) });

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(); });

describe('an autoscaler by what is requested', () => {
  const proxy = { containers: [{ name: 'proxy', image: 'proxy:1' }] };
  const never = (resource: string, names: string, component = 'api-server') => [
    `the autoscaler of '${component}' counts a share of the requested ${resource}, and never scales while ${names} requests none; give it 'resources.requests.${resource}' ('podOverride' for containers beside the component)`,
  ];
  const api = (more: object, metrics?: object[]): Props =>
    ({ apiServer: { autoscaling: { maxReplicas: 3, ...(metrics ? { metrics } : {}) }, ...more } });

  test('that a container does not request never scales', () => {
    expect(warnings(api({}))).toEqual([]);
    expect(warnings(api({ resources: { requests: { memory: '1Gi' } } }))).toEqual(never('cpu', "'api-server'"));
    expect(warnings(api(proxy))).toEqual(never('cpu', "'proxy'"));
    expect(warnings(api({ initContainers: [{ name: 'mesh', image: 'mesh:1', restartPolicy: 'Always' }] }))).toEqual(never('cpu', "'mesh'"));
    expect(warnings(api({ initContainers: [{ name: 'once', image: 'once:1' }] }))).toEqual([]);
    expect(warnings(pool({ autoscaling: { maxReplicas: 3 }, resources: {} }))).toEqual(never('cpu', "'celery-worker'", 'celery-worker'));
  });

  test('by a limit, a LimitRange or another metric it does', () => {
    expect(warnings(api({ resources: { limits: { cpu: '1' } } }))).toEqual([]);
    expect(warnings({ ...api(proxy), limitRanges: [{ defaultRequest: { cpu: '100m' } }] })).toEqual([]);
    expect(warnings({ ...api(proxy), limitRanges: [{ defaultRequest: { memory: '100Mi' } }] })).toEqual(never('cpu', "'proxy'"));
    const memory = (type: string) => ({ type: 'Resource', resource: { name: 'memory', target: { type, ...(type === 'Utilization' ? { averageUtilization: 80 } : { averageValue: '1Gi' }) } } });
    expect(warnings(api(proxy, [memory('AverageValue')]))).toEqual([]);
    expect(warnings(api(proxy, [memory('Utilization')]))).toEqual(never('memory', "'proxy'"));
    const one = (container: string) => [{ type: 'ContainerResource', containerResource: { name: 'cpu', container, target: { type: 'Utilization', averageUtilization: 50 } } }];
    expect(warnings(api(proxy, one('api-server')))).toEqual([]);
    expect(warnings(api(proxy, one('proxy')))).toEqual(never('cpu', "'proxy'"));
  });
});

test.each<[string, Props, string | undefined]>([
  ['the only pod', { scheduler: { podDisruptionBudget: { minAvailable: 1 } } }, 'lets no pod go while there is one'],
  ['the only pod, in percent', { scheduler: { podDisruptionBudget: { minAvailable: '50%' } } }, 'lets no pod go while there is one'],
  ['all pods', { scheduler: { replicas: 2, podDisruptionBudget: { minAvailable: '100%' } } }, 'lets no pod go while there are 2'],
  ['none to go', { scheduler: { replicas: 3, podDisruptionBudget: { maxUnavailable: 0 } } }, 'lets no pod go while there are 3'],
  ['the fewest of an autoscaler', { apiServer: { autoscaling: { maxReplicas: 5 }, podDisruptionBudget: { minAvailable: 1 } } }, 'lets no pod go while there is one'],
  ['the only one of KEDA', pool({ keda: { maxReplicas: 4 }, podDisruptionBudget: { minAvailable: 1 } }), 'lets no pod go while there is one'],
  ['one of two', { scheduler: { replicas: 2, podDisruptionBudget: { minAvailable: 1 } } }, undefined],
  ['half of three', { scheduler: { replicas: 3, podDisruptionBudget: { minAvailable: '50%' } } }, undefined],
  ['a share of one', { scheduler: { podDisruptionBudget: { maxUnavailable: '50%' } } }, undefined],
  ['one of enough', { apiServer: { autoscaling: { minReplicas: 2, maxReplicas: 5 }, podDisruptionBudget: { minAvailable: 1 } } }, undefined],
  ['none of none', { scheduler: { replicas: 0, podDisruptionBudget: { minAvailable: 1 } } }, undefined],
])('a disruption budget: %s', (_, props, message) => {
  expect(warnings(props)).toEqual(message === undefined ? [] : [expect.stringContaining(message)]);
});
