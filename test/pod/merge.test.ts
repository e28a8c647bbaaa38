import fc from 'fast-check';
import { mergePods, PodLayer } from '../../src/pod/merge';

const layer = (source: string, spec: any, more: Partial<PodLayer> & { metadata?: any } = {}): PodLayer => {
  const { metadata, ...rest } = more;
  return { source, pod: { ...(metadata ? { metadata } : {}), spec }, ...rest };
};
const base = (container: any) => ({ containers: [{ name: 'base', ...container }] });
const merged = (...specs: any[]) => mergePods(specs.map((spec, i) => layer(`'${i}'`, spec))).spec;

describe('by key', () => {
  test('containers merge by name, whatever their order', () => {
    expect(merged(
      { containers: [{ name: 'side', image: 's:1' }, { name: 'base', image: 'b:1', args: ['x'] }] },
      { containers: [{ name: 'base', image: 'b:2' }, { name: 'logs', image: 'l:1' }] },
    ).containers).toEqual([{ name: 'side', image: 's:1' }, { name: 'base', image: 'b:2', args: ['x'] }, { name: 'logs', image: 'l:1' }]);
  });

  test('init containers merge by name, with their variables and mounts', () => {
    expect(merged(
      { initContainers: [{ name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }], volumeMounts: [{ name: 'v', mountPath: '/v' }] }] },
      { initContainers: [{ name: 'a', env: [{ name: 'Y', value: '2' }], volumeMounts: [{ name: 'w', mountPath: '/w' }] }] },
    ).initContainers).toEqual([{
      name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }, { name: 'Y', value: '2' }], volumeMounts: [{ name: 'v', mountPath: '/v' }, { name: 'w', mountPath: '/w' }],
    }]);
  });

  test('of variables with one name the last one stays, at its place', () => {
    expect(merged(base({ env: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }] }), base({ env: [{ name: 'A', valueFrom: { fieldRef: {} } }] })).containers[0].env)
      .toEqual([{ name: 'B', value: '2' }, { name: 'A', valueFrom: { fieldRef: {} } }]);
  });

  test('ports merge by name, and by number where they have none', () => {
    const ports = (...specs: any[]) => merged(...specs.map(list => base({ ports: list }))).containers[0].ports;
    expect(ports([{ containerPort: 80 }], [{ containerPort: 80, protocol: 'TCP', hostPort: 8080 }])).toEqual([{ containerPort: 80, protocol: 'TCP', hostPort: 8080 }]);
    expect(ports([{ containerPort: 80 }], [{ containerPort: 80, protocol: 'UDP' }])).toHaveLength(2);
    expect(ports([{ name: 'http', containerPort: 80 }], [{ name: 'http', containerPort: 8080 }])).toEqual([{ name: 'http', containerPort: 8080 }]);
  });

  test('a mount of the same volume at the same path is refined', () => {
    expect(merged(base({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }), base({ volumeMounts: [{ name: 'v', mountPath: '/v/', readOnly: true }] })).containers[0].volumeMounts)
      .toEqual([{ name: 'v', mountPath: '/v/', readOnly: true }]);
  });

  test('labels and annotations merge key by key', () => {
    expect(mergePods([
      layer('a', {}, { metadata: { labels: { x: '1', y: '1' }, annotations: { n: '1' } } }), layer('b', {}, { metadata: { labels: { y: '2' } } }),
    ]).metadata).toEqual({ labels: { x: '1', y: '2' }, annotations: { n: '1' } });
  });
});

describe('whole fields', () => {
  test('any other field is replaced whole', () => {
    expect(merged(
      { nodeSelector: { a: 'b' }, tolerations: [{ operator: 'Exists' }], ...base({ resources: { limits: { cpu: '1' } } }) },
      { nodeSelector: { c: 'd' }, tolerations: [{ key: 'k' }], ...base({ resources: { requests: { cpu: '1' } } }) },
    )).toEqual({ nodeSelector: { c: 'd' }, tolerations: [{ key: 'k' }], ...base({ resources: { requests: { cpu: '1' } } }) });
  });

  test('what is empty counts as not given; false and 0 are values', () => {
    expect(merged(
      { nodeSelector: { a: 'b' }, hostname: 'h', hostNetwork: true, terminationGracePeriodSeconds: 5 },
      { nodeSelector: {}, hostname: '', hostNetwork: false, terminationGracePeriodSeconds: 0 },
    )).toEqual({ nodeSelector: { a: 'b' }, hostname: 'h', hostNetwork: false, terminationGracePeriodSeconds: 0 });
  });
});

describe('conflicts', () => {
  const file = layer("'podTemplateFile'", { volumes: [{ name: 'data', emptyDir: {} }], ...base({ volumeMounts: [{ name: 'data', mountPath: '/data' }] }) });

  test('two volumes of one name name both sources', () => {
    expect(() => mergePods([file, layer("'fullPodSpec'", {}), layer("the task's parameters", { volumes: [{ name: 'data', configMap: { name: 'c' } }] })])).toThrow(
      'volume \'data\' is {"name":"data","emptyDir":{}} in \'podTemplateFile\' and {"name":"data","configMap":{"name":"c"}} in the task\'s parameters; ' +
      "rename one of them, or write the one that counts into 'podOverride'");
  });

  test('two volumes at one path name both sources', () => {
    expect(() => mergePods([file, layer("'fullPodSpec'", base({ volumeMounts: [{ name: 'other', mountPath: '/data' }] }))]))
      .toThrow(/mount '\/data' of container 'base' is .* in 'podTemplateFile' and .* in 'fullPodSpec'/);
  });

  test('a layer that replaces wins', () => {
    const volumes = [{ name: 'data', configMap: { name: 'c' } }];
    expect(mergePods([file, layer("'podOverride'", { volumes }, { replaces: true })]).spec.volumes).toEqual(volumes);
  });

  test.each<[string, any, string]>([
    ['a container', { containers: [{ name: 'a' }, { name: 'a' }] }, "'containers' holds 'a' twice in 'x'; rename or remove one"],
    ['an init container', { initContainers: [{ name: 'a' }, { name: 'a' }] }, "'initContainers' holds 'a' twice in 'x'"],
    ['a volume', { volumes: [{ name: 'a' }, { name: 'a' }] }, "'volumes' holds 'a' twice in 'x'"],
    ['a mount', base({ volumeMounts: [{ name: 'a', mountPath: '/a' }, { name: 'b', mountPath: '/a/' }] }), "'volumeMounts' holds '/a' twice in 'x'"],
  ])('fails for %s given twice in one layer', (_, spec, message) => expect(() => mergePods([layer("'x'", spec)])).toThrow(message));

  test('fails for an item without a name', () => {
    expect(() => merged({ volumes: [{ emptyDir: {} }] })).toThrow('an item of \'volumes\' has no \'name\', by which it is told from the others: {"emptyDir":{}}');
  });
});

describe('for any layers', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const unique = <T>(item: fc.Arbitrary<T>, selector: (item: T) => string) => fc.uniqueArray(item, { selector, maxLength: 3 });
  const container = fc.record({
    name,
    image: name,
    args: fc.array(name, { maxLength: 2 }),
    tty: fc.boolean(),
    env: unique(fc.record({ name, value: fc.string({ maxLength: 2 }) }), item => item.name),
    volumeMounts: unique(fc.record({ name, mountPath: fc.constantFrom('/x', '/y') }), item => item.mountPath),
    ports: unique(fc.record({ name, containerPort: fc.constantFrom(1, 2) }), item => item.name),
  }, { requiredKeys: ['name'] });
  const pod = fc.record({
    metadata: fc.record({ labels: fc.dictionary(name, name) }),
    spec: fc.record({
      containers: unique(container, item => item.name),
      initContainers: unique(container, item => item.name),
      volumes: unique(fc.record({ name, emptyDir: fc.record({ medium: name }) }), item => item.name),
      nodeSelector: fc.dictionary(name, name),
      hostNetwork: fc.boolean(),
    }, { requiredKeys: [] }),
  });
  const merge = (...pods: any[]) => mergePods(pods.map((p, i) => ({ source: `${i}`, pod: p, replaces: true })));

  test('a layer above itself changes nothing', () => {
    fc.assert(fc.property(pod, p => expect(merge(p, p)).toEqual(merge(p))));
  });

  test('an empty layer changes nothing', () => {
    fc.assert(fc.property(pod, p => { expect(merge(p, {})).toEqual(merge(p)); expect(merge({}, p)).toEqual(merge(p)); }));
  });

  test('it does not matter which two of three layers merge first', () => {
    fc.assert(fc.property(pod, pod, pod, (a, b, c) => expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)))));
  });

  test('no container, volume, variable, mount or label is lost', () => {
    fc.assert(fc.property(pod, pod, (a, b) => {
      const result = merge(a, b);
      for (const { metadata, spec } of [a, b]) {
        const holds = (list: any[] = [], items: any[] = [], key = 'name') =>
          expect(list.map(item => item[key])).toEqual(expect.arrayContaining(items.map(item => item[key])));
        expect(Object.keys(result.metadata?.labels ?? {})).toEqual(expect.arrayContaining(Object.keys(metadata.labels)));
        holds(result.spec?.containers, spec.containers);
        holds(result.spec?.initContainers, spec.initContainers);
        holds(result.spec?.volumes, spec.volumes);
        for (const given of spec.containers ?? []) {
          const found = result.spec.containers.find((c: any) => c.name === given.name);
          holds(found.env, given.env);
          holds(found.volumeMounts, given.volumeMounts, 'mountPath');
        }
      }
    }));
  });

  test('the layers stay as they were', () => {
    fc.assert(fc.property(pod, pod, (a, b) => {
      const before = JSON.stringify([a, b]);
      merge(a, b);
      expect(JSON.stringify([a, b])).toBe(before);
    }));
  });
});

// Those of test_pod_generator.py, by the numbers of conformance/provider-tests.md; how merging differs on purpose is in docs/DEVIATIONS.md.
describe("the provider's own cases", () => {
  const pod = { metadata: { name: 'a', labels: { x: '1' } }, spec: { containers: [{ name: 'base', image: 'i:1', command: ['c'] }], volumes: [{ name: 'v', emptyDir: {} }] } };
  const over = (upper: any) => mergePods([{ source: 'a', pod }, { source: 'b', pod: upper }]);

  test.each([[{}], [{ metadata: {} }], [{ spec: {} }], [{ metadata: {}, spec: { containers: [] } }]])('MG-08, MG-10, MG-15 a pod with %j over it is the pod', upper => {
    expect(over(upper)).toEqual(pod);
    expect(mergePods([{ source: 'a', pod: upper }, { source: 'b', pod }])).toEqual(pod);
  });

  test('MG-09 name, labels, volumes, command and mounts', () => {
    expect(over({
      metadata: { name: 'b', labels: { y: '2' } },
      spec: { containers: [{ name: 'base', image: '', command: ['d'], volumeMounts: [{ name: 'w', mountPath: '/w' }] }], volumes: [{ name: 'w', emptyDir: {} }] },
    })).toEqual({
      metadata: { name: 'b', labels: { x: '1', y: '2' } },
      spec: {
        containers: [{ name: 'base', image: 'i:1', command: ['d'], volumeMounts: [{ name: 'w', mountPath: '/w' }] }], volumes: [{ name: 'v', emptyDir: {} }, { name: 'w', emptyDir: {} }],
      },
    });
  });

  test('MG-11 what the upper one lacks comes from the lower one', () => {
    expect(over({ spec: { containers: [{ name: 'base', image: 'i:2' }] } }).spec.containers).toEqual([{ name: 'base', image: 'i:2', command: ['c'] }]);
  });

  test('MG-12, MG-13 lists of the lower one come first, and nothing added to nothing is nothing', () => {
    expect(merged(base({ envFrom: [{ secretRef: { name: 'a' } }] }), base({ envFrom: [{ secretRef: { name: 'b' } }] })).containers[0].envFrom)
      .toEqual([{ secretRef: { name: 'a' } }, { secretRef: { name: 'b' } }]);
    expect(merged(base({ envFrom: [] }), base({ envFrom: [] })).containers).toEqual([{ name: 'base' }]);
    expect(merged({ containers: [] }, { containers: [] })).toBeUndefined();
  });
});
