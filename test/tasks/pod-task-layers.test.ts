import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PodTask, PodTaskProps } from '../../src';
import { mapTemplatedFields } from '../../src/pod/jinja';
import { readTaskAnnotation } from '../../src/pod/task-annotation';
import { renderPod } from '../../src/runtime';
import { chart, find, synth } from '../util';

const task = (props: PodTaskProps, id = 'task') => {
  const scope = chart({ namespace: 'of-the-chart' });
  new PodTask(scope, id, { hardening: false, ...props });
  return find(synth(scope), 'Pod');
};
const file = (text: string) => {
  const path = join(mkdtempSync(join(tmpdir(), 'template-')), 'pod.yaml');
  writeFileSync(path, text);
  return path;
};
const withBase = (container: any = {}, spec: any = {}, metadata?: any) =>
  ({ ...(metadata ? { metadata } : {}), spec: { ...spec, containers: [{ name: 'base', image: 'old:1', ...container }] } });

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => jest.restoreAllMocks());

describe('order', () => {
  test('a template file loses to fullPodSpec, that to the parameters, those to podOverride, and unset has the last word', () => {
    const pod = task({
      podTemplateFile: file('metadata: {name: from-file, namespace: file}\nspec: {hostname: file, subdomain: file, nodeName: file, schedulerName: file, priorityClassName: file, containers: [{name: main, image: "file:1"}]}'),
      fullPodSpec: { spec: { subdomain: 'full', schedulerName: 'full', nodeName: 'full', priorityClassName: 'full', containers: [{ name: 'base', args: ['full'] }] } },
      schedulername: 'parameter',
      priorityClassName: 'parameter',
      podOverride: { spec: { priorityClassName: 'override' } },
      unset: ['spec.nodeName'],
    });
    expect(pod.metadata).toMatchObject({ name: 'from-file', namespace: 'file' });
    expect(pod.spec).toEqual({
      restartPolicy: 'Never',
      hostname: 'file',
      subdomain: 'full',
      schedulerName: 'parameter',
      priorityClassName: 'override',
      containers: [{ name: 'base', image: 'file:1', args: ['full'], terminationMessagePolicy: 'File' }],
    });
  });

  test('name and namespace: parameter, then fullPodSpec, then the task id and the chart', () => {
    const fullPodSpec = withBase({}, {}, { name: 'Full.Name', namespace: 'full' });
    expect(task({ fullPodSpec, name: 'mine', namespace: 'here' }).metadata).toMatchObject({ name: 'mine', namespace: 'here' });
    expect(task({ fullPodSpec }).metadata).toMatchObject({ name: 'full-name', namespace: 'full' });
    expect(task({ fullPodSpec: withBase() }).metadata).toMatchObject({ name: 'task', namespace: 'of-the-chart' });
  });

  test('false and 0 of a parameter win over a layer below', () => {
    const spec = task({
      podTemplateDict: withBase({}, { hostNetwork: true, automountServiceAccountToken: true, terminationGracePeriodSeconds: 60 }),
      hostnetwork: false,
      automountServiceAccountToken: false,
      terminationGracePeriod: 0,
    }).spec;
    expect(spec).toMatchObject({ hostNetwork: false, automountServiceAccountToken: false, terminationGracePeriodSeconds: 0 });
  });
});

test("a name of a layer stays as it is where Kubernetes takes it, and the task's own has no dots", () => {
  expect(task({ fullPodSpec: withBase({}, {}, { name: 'a.b-c' }) }).metadata.name).toBe('a.b-c');
  expect(task({ fullPodSpec: withBase({}, {}, { name: 'My.Pod' }) }).metadata.name).toBe('my-pod');
  expect(task({ fullPodSpec: withBase({}, {}, { name: 'a.b-c' }), name: 'a.b' }).metadata.name).toBe('a-b');
});

describe('the base container', () => {
  const names = (props: PodTaskProps) => task(props).spec.containers.map((c: any) => `${c.name}=${c.image}`);
  const containers = (...list: any[]) => ({ spec: { containers: list } });

  test('is the one of that name, and comes first', () => {
    expect(names({ podTemplateDict: containers({ name: 'side', image: 's' }, { name: 'base', image: 'b' }), cmds: ['x'] })).toEqual(['base=b', 'side=s']);
  });

  test('is the first one where none has that name', () => {
    expect(names({ podTemplateDict: containers({ name: 'main', image: 'm' }, { name: 'side', image: 's' }), image: 'mine' })).toEqual(['base=mine', 'side=s']);
  });

  test('is not a sidecar that a lower layer knows', () => {
    expect(names({ podTemplateDict: containers({ name: 'base', image: 'b' }, { name: 'side', image: 's' }), fullPodSpec: containers({ name: 'side', image: 's2' }) }))
      .toEqual(['base=b', 'side=s2']);
  });

  test('may have another name', () => {
    expect(names({ podTemplateDict: containers({ name: 'side', image: 's' }, { name: 'main', image: 'm' }), baseContainerName: 'main' })).toEqual(['main=m', 'side=s']);
  });
});

describe('hardening', () => {
  test('fills what no layer gives, in every container', () => {
    const spec = task({
      hardening: true,
      podTemplateDict: { spec: { containers: [{ name: 'base', image: 'b', securityContext: { runAsUser: 5 } }, { name: 'side', image: 's' }], initContainers: [{ name: 'init', image: 'i' }] } },
      podOverride: { spec: { containers: [{ name: 'late', image: 'l' }] } },
    }).spec;
    const hardened = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
    expect(spec.containers.map((c: any) => c.securityContext)).toEqual([{ ...hardened, runAsUser: 5 }, hardened, hardened]);
    expect(spec.initContainers[0].securityContext).toEqual(hardened);
    expect(spec).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true, runAsUser: 50000 } });
  });

  test('gives way to unset', () => {
    expect(task({ hardening: true, image: 'i', unset: ['spec.securityContext'] }).spec).not.toHaveProperty('securityContext');
  });
});

describe('XCom', () => {
  test("the volume and mount of a layer are used, not doubled, and an emptied sidecar's place is kept", () => {
    const podTemplateDict = withBase({ volumeMounts: [{ name: 'xcom', mountPath: '/airflow/xcom' }] }, { volumes: [{ name: 'xcom', emptyDir: {} }] });
    const spec = task({ podTemplateDict, doXcomPush: true, xcomMode: 'airflow' }).spec;
    expect(spec.volumes).toEqual([{ name: 'xcom', emptyDir: {} }]);
    expect(spec.containers[0].volumeMounts).toEqual([{ name: 'xcom', mountPath: '/airflow/xcom' }]);
  });

  test.each(['airflow', 'native'] as const)('podOverride reaches the sidecar of mode %s by its name', xcomMode => {
    const spec = task({ image: 'i', doXcomPush: true, xcomMode, podOverride: { spec: { containers: [{ name: 'airflow-xcom-sidecar', resources: { limits: { cpu: '1' } } }] } } }).spec;
    const sidecar = [...spec.containers, ...spec.initContainers ?? []].find((c: any) => c.name === 'airflow-xcom-sidecar');
    expect(sidecar).toMatchObject({ image: 'alpine:3.24.2', resources: { limits: { cpu: '1' } } });
  });
});

describe('Jinja', () => {
  const podTemplateDict = {
    metadata: { labels: { day: '{{ ds }}' } },
    spec: {
      serviceAccountName: 'sa-{{ params.team }}',
      initContainers: [{ name: 'init', image: 'i', args: ['{{ ds }}', 'plain'] }],
      containers: [{ name: 'main', image: 'b', args: ['{{ ds }}'], workingDir: '/{{ ds }}' }],
    },
  };

  test('of podTemplateDict is rendered everywhere', () => {
    const pod = task({ podTemplateDict });
    expect(readTaskAnnotation(pod)!.templated)
      .toEqual(['spec.serviceAccountName', 'spec.initContainers[init].args[0]', 'spec.containers[base].workingDir']);
    const { metadata, spec } = mapTemplatedFields(pod, text => text.replace(/\{\{.*?\}\}/g, 'X'), readTaskAnnotation(pod));
    expect(metadata.labels).toEqual({ day: 'X' });
    expect(spec).toMatchObject({ serviceAccountName: 'sa-X', initContainers: [{ args: ['X', 'plain'] }], containers: [{ args: ['X'], workingDir: '/X' }] });
  });

  test('loses the line ends that Jinja takes away, and nothing more', () => {
    const pod = task({ podTemplateDict: { spec: { containers: [{ name: 'main', image: 'b', args: ['a\n'] }, { name: 'side', image: 'b', args: ['a\n', 'a\nb', 'a\r\nb'] }] } } });
    expect(pod.spec.containers[1].args).toEqual(['a\n', 'a\nb', 'a\r\nb']);
    const { spec } = renderPod(pod, { taskId: 'task', runId: 'r', airflowVersion: '3.3.2', inCluster: false });
    expect(spec!.containers.map(({ args }: any) => args)).toEqual([['a'], ['a', 'a\nb', 'a\nb']]);
  });

  test('takes no line end of what a template file or fullPodSpec says, which the operator does not render', () => {
    const render = (props: any) => renderPod(task(props), { taskId: 'task', runId: 'r', airflowVersion: '3.3.2', inCluster: false, nameSuffix: '' });
    const layer = { metadata: { annotations: { 'a/b': 'x\n' } }, spec: { containers: [{ name: 'base', image: 'a:1', args: ['-c', 'x\n'], env: [{ name: 'A', value: 'x\r\n' }, { name: 'B', value: 'x\n' }] }] } };
    for (const props of [{ fullPodSpec: layer }, { podTemplateFile: file(JSON.stringify(layer)) }]) {
      const { metadata, spec: { containers: [base] } } = render({ ...props, envVars: { B: 'y\n' } });
      expect(metadata.annotations!['a/b']).toBe('x\n');
      expect([base.args, base.env]).toEqual([['-c', 'x\n'], [{ name: 'A', value: 'x\r\n' }, { name: 'B', value: 'y' }]]);
    }
    expect(render({ podTemplateDict: layer }).spec.containers[0].args).toEqual(['-c', 'x']);
  });

  test('takes none of that from a mapped task, and takes it from what the task is mapped over', () => {
    const pod = task({ fullPodSpec: withBase({ image: 'a:1', args: ['x\n'], env: [{ name: 'A', value: 'x\n' }] }), expand: { arguments: [['{{ ds }}\n'], ['y']] } });
    const { args, env } = renderPod(pod, { taskId: 'task', runId: 'r', airflowVersion: '3.3.2', inCluster: false, mapIndex: 0, logicalDate: '2026-01-02T00:00:00Z' }).spec!.containers[0];
    expect([args, env]).toEqual([['2026-01-02'], [{ name: 'A', value: 'x\n' }]]);
  });

  test('is left alone where a parameter replaces it, and where the operator leaves it alone', () => {
    const pod = task({ podTemplateDict, serviceAccountName: 'mine', initContainers: [{ name: 'other', image: 'i', args: ['{{ ds }}'] }] });
    expect(readTaskAnnotation(pod)!.templated).toEqual(['spec.initContainers[init].args[0]', 'spec.containers[base].workingDir']);
  });

  test('may stand in a quantity', () => {
    expect(task({ image: 'i', containerResources: { limits: { memory: '{{ params.memory }}', cpu: 1 } } }).spec.containers[0].resources)
      .toEqual({ limits: { memory: '{{ params.memory }}', cpu: 1 } });
  });
});

describe('refusals', () => {
  test.each<[string, () => PodTaskProps, string]>([
    ['a missing file', () => ({ podTemplateFile: '/nowhere/pod.yaml' }), "'podTemplateFile' must be the path of a YAML file, got \"/nowhere/pod.yaml\", where there is none"],
    ['an address', () => ({ podTemplateFile: 'https://example.com/pod.yaml' }), "'podTemplateFile' must be the path of a YAML file"],
    ['an empty file', () => ({ podTemplateFile: file('') }), "'podTemplateFile' must hold one pod, got an empty file"],
    ['two documents', () => ({ podTemplateFile: file('metadata: {name: a}\n---\nmetadata: {name: b}') }), "'podTemplateFile' must hold one pod, got 2 documents"],
    ['a list', () => ({ podTemplateFile: file('- a') }), "'podTemplateFile' must hold a pod, an object with 'metadata' and 'spec', got a list"],
    ['another kind', () => ({ podTemplateFile: file('kind: Job\nmetadata: {name: a}') }), "podTemplateFile.kind: expected 'Pod', got 'Job'"],
    ['a misspelt key', () => ({ podTemplateDict: withBase({ imagePulPolicy: 'Always' }) }), "unknown key 'imagePulPolicy' of Container (Kubernetes 1.34); did you mean 'imagePullPolicy'?"],
    ['a text for a flag', () => ({ podTemplateDict: withBase({ tty: 'no' }) }), "podTemplateDict.spec.containers[0].tty: expected true or false, got 'no'"],
    ['a doubtful number', () => ({ podTemplateFile: file('spec: {containers: [{name: base, image: x, args: [1.0]}]}') }), "'podTemplateFile': spec.containers[0].args[0]: the number 1 stands where a text is meant"],
    ['a spec without a pod', () => ({ fullPodSpec: { containers: [] } }), "fullPodSpec: unknown key 'containers' of Pod (Kubernetes 1.34); it belongs in 'spec'"],
    ['Jinja in a file', () => ({ podTemplateFile: file('spec: {containers: [{name: base, image: x, args: ["{{ ds }}"]}]}') }), "'podTemplateFile' holds Jinja at 'spec.containers[base].args[0]', where KubernetesPodOperator does not render it"],
    ['Jinja in fullPodSpec', () => ({ fullPodSpec: withBase({ args: ['{{ ds }}'] }) }), "'fullPodSpec' holds Jinja at 'spec.containers[base].args[0]'"],
    ['file and dictionary', () => ({ podTemplateFile: 'x', podTemplateDict: {} }), "'podTemplateFile' and 'podTemplateDict' are both given"],
    ['no image in any layer', () => ({ podTemplateDict: { spec: { containers: [{ name: 'base' }] } } }), "container 'base' has no image; give it one, or write the name of the container that is meant (there are 'base')"],
    ['an override of no container', () => ({ image: 'i', podOverride: { spec: { containers: [{ name: 'bas', args: ['x'] }] } } }), "container 'bas' has no image"],
    ['an override of no sidecar', () => ({ image: 'i', podOverride: { spec: { containers: [{ name: 'airflow-xcom-sidecar' }] } } }), "'podOverride' names the container 'airflow-xcom-sidecar', which only a pod with 'doXcomPush: true' and a sidecar has"],
    ['another restart policy', () => ({ image: 'i', podOverride: { spec: { restartPolicy: 'OnFailure' } } }), "'podOverride' sets 'restartPolicy' to 'OnFailure', but the pod of a task runs once; use 'retries'"],
    ['a path that matches nothing', () => ({ image: 'i', unset: ['spec.containers[base].resources'] }), "'unset' of 'spec.containers[base].resources' matches nothing: 'spec.containers[base]' has 'terminationMessagePolicy', 'name', 'image'"],
    ['the base container taken out', () => ({ image: 'i', unset: ['spec.containers[base]'] }), "'unset' must leave the container 'base', which runs the task"],
    ['two volumes of one name', () => ({ podTemplateDict: withBase({}, { volumes: [{ name: 'v', emptyDir: {} }] }), volumes: [{ name: 'v', hostPath: { path: '/' } }] }), "volume 'v' is {\"name\":\"v\",\"emptyDir\":{}} in 'podTemplateDict' and {\"name\":\"v\",\"hostPath\":{\"path\":\"/\"}} in the task's parameters"],
    ['a key that a whole pod needs', () => ({ fullPodSpec: withBase({ livenessProbe: { httpGet: { path: '/' } } }) }), "spec.containers[0].livenessProbe.httpGet: missing 'port', required in HTTPGetAction"],
    ['a nameless container', () => ({ image: 'i', podOverride: { spec: { containers: [{ image: 'x' }] } } }), "an item of 'containers' has no 'name'"],
  ])('%s', (_, props, message) => {
    expect(() => task(props())).toThrow(message);
    expect(() => task(props())).toThrow('[chart/task]');
  });
});
