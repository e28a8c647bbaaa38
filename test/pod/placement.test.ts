import { NodeKind, unmetPreferences, unplaceable, wantedLabels } from '../../src/pod/placement';

const NODES: NodeKind[] = [
  { name: 'default', labels: { pool: 'default', disk: 'hdd', cores: '8' }, taints: [] },
  {
    name: 'gpu',
    labels: { pool: 'gpu', disk: 'ssd', cores: '32' },
    taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }, { key: 'soft', effect: 'PreferNoSchedule' }],
  },
];
const required = (...nodeSelectorTerms: any[]) =>
  ({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } });
const term = (key: string, operator: string, values?: string[]) => ({ matchExpressions: [{ key, operator, ...(values ? { values } : {}) }] });
const TOLERATED = { tolerations: [{ key: 'gpu', operator: 'Exists' }] };

test('the taint of a device that a pod asks for is tolerated by admission', () => {
  const nodes: NodeKind[] = [{ name: 'device', labels: {}, taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }] }];
  const pod = (resources: any) => ({ containers: [{ name: 'base', resources }] });
  expect(unplaceable(pod({ limits: { 'nvidia.com/gpu': '1' } }), nodes, false)).toBeUndefined();
  expect(unplaceable(pod({ limits: { cpu: '1' } }), nodes, false)).toContain('nvidia.com/gpu=present:NoSchedule');
});

test.each<[string, any]>([
  ['nothing asked', {}],
  ['a label of a pool', { nodeSelector: { pool: 'default' } }],
  ['a label that every node has by itself', { nodeSelector: { 'kubernetes.io/os': 'linux', 'topology.kubernetes.io/zone': 'a' } }],
  ['Jinja', { nodeSelector: { pool: '{{ params.pool }}' } }],
  ['a node by its name', { nodeName: 'n', nodeSelector: { pool: 'x' } }],
  ['one of two terms', required(term('pool', 'In', ['x']), term('disk', 'Exists'))],
  ['NotIn', required(term('pool', 'NotIn', ['gpu']))],
  ['NotIn of a label that is not there', required(term('absent', 'NotIn', ['x']))],
  ['DoesNotExist', required(term('absent', 'DoesNotExist'))],
  ['Lt', required(term('cores', 'Lt', ['16']))],
  ['Gt, and the taint', { ...required(term('cores', 'Gt', ['16'])), ...TOLERATED }],
  ['the taint by its value', { nodeSelector: { pool: 'gpu' }, tolerations: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] }],
  ['every taint', { nodeSelector: { pool: 'gpu' }, tolerations: [{ operator: 'Exists' }] }],
])('taken: %s', (_, spec) => {
  expect(unplaceable(spec, NODES, false)).toBeUndefined();
});

test.each<[string, any, string]>([
  ['a misspelt value', { nodeSelector: { pool: 'defualt' } }, "no node has the label pool=defualt of 'nodeSelector'; did you mean 'default'?"],
  ['an unknown value', { nodeSelector: { pool: 'enormous' } }, "no node has the label pool=enormous of 'nodeSelector'; nodes have pool=default, pool=gpu"],
  ['a misspelt key', { nodeSelector: { pol: 'gpu' } }, "no node has the label pol=gpu of 'nodeSelector'; did you mean 'pool'?"],
  ['an affinity', required(term('pool', 'In', ['pool-0', 'pool-1'])), "no node has the label pool in (pool-0, pool-1) of 'affinity.nodeAffinity'; nodes have pool=default, pool=gpu"],
  ['an absent label', required(term('absent', 'Exists')), "no node has the label absent Exists of 'affinity.nodeAffinity'"],
  ['no term at all', required({ ...term('disk', 'DoesNotExist') }), "no node has the label disk DoesNotExist of 'affinity.nodeAffinity'; nodes have disk=hdd, disk=ssd"],
  ['labels that no node has together', { nodeSelector: { pool: 'default', disk: 'ssd' } }, "no node has the label disk=ssd of 'nodeSelector'"],
  [
    'a taint', { nodeSelector: { pool: 'gpu' }, tolerations: [{ key: 'gpu', value: 'no' }] },
    "'gpu' has the taint gpu=yes:NoSchedule, which it does not tolerate; add to 'tolerations' {\"key\":\"gpu\",\"operator\":\"Equal\",\"value\":\"yes\",\"effect\":\"NoSchedule\"}",
  ],
])('not taken: %s', (_, spec, expected) => {
  expect(unplaceable(spec, NODES, false)).toContain(expected);
});

test('real nodes have no labels but those that they have', () => {
  const spec = { nodeSelector: { 'topology.kubernetes.io/zone': 'a' } };
  expect([unplaceable(spec, NODES, false), unplaceable(spec, NODES, true)]).toEqual([undefined, "no node has the label topology.kubernetes.io/zone=a of 'nodeSelector'"]);
});

test('preferences that nothing meets', () => {
  const prefer = (...terms: any[]) => {
    const preference = { matchExpressions: terms.flatMap(({ matchExpressions }) => matchExpressions) };
    return { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference }] } } };
  };
  expect(unmetPreferences(prefer(term('disk', 'In', ['ssd'])), NODES)).toEqual([]);
  expect(unmetPreferences(prefer(term('disk', 'In', ['nvme'])), NODES)).toEqual(["no node has the label disk=nvme of 'affinity.nodeAffinity'; nodes have disk=hdd, disk=ssd"]);
  expect(unmetPreferences(prefer(term('disk', 'In', ['ssd']), term('pool', 'In', ['default'])), NODES)).toEqual([
    "'affinity.nodeAffinity' prefers what is not together on one node: disk=ssd, pool=default",
  ]);
});

test('the labels that are asked for', () => {
  expect(wantedLabels({ nodeSelector: { a: 'b' }, ...required(term('c', 'In', ['d', 'e']), term('f', 'Exists')) })).toEqual(['a=b', 'c in (d, e)', 'f Exists']);
});
