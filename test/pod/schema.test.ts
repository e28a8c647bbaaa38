import { readFileSync } from 'fs';
import * as kplus from 'cdk8s-plus-28';
import * as fc from 'fast-check';
import { l1Name, SCHEMA_VERSION, toWire, typeOfKind } from '../../src/pod/schema';
import { SCHEMA } from '../../src/pod/schema-data';

const k8s = kplus.k8s;

function problem(type: string, value: unknown, path = ''): string {
  try {
    toWire(type, value, path);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('accepted');
}

describe('wire JSON', () => {
  const pod = {
    restartPolicy: 'Never',
    hostIPC: false,
    containers: [{
      name: 'base',
      image: 'busybox',
      env: [{ name: 'A', value: '1' }, { name: 'B', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
      resources: { limits: { 'cpu': 1, 'memory': '512Mi', 'nvidia.com/gpu': '1' } },
      ports: [{ containerPort: 80 }],
      livenessProbe: { httpGet: { port: 'http' } },
    }],
    nodeSelector: { 'kubernetes.io/arch': 'amd64' },
    volumes: [{ name: 'tmp', emptyDir: {} }, { name: 'model', image: { reference: 'models:1', pullPolicy: 'Always' } }],
  };

  test('comes back equal, with its keys in the given order, and is not the same object', () => {
    const wire = toWire('PodSpec', pod, 'spec');
    expect(JSON.stringify(wire)).toBe(JSON.stringify(pod));
    expect(wire).not.toBe(pod);
    expect(wire.containers[0].resources).not.toBe(pod.containers[0].resources);
  });

  test('loses its undefined keys, and undefined stays undefined', () => {
    expect(Object.keys(toWire('EnvVar', { name: 'A', value: undefined }, ''))).toEqual(['name']);
    expect(Object.keys(toWire('ObjectMeta', { labels: { a: undefined } }, '').labels)).toEqual([]);
    expect(toWire('PodSpec', undefined, 'spec')).toBeUndefined();
  });

  test('of an integer may use all of its 32 bits', () => {
    expect(toWire('PodSpec', { containers: [], priority: -(2 ** 31) }, '').priority).toBe(-2147483648);
    expect(toWire('PodSpec', { containers: [], priority: 2 ** 31 - 1 }, '').priority).toBe(2147483647);
  });

  test('may be a list or a map of a type', () => {
    expect(toWire('[]Toleration', [{ operator: 'Exists' }], 'tolerations')).toEqual([{ operator: 'Exists' }]);
    expect(toWire('{}Quantity', { cpu: '1' }, 'limits')).toEqual({ cpu: '1' });
  });

  test('of a fragment may lack required keys, only where asked', () => {
    expect(toWire('Pod', { spec: { containers: [{ image: 'a' }] } }, '', { partial: true })).toEqual({ spec: { containers: [{ image: 'a' }] } });
    expect(() => toWire('Container', { image: 'a', nmae: 'b' }, '', { partial: true })).toThrow("unknown key 'nmae'");
  });

  test('of whole objects is checked by kind', () => {
    expect(typeOfKind('v1', 'Pod')).toBe('Pod');
    expect(typeOfKind('apps/v1', 'Deployment')).toBe('Deployment');
    expect(typeOfKind('apps/v1beta1', 'Deployment')).toBeUndefined();
    expect(typeOfKind('keda.sh/v1alpha1', 'ScaledObject')).toBeUndefined();
    expect(typeOfKind('v1', 'constructor')).toBeUndefined();
    expect(problem('Deployment', { apiVersion: 'v1', kind: 'Deployment', spec: { selector: {}, template: {} } }))
      .toBe("apiVersion: expected 'apps/v1', got 'v1'");
  });
});

describe('L1 structs', () => {
  test('Quantity and IntOrString give their wire value', () => {
    const container: kplus.k8s.Container = {
      name: 'base',
      resources: { limits: { cpu: k8s.Quantity.fromString('500m'), memory: k8s.Quantity.fromNumber(1024) } },
      readinessProbe: { tcpSocket: { port: k8s.IntOrString.fromNumber(80) }, httpGet: { port: k8s.IntOrString.fromString('http') } },
    };
    expect(toWire('Container', container, '')).toEqual({
      name: 'base',
      resources: { limits: { cpu: '500m', memory: 1024 } },
      readinessProbe: { tcpSocket: { port: 80 }, httpGet: { port: 'http' } },
    });
  });

  test('dates become text', () => {
    const meta: kplus.k8s.ObjectMeta = { name: 'a', creationTimestamp: new Date('2026-01-31T08:00:00Z') };
    expect(toWire('ObjectMeta', meta, '')).toEqual({ name: 'a', creationTimestamp: '2026-01-31T08:00:00.000Z' });
  });

  test.each([
    ['PodSpec', { hostIpc: true, hostPid: true, setHostnameAsFqdn: true, containers: [] }, { hostIPC: true, hostPID: true, setHostnameAsFQDN: true, containers: [] }],
    ['ContainerPort', { containerPort: 1, hostIp: '10.0.0.1' }, { containerPort: 1, hostIP: '10.0.0.1' }],
    ['Volume', { name: 'a', downwardApi: {} }, { name: 'a', downwardAPI: {} }],
    ['ServiceSpec', { clusterIp: 'None', clusterIPs: ['None'] }, { clusterIP: 'None', clusterIPs: ['None'] }],
    ['AWSElasticBlockStoreVolumeSource', { volumeId: 'v' }, { volumeID: 'v' }],
    ['PolicyRule', { verbs: [], nonResourceUrLs: ['/'] }, { verbs: [], nonResourceURLs: ['/'] }],
  ])('%s: names that differ from the wire are translated', (type, given, wire) => {
    expect(toWire(type, given, '')).toEqual(wire);
  });

  test('every L1 name of cdk8s-plus-28 that belongs to our table is known', () => {
    const source = readFileSync(require.resolve('cdk8s-plus-28/lib/imports/k8s.js'), 'utf8');
    const wireKeys = new Set(Object.values(SCHEMA).flatMap(keys => Object.keys(keys)));
    const pairs = [...source.matchAll(/^ +'([^']+)': .*?obj\.(\w+)/gm)].filter(([, wire]) => wireKeys.has(wire));
    expect(pairs.length).toBeGreaterThan(1000);
    expect(pairs.filter(([, wire, l1]) => l1Name(wire) !== l1).map(([, wire, l1]) => `${wire} <- ${l1}`)).toEqual([]);
  });

  test('no L1 name collides with another key of its type', () => {
    for (const [type, keys] of Object.entries(SCHEMA)) {
      const names = Object.keys(keys).map(l1Name);
      expect([type, new Set(names).size]).toEqual([type, names.length]);
    }
  });

  test('the same key in both spellings is an error', () => {
    expect(problem('PodSpec', { containers: [], hostIpc: true, hostIPC: true })).toBe("key 'hostIPC' is given twice, as 'hostIPC' and as 'hostIpc'; remove one");
  });
});

describe('problems', () => {
  test.each<[string, string, unknown, string]>([
    ['unknown key, near one', 'Container', { name: 'a', imagePullpolicy: 'Always' },
      `unknown key 'imagePullpolicy' of Container (Kubernetes ${SCHEMA_VERSION}); did you mean 'imagePullPolicy'?`],
    ['unknown key, one level too high', 'PodSpec', { containers: [], runAsUser: 1 },
      `unknown key 'runAsUser' of PodSpec (Kubernetes ${SCHEMA_VERSION}); it belongs in 'securityContext'`],
    ['unknown key, nothing near', 'EnvVar', { name: 'a', zzz: 1 }, `unknown key 'zzz' of EnvVar (Kubernetes ${SCHEMA_VERSION}); allowed: name, value, valueFrom`],
    ['a number for a string', 'EnvVar', { name: 'a', value: 5 }, "value: expected a string, got the number 5; quote it: '5'"],
    ['a boolean for a string', 'ObjectMeta', { labels: { 'a/b': true } }, "labels['a/b']: expected a string, got the boolean true; quote it: 'true'"],
    ['a date for a string', 'EnvVar', { name: 'a', value: new Date(0) }, 'value: expected a string, got a Date'],
    ['a string for a boolean', 'PodSpec', { containers: [], hostPID: 'true' }, "hostPID: expected true or false, got 'true'; write it without quotes"],
    ['a string for an integer', 'PodSpec', { containers: [], activeDeadlineSeconds: '60' },
      "activeDeadlineSeconds: expected an integer, got '60'; write it without quotes"],
    ['a fraction', 'ContainerPort', { containerPort: 80.5 }, 'containerPort: expected a 32-bit integer, got the number 80.5'],
    ['more than 32 bits', 'PodSpec', { containers: [], priority: 2 ** 31 }, 'priority: expected a 32-bit integer, got the number 2147483648'],
    ['less than 32 bits', 'PodSpec', { containers: [], priority: -(2 ** 31) - 1 }, 'priority: expected a 32-bit integer, got the number -2147483649'],
    ['not a quantity', 'ResourceRequirements', { limits: { memory: '512MB' } },
      "limits.memory: expected a quantity such as 0.5, '500m' or '512Mi' (suffixes: m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei), got '512MB'; write '512Mi', or '512M' for powers of 1000"],
    ['not a time', 'ObjectMeta', { creationTimestamp: 'today' }, "creationTimestamp: expected a Date or a time such as '2026-01-31T08:00:00Z', got 'today'"],
    ['not in the enum', 'Container', { name: 'a', imagePullPolicy: 'always' },
      "imagePullPolicy: expected one of 'Always', 'IfNotPresent', 'Never', got 'always'; did you mean 'Always'?"],
    ['null', 'Container', { name: 'a', image: null }, 'image: null is not allowed; leave the key out'],
    ['missing', 'VolumeMount', { readOnly: true }, "missing 'mountPath', 'name', required in VolumeMount"],
    ['an object for a list', 'PodSpec', { containers: { name: 'a' } }, 'containers: expected a list, got an object; write [{ … }]'],
    ['a list for an object', 'Container', { name: 'a', resources: [] }, "resources: expected an object (ResourceRequirements), got a list; write { limits: { memory: '…' } }"],
    ['a list for a map', 'ObjectMeta', { labels: ['a'] }, 'labels: expected an object of key and value, got a list'],
    ['a hole in a list', 'Container', { name: 'a', args: ['a', undefined] }, 'args[1]: expected an item, got undefined; remove it from the list'],
    ['a Map', 'ObjectMeta', { labels: new Map() }, 'labels: expected an object of key and value, got a Map'],
    ['a function', 'EnvVar', { name: () => 'a' }, 'name: expected a string, got a function'],
    ['Quantity where a string is meant', 'EnvVar', { name: k8s.Quantity.fromString('1') }, 'name: expected a string, got a Quantity'],
    ['NaN', 'ResourceRequirements', { limits: { cpu: NaN } },
      "limits.cpu: expected a quantity such as 0.5, '500m' or '512Mi' (suffixes: m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei), got the number NaN"],
  ])('%s', (_, type, value, message) => {
    expect(problem(type, value)).toBe(message);
  });

  test('all are reported at once, each with its path', () => {
    expect(problem('PodSpec', { containers: [{ image: 5 }, { name: 'b', env: [{ name: 'X', value: 1 }] }], tolerations: [{ effect: 'Foo' }] }, 'spec')).toBe([
      '4 problems:',
      "  - spec.containers[0].image: expected a string, got the number 5; quote it: '5'",
      "  - spec.containers[0]: missing 'name', required in Container",
      "  - spec.containers[1].env[0].value: expected a string, got the number 1; quote it: '1'",
      "  - spec.tolerations[0].effect: expected one of 'NoExecute', 'NoSchedule', 'PreferNoSchedule', got 'Foo'",
    ].join('\n'));
  });

  test('hostile keys do not reach a prototype', () => {
    expect(problem('PodSpec', JSON.parse('{"containers":[],"__proto__":{"hostPID":true}}'))).toContain("unknown key '__proto__'");
    expect(problem('PodSpec', { containers: [], constructor: {} })).toContain("unknown key 'constructor'");
    const labels = toWire('ObjectMeta', JSON.parse('{"labels":{"__proto__":"x"}}'), '').labels;
    expect(Object.keys(labels)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(labels)).toBe(Object.prototype);
  });

  test('a cycle is an error, a value used twice is not', () => {
    const options: any = {};
    options.self = options;
    expect(problem('object', options, 'x')).toBe('x.self: the value contains itself; JSON has no cycles');
    const env = [{ name: 'a', value: 'b' }];
    expect(toWire('[]Container', [{ name: 'a', env }, { name: 'b', env }], '')).toHaveLength(2);
  });

  test("a type that does not exist is the caller's mistake", () => {
    expect(() => toWire('[]Taint', [], '')).toThrow("no type 'Taint'");
    expect(() => toWire('PodSpecs', {}, '')).toThrow(`no type 'PodSpecs' in the Kubernetes ${SCHEMA_VERSION} schema; did you mean 'PodSpec'?`);
  });
});

describe('for any value that the schema allows', () => {
  const quantity = fc.oneof(fc.integer(), fc.stringMatching(/^[1-9][0-9]{0,4}(m|k|M|Mi|Gi)?$/));
  const text = fc.string({ maxLength: 5 });
  const scalars: { [type: string]: fc.Arbitrary<unknown> } = {
    string: text,
    boolean: fc.boolean(),
    int32: fc.integer(),
    int64: fc.maxSafeInteger(),
    IntOrString: fc.oneof(fc.integer(), text),
    Quantity: quantity,
    Time: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }).map(date => date.toISOString()),
    object: fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null))),
  };

  /** Any wire value of a type: its required keys and, one time in eight, each other key. */
  function value(spec: string, depth: number): fc.Arbitrary<unknown> {
    if (spec.startsWith('[]')) { return fc.array(value(spec.slice(2), depth), { maxLength: 2 }); }
    if (spec.startsWith('{}')) { return fc.dictionary(fc.stringMatching(/^[a-z./_]{1,8}$/), value(spec.slice(2), depth), { maxKeys: 3 }); }
    if (spec.startsWith('=')) { return fc.constantFrom(...spec.slice(1).split('|')); }
    if (scalars[spec]) { return scalars[spec]; }
    const keys = Object.entries(SCHEMA[spec]);
    const required = keys.filter(([, s]) => s.endsWith('!'));
    const optional = depth === 0 ? [] : keys.filter(([, s]) => !s.endsWith('!'));
    return fc.shuffledSubarray(optional, { maxLength: Math.min(6, optional.length) }).chain(chosen =>
      fc.record(Object.fromEntries([...required, ...chosen].map(([key, s]) => [key, value(s.replace(/!$/, ''), depth - 1)]))));
  }

  const samples = fc.constantFrom('Pod', 'Deployment', 'CronJob', 'Service', 'NetworkPolicy', 'Ingress').chain(type => value(type, 5).map(v => ({ type, v })));

  test('it is given back equal', () => {
    fc.assert(fc.property(samples, ({ type, v }) => {
      expect(toWire(type, v, '')).toEqual(v);
    }), { numRuns: 200 });
  });

  test('the L1 spelling of it gives the same', () => {
    const l1 = (spec: string, v: any): unknown => {
      if (spec.startsWith('[]')) { return v.map((item: unknown) => l1(spec.slice(2), item)); }
      if (spec.startsWith('{}')) { return Object.fromEntries(Object.entries(v).map(([key, item]) => [key, l1(spec.slice(2), item)])); }
      if (spec === 'Quantity') { return typeof v === 'number' ? k8s.Quantity.fromNumber(v) : k8s.Quantity.fromString(v); }
      if (spec === 'IntOrString') { return typeof v === 'number' ? k8s.IntOrString.fromNumber(v) : k8s.IntOrString.fromString(v); }
      if (spec === 'Time') { return new Date(v); }
      const keys = SCHEMA[spec];
      if (!keys) { return v; }
      return Object.fromEntries(Object.entries(v).map(([key, item]) => [l1Name(key), l1(keys[key].replace(/!$/, ''), item)]));
    };
    fc.assert(fc.property(samples, ({ type, v }) => {
      expect(toWire(type, l1(type, v), '')).toEqual(v);
    }), { numRuns: 200 });
  });
});

test('the table refers to itself only', () => {
  const known = ['string', 'boolean', 'int32', 'int64', 'IntOrString', 'Quantity', 'Time', 'object', ...Object.keys(SCHEMA)];
  const named = Object.values(SCHEMA).flatMap(keys => Object.values(keys)).map(spec => spec.replace(/!$/, '').replace(/^(\[\]|\{\})+/, ''));
  expect(named.filter(spec => !spec.startsWith('=') && !known.includes(spec))).toEqual([]);
});
