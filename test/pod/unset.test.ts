import { parsePodPath, podPathText } from '../../src/pod/pod-path';
import { unset } from '../../src/pod/unset';

const pod = {
  metadata: { labels: { 'example.com/team': 'a', 'b': 'c' } },
  spec: {
    containers: [
      { name: 'side', image: 's' },
      { name: 'base', image: 'b', args: ['x', 'y'], resources: { limits: { 'cpu': 1, 'nvidia.com/gpu': 2 } }, env: [{ name: 'A', value: '1' }], volumeMounts: [{ name: 'v', mountPath: '/v/' }] },
    ],
    tolerations: [{ key: 'a' }, { key: 'b' }],
  },
};
const base = (...paths: string[]) => unset(pod, paths).spec.containers[1];

test.each<[string, (path: string) => any, any]>([
  ['spec.containers[base].resources.limits', path => base(path).resources, {}],
  ['spec.containers[base].resources.limits[nvidia.com/gpu]', path => base(path).resources.limits, { cpu: 1 }],
  ['spec.containers[base].args[0]', path => base(path).args, ['y']],
  ['spec.containers[base].env[A]', path => 'env' in base(path), false],
  ['spec.containers[base].volumeMounts[/v]', path => 'volumeMounts' in base(path), false],
  ['spec.containers[side]', path => unset(pod, [path]).spec.containers.length, 1],
  ['spec.tolerations[1]', path => unset(pod, [path]).spec.tolerations, [{ key: 'a' }]],
  ['metadata.labels[example.com/team]', path => unset(pod, [path]).metadata.labels, { b: 'c' }],
])('%s is taken out', (path, read, expected) => expect(read(path)).toEqual(expected));

test('several paths are taken out one after the other, and the pod stays as it was', () => {
  const before = JSON.stringify(pod);
  expect(base('spec.containers[base].args', 'spec.containers[base].env')).not.toHaveProperty('args');
  expect(JSON.stringify(pod)).toBe(before);
});

test.each<[string, string]>([
  ['spec.containers[bas].resources', "'unset' of 'spec.containers[bas].resources' matches nothing: 'spec.containers' has 'side', 'base'"],
  ['spec.containers[base].resources.requests', "matches nothing: 'spec.containers[base].resources' has 'limits'"],
  ['spec.containers[0]', "matches nothing: 'spec.containers' has 'side', 'base'"],
  ['spec.tolerations[2]', "matches nothing: 'spec.tolerations' has '0', '1'"],
  ['specs.containers', "matches nothing: the pod has 'metadata', 'spec'"],
  ['metadata.labels.b.c', "matches nothing: 'metadata.labels.b' has no parts"],
  ['spec', "'unset' of 'spec' would leave no pod"],
  ['spec..containers', "'spec..containers' is no path"],
  ['spec.containers[', 'is no path'],
  ['.spec', 'is no path'],
  ['', 'is no path'],
])('fails for %p', (path, message) => expect(() => unset(pod, [path])).toThrow(message));

test.each(['spec.containers[base].resources.limits[nvidia.com/gpu]', 'metadata.labels[example.com/team]', 'spec.tolerations[0].key'])('the path %s is read and written', path => {
  expect(podPathText(parsePodPath(path))).toBe(path);
});
