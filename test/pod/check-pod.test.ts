import { checkPod } from '../../src/pod/check-pod';

const pod = (base: any = {}, spec: any = {}, metadata: any = {}) => ({ metadata, spec: { containers: [{ name: 'base', image: 'i', ...base }], ...spec } });

test.each<[string, any, string]>([
  ['two containers of one name', pod({}, { initContainers: [{ name: 'base', image: 'i' }] }), "two containers are called 'base'"],
  ['two volumes of one name', pod({}, { volumes: [{ name: 'v' }, { name: 'v' }] }), "two volumes are called 'v'"],
  ['two mounts at one path', pod({ volumeMounts: [{ name: 'v', mountPath: '/x' }, { name: 'v', mountPath: '/x' }] }, { volumes: [{ name: 'v' }] }),
    "container 'base' mounts two volumes at '/x'"],
  ['two ports of one name', pod({ ports: [{ name: 'p', containerPort: 1 }, { name: 'p', containerPort: 2 }] }), "container 'base' has two ports called 'p'"],
  ['a mount without its volume', pod({ volumeMounts: [{ name: 'data', mountPath: '/x' }] }, { volumes: [{ name: 'dat' }] }),
    "container 'base' mounts volume 'data' at '/x', but the pod has no such volume (it has 'dat')"],
  ['a container without an image', pod({ image: undefined }), "container 'base' has no image"],
  ['a label value with a blank', pod({}, {}, { labels: { a: 'b c' } }), "label 'a' must be at most 63 letters"],
  ['a label value of 64 characters', pod({}, {}, { labels: { a: 'x'.repeat(64) } }), "label 'a' must be"],
  ['a label key with a blank', pod({}, {}, { labels: { 'a b': 'c' } }), "label key 'a b' must be"],
  ['a label key with a bad prefix', pod({}, {}, { labels: { 'A_/b': 'c' } }), "label key 'A_/b' must be"],
])('finds %s', (_, bad, message) => expect(() => checkPod(bad)).toThrow(message));

test.each<[string, any]>([
  ['labels at the limits', pod({}, {}, { labels: { 'example.com/a': '', 'b': 'x'.repeat(63), 'c_d.e': 'A.b_c-1' } })],
  ['a label value with Jinja', pod({}, {}, { labels: { a: '{{ ds }} x' } })],
  ['a mount whose volume has Jinja in its name', pod({ volumeMounts: [{ name: 'data-1', mountPath: '/x' }] }, { volumes: [{ name: 'data-{{ params.n }}' }] })],
  ['one port number under two names', pod({ ports: [{ name: 'p', containerPort: 1 }, { name: 'q', containerPort: 1 }] })],
])('takes %s', (_, good) => expect(() => checkPod(good)).not.toThrow());
