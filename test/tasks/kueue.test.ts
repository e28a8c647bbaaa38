import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chart, Yaml } from 'cdk8s';
import {
  ClusterQueue, ClusterQueueProps, Kueue, LocalQueue, LocalQueueProps, ResourceFlavor, ResourceFlavorProps, WorkloadPriorityClass,
  WorkloadPriorityClassProps,
} from '../../src';
import { chart, synth } from '../util';

const made = (make: (scope: Chart) => void, namespace?: string) => {
  const scope = chart({ namespace });
  make(scope);
  return synth(scope);
};
const quota = (name: string, more: any = {}) => ({ name, nominalQuota: 4, ...more });
const group = (...resources: any[]) => ({ coveredResources: ['cpu', 'memory'], flavors: [{ name: 'default', resources }] });
const QUEUE: ClusterQueueProps = { resourceGroups: [group(quota('memory', { nominalQuota: '16Gi' }), quota('cpu'))] };

let warnings: jest.SpyInstance;
beforeEach(() => { warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => jest.restoreAllMocks());

test('a queue with a quota of one flavor', () => {
  const objects = made(scope => {
    const flavor = new ResourceFlavor(scope, 'default');
    const queue = new ClusterQueue(scope, 'team', { resourceGroups: [{ ...group(quota('cpu'), quota('memory')), flavors: [{ name: flavor.name, resources: [quota('memory'), quota('cpu')] }] }] });
    new LocalQueue(scope, 'users', { clusterQueue: queue.name });
    new WorkloadPriorityClass(scope, 'high', { value: 100 });
  }, 'airflow');
  expect(objects).toEqual([
    { apiVersion: 'kueue.x-k8s.io/v1beta1', kind: 'ResourceFlavor', metadata: { name: 'default' } },
    {
      apiVersion: 'kueue.x-k8s.io/v1beta1',
      kind: 'ClusterQueue',
      metadata: { name: 'team' },
      // In the order of the covered resources, as Kueue wants them.
      spec: { namespaceSelector: {}, resourceGroups: [group(quota('cpu'), quota('memory'))] },
    },
    { apiVersion: 'kueue.x-k8s.io/v1beta1', kind: 'LocalQueue', metadata: { name: 'users', namespace: 'airflow' }, spec: { clusterQueue: 'team' } },
    { apiVersion: 'kueue.x-k8s.io/v1beta1', kind: 'WorkloadPriorityClass', metadata: { name: 'high' }, value: 100 },
  ]);
  expect(warnings).not.toHaveBeenCalled();
});

test('all props', () => {
  const flavor: Required<ResourceFlavorProps> = {
    name: 'spot',
    nodeLabels: { pool: 'spot' },
    nodeTaints: [{ key: 'spot', value: 'true', effect: 'NoSchedule' }],
    tolerations: [{ key: 'spot', operator: 'Exists' }],
    topologyName: 'racks',
  };
  const queue: Required<ClusterQueueProps> = {
    name: 'team-a',
    resourceGroups: [group(quota('cpu', { borrowingLimit: 2, lendingLimit: '1' }), quota('memory'))],
    cohort: 'all',
    namespaceSelector: { matchLabels: { team: 'a' } },
    queueingStrategy: 'StrictFIFO',
    preemption: { reclaimWithinCohort: 'Any', withinClusterQueue: 'LowerPriority', borrowWithinCohort: { policy: 'LowerPriority', maxPriorityThreshold: 10 } },
    flavorFungibility: { whenCanBorrow: 'TryNextFlavor' },
    admissionChecks: ['check'],
    stopPolicy: 'Hold',
  };
  const local: Required<LocalQueueProps> = { name: 'users', namespace: 'team', clusterQueue: 'team-a', stopPolicy: 'HoldAndDrain' };
  const priority: Required<WorkloadPriorityClassProps> = { name: 'low', value: -1, description: 'last' };
  const objects = made(scope => {
    new ResourceFlavor(scope, 'a', flavor);
    new ClusterQueue(scope, 'b', queue);
    new LocalQueue(scope, 'c', local);
    new WorkloadPriorityClass(scope, 'd', priority);
  });
  const { name: _, ...flavorSpec } = flavor;
  const { name: __, ...queueSpec } = queue;
  expect(objects).toEqual([
    expect.objectContaining({ metadata: { name: 'spot' }, spec: flavorSpec }),
    expect.objectContaining({ metadata: { name: 'team-a' }, spec: queueSpec }),
    expect.objectContaining({ metadata: { name: 'users', namespace: 'team' }, spec: { clusterQueue: 'team-a', stopPolicy: 'HoldAndDrain' } }),
    expect.objectContaining({ metadata: { name: 'low' }, value: -1, description: 'last' }),
  ]);
});

test('a quota that is a fraction is a text: the schema of the custom resource takes no such number', () => {
  const [{ spec }] = made(scope => { new ClusterQueue(scope, 'team', { resourceGroups: [group(quota('cpu', { nominalQuota: 0.5 }), quota('memory'))] }); });
  expect(spec.resourceGroups[0].flavors[0].resources).toEqual([quota('cpu', { nominalQuota: '0.5' }), quota('memory')]);
});

test('names that the app does not declare are warned about where it declares others', () => {
  made(scope => {
    new ResourceFlavor(scope, 'spot');
    new ClusterQueue(scope, 'team', QUEUE);
    new LocalQueue(scope, 'users', { clusterQueue: 'taem' });
  });
  expect(warnings.mock.calls.map(([message]) => message)).toEqual([
    "[chart/team] flavor 'default' is not among the ResourceFlavors of this app: 'spot'",
    "[chart/users] 'clusterQueue' is 'taem', and the ClusterQueues of this app are 'team'",
  ]);
});

describe('Kueue itself', () => {
  const crd = (plural: string) => ({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `${plural}.kueue.x-k8s.io` } });
  const manifest = (...objects: any[]) => {
    const path = join(mkdtempSync(join(tmpdir(), 'kueue-')), 'manifests.yaml');
    writeFileSync(path, Yaml.stringify(...objects));
    return path;
  };
  const controller = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'kueue-controller-manager', namespace: 'kueue-system' } };
  const release = [...['resourceflavors', 'clusterqueues', 'localqueues', 'workloadpriorityclasses', 'workloads'].map(crd), controller];

  test('is what its manifest holds', () => {
    expect(made(scope => { new Kueue(scope, 'kueue', { manifest: manifest(...release) }); })).toEqual(release);
  });
  test.each<[string, any, string]>([
    ['no file', { manifest: 'nowhere.yaml' }, "[chart/kueue] 'manifest' must be the path of Kueue's manifests.yaml, got \"nowhere.yaml\", where there is none"],
    ['another manifest', { manifest: manifest(controller, ...release.slice(1, 5)) }, 'lacks resourceflavors.kueue.x-k8s.io'],
    ['no controller', { manifest: manifest(...release.slice(0, 5)) }, "lacks Deployment 'kueue-controller-manager'"],
    ['a version', { version: 'v0.17.0' }, "Kueue: unknown prop 'version'"],
  ])('%s', (_, props, message) => {
    expect(() => made(scope => { new Kueue(scope, 'kueue', props); })).toThrow(message);
  });
});

describe('bad input', () => {
  const queue = (props: any) => (scope: Chart) => { new ClusterQueue(scope, 'x', props); };
  const flavors = (name: string) => [{ name, resources: [quota('cpu')] }];
  test.each<[string, (scope: Chart) => void, string]>([
    ['a name', scope => { new ResourceFlavor(scope, 'My_Flavor'); }, "[chart/My_Flavor] 'name' must be lower-case letters, digits, '-' and '.', with a letter or digit at both ends, got \"My_Flavor\""],
    ['a prop', scope => { new ResourceFlavor(scope, 'x', { labels: {} } as any); }, "ResourceFlavor: unknown prop 'labels'"],
    ['a taint', scope => { new ResourceFlavor(scope, 'x', { nodeTaints: [{ key: 'a' }] }); }, "nodeTaints[0]: missing 'effect', required in Taint"],
    ['a topology without nodes', scope => { new ResourceFlavor(scope, 'x', { topologyName: 'racks' }); }, "'topologyName' needs 'nodeLabels'"],
    ['too many labels', scope => { new ResourceFlavor(scope, 'x', { nodeLabels: Object.fromEntries([...'abcdefghi'].map(key => [key, ''])) }); }, "'nodeLabels' must be at most 8, got 9"],
    ['no quota', queue({ resourceGroups: [] }), "'resourceGroups' must be 1 to 16 groups, got 0"],
    ['a missing quota', queue({ resourceGroups: [group(quota('cpu'))] }), "'resourceGroups[0]' at flavor 'default': there is no quota of 'memory'; add it"],
    ['a quota of another resource', queue({ resourceGroups: [group(quota('cpu'), quota('memory'), quota('gpu'))] }), "'gpu' is not in 'coveredResources'; add it there"],
    ['a quota twice', queue({ resourceGroups: [group(quota('cpu'), quota('cpu'), quota('memory'))] }), "names the resource 'cpu' twice; remove one"],
    ['a resource twice', queue({ resourceGroups: [{ coveredResources: ['cpu'], flavors: flavors('a') }, { coveredResources: ['cpu'], flavors: flavors('b') }] }), "'resourceGroups' cover the resource 'cpu' twice"],
    ['a flavor twice', queue({ resourceGroups: [{ coveredResources: ['cpu'], flavors: flavors('a') }, { coveredResources: ['gpu'], flavors: flavors('a') }] }), "'resourceGroups' name the flavor 'a' twice"],
    ['borrowing from nobody', queue({ resourceGroups: [group(quota('cpu', { borrowingLimit: 1 }), quota('memory'))] }), "'borrowingLimit' of 'cpu' needs 'cohort'"],
    ['a quantity', queue({ resourceGroups: [group(quota('cpu', { nominalQuota: 'many' }), quota('memory'))] }), 'resourceGroups[0].flavors[0].resources[0].nominalQuota: expected a quantity'],
    ['a strategy', queue({ ...QUEUE, queueingStrategy: 'FIFO' }), "queueingStrategy: expected one of 'StrictFIFO', 'BestEffortFIFO', got 'FIFO'"],
    ['a queue without its quota', scope => { new LocalQueue(scope, 'x', {} as any); }, "'clusterQueue' must be lower-case letters"],
    ['a priority', scope => { new WorkloadPriorityClass(scope, 'x', { value: '10' as any }); }, "value: expected a 32-bit integer, got '10'; write it without quotes"],
    ['no priority', scope => { new WorkloadPriorityClass(scope, 'x', {} as any); }, "'value' is missing: the priority, a whole number"],
  ])('%s', (_, make, message) => expect(() => made(make)).toThrow(message));
});
