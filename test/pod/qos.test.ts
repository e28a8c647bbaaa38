import { qosClass } from '../../src/pod/qos';

const both = { cpu: '1', memory: '1Gi' };

test.each<[string, any[], string]>([
  ['nothing', [{}], 'BestEffort'],
  ['only another resource', [{ resources: { limits: { 'nvidia.com/gpu': 1 } } }], 'BestEffort'],
  ['a request', [{ resources: { requests: { cpu: '1m' } } }], 'Burstable'],
  ['limits alone', [{ resources: { limits: both } }], 'Guaranteed'],
  ['the same in other words', [{ resources: { limits: both, requests: { cpu: '1000m', memory: '1024Mi' } } }], 'Guaranteed'],
  ['less asked for than allowed', [{ resources: { limits: both, requests: { cpu: '500m' } } }], 'Burstable'],
  ['one container without', [{ resources: { limits: both } }, {}], 'Burstable'],
])('%s: %s', (_, containers, expected) => {
  expect(qosClass({ containers })).toBe(expected);
});

test('init containers count', () => {
  expect(qosClass({ initContainers: [{}], containers: [{ resources: { limits: both } }] })).toBe('Burstable');
});
