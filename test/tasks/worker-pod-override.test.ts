import { parse } from 'yaml';
import { AirflowImage, AirflowVersion, WorkerPodOverride, WorkerPodTemplate } from '../../src';

const override = (pod: any, name = 'gpu') => new WorkerPodOverride({ name, pod });
const message = (action: () => unknown) => {
  try { action(); } catch (error) { return (error as Error).message; }
  return 'no error';
};

test('a Python module with an executor_config for each override', () => {
  const gpu = override({
    metadata: { labels: { purpose: 'training' } },
    spec: {
      nodeSelector: { 'accelerator/kind': 'a100' },
      containers: [{ name: 'base', resources: { limits: { 'nvidia.com/gpu': 1 } }, env: [{ name: 'QUOTE', value: 'it\'s "x"\n' }] }],
    },
  });
  expect(WorkerPodOverride.toPythonModule([gpu, override({ metadata: { annotations: { a: 'b' } } }, 'noted')])).toBe(`\
"""Made by cdk8s-airflow. The executor_config of tasks, by name."""

from kubernetes.client import models as k8s

gpu = {
    "pod_override": k8s.V1Pod(
        metadata=k8s.V1ObjectMeta(labels={"purpose": "training"}),
        spec=k8s.V1PodSpec(
            node_selector={"accelerator/kind": "a100"},
            containers=[
                k8s.V1Container(
                    name="base",
                    resources=k8s.V1ResourceRequirements(limits={"nvidia.com/gpu": 1}),
                    env=[k8s.V1EnvVar(name="QUOTE", value="it's \\"x\\"\\n")],
                ),
            ],
        ),
    ),
}

noted = {"pod_override": k8s.V1Pod(metadata=k8s.V1ObjectMeta(annotations={"a": "b"}))}
`);
});

test('base comes first, also where it is not named: Airflow merges containers by place', () => {
  const module = WorkerPodOverride.toPythonModule([override({ spec: { containers: [{ name: 'side', image: 's' }] } })]);
  expect(module).toContain('containers=[k8s.V1Container(name="base"), k8s.V1Container(name="side", image="s")]');
  const swapped = WorkerPodOverride.toPythonModule([override({ spec: { containers: [{ name: 'side', image: 's' }, { name: 'base', image: 'b' }] } })]);
  expect(swapped).toMatch(/V1Container\(name="base", image="b"\),\s+k8s.V1Container\(name="side", image="s"\)/);
});

describe('a module for a template that is known', () => {
  const template = new WorkerPodTemplate({
    name: 'af',
    version: AirflowVersion.V3_3,
    image: AirflowImage.of('airflow:1'),
    containers: [{ name: 'log', image: 'l', ports: [{ name: 'http', containerPort: 80 }] }],
    volumes: [{ name: 'data', emptyDir: {} }],
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
    podOverride: { spec: { hostNetwork: true } },
  });
  const module = (spec: any) => WorkerPodOverride.toPythonModule([override({ spec })], template);

  test('every container at the place of its name, and nothing twice', () => {
    const text = module({
      containers: [{ name: 'new', image: 'n' }, { name: 'base', volumeMounts: [{ name: 'data', mountPath: '/data' }, { name: 'more', mountPath: '/more' }] }],
      volumes: [{ name: 'data', emptyDir: {} }, { name: 'more', emptyDir: {} }],
    });
    expect(text.match(/V1Container\(\s*name="\w+"/g)!.map(call => /"(\w+)"/.exec(call)![1])).toEqual(['base', 'log', 'new']);
    expect(text).toContain('V1VolumeMount(name="more"');
    expect(text).not.toContain('"data"');
  });

  test.each<[string, any, string]>([
    ['another volume of a name', { volumes: [{ name: 'data', hostPath: { path: '/x' } }] }, "spec.volumes: 'data' would be there twice"],
    ['another mount at a path', { containers: [{ name: 'base', volumeMounts: [{ name: 'data', mountPath: '/data', readOnly: true }] }] }, "container 'base', 'volumeMounts': '/data' would be there twice"],
    ['another port of a name', { containers: [{ name: 'log', ports: [{ name: 'http', containerPort: 81 }] }] }, "container 'log', 'ports': 'http' would be there twice"],
    ['false over true', { hostNetwork: false }, "spec: 'hostNetwork' of false would be lost to the template's true"],
  ])('refused: %s', (_, spec, expected) => {
    expect(message(() => module(spec))).toBe(
      `WorkerPodOverride 'gpu': ${expected}, as Airflow merges executor_config; name the template file instead that 'addWorkerPodTemplate' mounts, in which all is merged by name`);
  });
});

test('a template file: the deployment\'s pod with what differs, merged by name', () => {
  const template = new WorkerPodTemplate({ name: 'af', version: AirflowVersion.V3_3, image: AirflowImage.of('airflow:1'), containers: [{ name: 'log', image: 'l' }] });
  const pod = parse(override({ spec: { containers: [{ name: 'log', image: 'l2' }, { name: 'base', env: [{ name: 'A', value: 'no' }] }] } }).toPodTemplateFile(template));
  expect(pod.spec.serviceAccountName).toBe('af-worker');
  expect(pod.spec.containers.map(({ name, image }: any) => [name, image])).toEqual([['base', 'airflow:1'], ['log', 'l2']]);
  expect(pod.spec.containers[0].env).toEqual([{ name: 'CONNECTION_CHECK_MAX_COUNT', value: '0' }, { name: 'A', value: 'no' }]);
});

test.each<[string, () => unknown, string]>([
  ['a name that Python cannot have', () => override({}, 'my-gpu'), "'name' must be a name in Python of at most 63 lower-case letters, digits and '_', other than 'k8s', got \"my-gpu\""],
  ['a word of Python', () => override({}, 'class'), "'name' must be a name in Python"],
  ['the name of a task', () => override({ metadata: { name: 'x' } }), "WorkerPodOverride 'gpu': 'pod.metadata.name' is Airflow's own: it finds and starts the task by it; remove it"],
  ['a label of Airflow', () => override({ metadata: { labels: { dag_id: 'x' } } }), "'pod.metadata.labels.dag_id' is Airflow's own"],
  ['the command', () => override({ spec: { containers: [{ name: 'base', args: ['x'] }] } }), "'pod.spec.containers[base].args' is Airflow's own"],
  ['another name for base', () => override({ spec: { containers: [{ name: 'Base', image: 'x' }] } }), "the container of the task is called 'base', got 'Base'"],
  ['no name', () => override({ spec: { containers: [{ image: 'x' }] } }), "the container of the task is called 'base', got one without a name"],
  ['Jinja', () => override({ spec: { containers: [{ name: 'base', env: [{ name: 'A', value: '{{ ds }}' }] }] } }),
    "'pod.spec.containers[base].env[A].value' holds Jinja, which Airflow does not render in executor_config: {{ ds }}; write the text itself"],
  ...['containers', 'initContainers'].map((list): [string, () => unknown, string] => [`a credential in ${list}`,
    () => override({ spec: { [list]: [{ name: 'base', image: 'x:1', env: [{ name: 'TOKEN', value: 'hunter2' }] }] } }),
    `WorkerPodOverride 'gpu': 'pod.spec.${list}[base].env' sets 'TOKEN' to a credential, by its name`]),
  ['another restart policy', () => override({ spec: { restartPolicy: 'Always' } }), "'pod.spec.restartPolicy' must be 'Never', got 'Always'"],
  ['what Python would refuse', () => override({ spec: { containers: [{ name: 'base', volumeMounts: [{ name: 'x' }] }] } }),
    "pod.spec.containers[0].volumeMounts[0]: missing 'mountPath', required in VolumeMount"],
  ['a misspelt key', () => override({ spec: { containers: [{ name: 'base', resource: {} }] } }), "did you mean 'resources'?"],
  ['two of one name', () => WorkerPodOverride.toPythonModule([override({}), override({})]), "two overrides are called 'gpu'; give one of them another 'name'"],
  ['no props', () => new WorkerPodOverride(undefined as any), 'WorkerPodOverride: expected an object with the members of WorkerPodOverrideProps, got undefined'],
  ['no pod', () => new WorkerPodOverride({ name: 'gpu' } as any), "WorkerPodOverride 'gpu': 'pod' is missing"],
  ['a misspelt prop', () => new WorkerPodOverride({ name: 'gpu', pods: {} } as any), "WorkerPodOverride: unknown prop 'pods'; did you mean 'pod'?"],
  ['one where a list is meant', () => WorkerPodOverride.toPythonModule('gpu' as any), 'a Python module takes a list of WorkerPodOverride, got "gpu"'],
  ['none', () => WorkerPodOverride.toPythonModule([]), 'a Python module of no override; give at least one WorkerPodOverride'],
])('refused: %s', (_, action, expected) => {
  expect(message(action)).toContain(expected);
});
