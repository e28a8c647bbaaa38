import { App, Chart, Testing } from 'cdk8s';
import { AirflowVersion, DagFile, JobTask, PodTask, PodTaskProps } from '../../src';
import { readTaskAnnotation, TASK_ANNOTATION } from '../../src/pod/task-annotation';

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => jest.restoreAllMocks());

const chart = () => new Chart(new App(), 'chart');
const list = (scope: Chart, props = {}) => new PodTask(scope, 'list', { image: 'busybox:1', doXcomPush: true, renderAs: 'none', ...props });
const mapped = (props: PodTaskProps, scope = chart()) => new PodTask(scope, 'work', { renderAs: 'PodTemplate', ...props });
const python = (...tasks: PodTask[]) => new DagFile({ dagId: 'd', tasks }).toPython();
/** The statement of a task, on one line. */
const statement = (text: string, name: string) => new RegExp(`\n    ${name} = ([^]*?)\n\n`).exec(`${text}\n\n`)![1].replace(/,\n\s*/g, ', ').replace(/\n\s*/g, '').replace(/, ([)\]}])/g, '$1');

test('the manifest holds the pod of the first items, and what the pods of all are made of', () => {
  const scope = chart();
  const task = mapped({
    image: 'busybox:1', expand: { arguments: [['a'], ['b', '{{ ds }}']], envVars: [{ N: '1' }, { N: '2' }] }, labels: { team: 'x' }, dependsOn: [list(scope)],
  }, scope);
  const [manifest] = Testing.synth(scope);
  expect(manifest.template.spec.containers[0]).toMatchObject({ args: ['a'], env: [{ name: 'N', value: '1' }] });
  const { expand, dependsOn } = readTaskAnnotation(manifest)!;
  expect(dependsOn).toEqual(['list']);
  expect(expand!.factors).toEqual([
    { parameter: 'arguments', items: [{ arguments: ['a'] }, { arguments: ['b', '{{ ds }}'] }] },
    { parameter: 'envVars', items: [{ env: [{ name: 'N', value: '1' }] }, { env: [{ name: 'N', value: '2' }] }] },
  ]);
  expect(expand!.pod.parameters).toMatchObject({ image: 'busybox:1', labels: { team: 'x' } });
  expect(expand!.pod.parameters.arguments).toBeUndefined();
  expect(manifest.metadata.annotations[TASK_ANNOTATION]).toBe(manifest.template.metadata.annotations[TASK_ANNOTATION]);
  expect(task.toPodTemplateFile.bind(task)).toThrow('a template file is one pod, and the task is mapped');
});

test('a task waits for the task over whose XCom it is mapped', () => {
  const scope = chart();
  const task = mapped({ expand: { image: list(scope).output } }, scope);
  expect(task.dependsOn).toEqual(['list']);
  expect(Testing.synth(scope)[0].template.spec.containers[0].image).toBe("{{ ti.xcom_pull(task_ids='list')[ti.map_index] }}");
  expect(() => list(chart(), { doXcomPush: false }).output).toThrow('it pushes no XCom');
});

test.each<[string, any, string]>([
  ['both', { expand: { cmds: [['a']] }, expandKwargs: [] }, "'expand' and 'expandKwargs' are both given; a task is mapped once"],
  ['a list of nothing', { expand: {} }, "'expand' is empty; name a parameter and its list"],
  ['a list in its place', { expand: [['a']] }, "'expand' must be an object of parameters and their lists, such as { arguments: [['a'], ['b']] }, got [[\"a\"]]"],
  ['a single value', { expand: { cmds: 'a' } }, "'expand.cmds' must be a list of values of 'cmds', or the 'output' of a task, got \"a\""],
  ['a parameter that is given', { cmds: ['a'], expand: { cmds: [['a']] } }, "'cmds' is given, and 'expand.cmds' again; take one out"],
  ['another word', { expand: { argument: [['a']] } }, "'expand.argument' is no parameter that a task can be mapped over; did you mean 'arguments'?"],
  ['what is the task\'s own', { expand: { retries: [1] } }, "'expand.retries' is no parameter that a task can be mapped over; those are 'image', "],
  ['a wrong item', { expand: { arguments: [['a'], 'b'] } }, "'expand.arguments[1]': 'arguments' must be a list of strings, got \"b\""],
  ['an item that is no image', { image: undefined, expand: { image: ['busybox:1', 'Bad Image'] } }, "'expand.image[1]': 'spec.containers[base].image' must be a name such as"],
  ['null', { expand: { arguments: [['a'], null] } }, "'expand.arguments[1]' is null; give a value of 'arguments', such as one that is empty"],
  ['a wrong set', { expandKwargs: [{ arguments: ['a'] }, ['b']] }, "'expandKwargs[1]' must be an object of parameters, got [\"b\"]"],
  ['a set with what is given', { expandKwargs: [{ image: 'a' }] }, "'image' is given, and 'expandKwargs[0].image' again; take one out"],
  ['a text as sets', { expandKwargs: 'x' }, "'expandKwargs' must be a list of objects, or the 'output' of a task, got \"x\""],
  ['a credential', { expand: { envVars: [{ A: 'b' }, { PASSWORD: 'hunter2-hunter2' }] } }, 'which everybody sees who may read pods'],
])('%s is refused', (_, props, message) => {
  expect(() => mapped({ image: 'busybox:1', ...props })).toThrow(`[chart/work] ${message.startsWith('which') ? '' : message}`);
  expect(() => mapped({ image: 'busybox:1', ...props })).toThrow(message);
});

test('a part of an XCom, a task in place of its output, and a parameter that no XCom holds are refused', () => {
  const scope = chart();
  const task = list(scope);
  expect(() => mapped({ image: 'a', expand: { cmds: task.output.get('x') } })).toThrow("'expand.cmds' takes the whole XCom of a task, as Airflow does; let 'list' push the list alone");
  expect(() => mapped({ image: 'a', expand: { cmds: task.output.at(0) } })).toThrow('takes the whole XCom');
  expect(() => mapped({ image: 'a', expand: { cmds: task } })).toThrow("got the task 'list'; write its 'output'");
  expect(() => mapped({ image: 'a', expand: { volumes: task.output } })).toThrow("'expand.volumes' cannot come from an XCom; those that can are 'image', 'name', ");
  expect(() => new JobTask(scope, 'job', { image: 'a', expand: { cmds: [['a']] } } as any)).toThrow("unknown prop 'expand'");
});

describe('as a DAG', () => {
  test('.partial().expand(), lists and XComs, the task over which it is mapped first', () => {
    const scope = chart();
    const first = list(scope);
    const task = mapped({ image: 'busybox:1', hardening: false, expand: { cmds: [['a'], ['b']], arguments: first.output }, retries: 2 }, scope);
    const text = python(task, first);
    expect(text.indexOf('    list = ')).toBeLessThan(text.indexOf('    work = '));
    expect(statement(text, 'work')).toBe('KubernetesPodOperator.partial(task_id="work", name="work", image="busybox:1", retries=2)'
      + '.expand(cmds=[["a"], ["b"]], arguments=list.output)');
    expect(text).toContain('list >> work');
  });

  test('a list of variables has those of other layers, too; beside an XCom they are in full_pod_spec', () => {
    const scope = chart();
    const layers = { image: 'busybox:1', hardening: false, fullPodSpec: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'base', env: [{ name: 'FIX', value: 'x' }] }] } } };
    const items = statement(python(mapped({ ...layers, expand: { envVars: [{ N: '1' }, { FIX: 'y' }] } })), 'work');
    expect(items).toContain('.expand(env_vars=[[k8s.V1EnvVar(name="FIX", value="x"), k8s.V1EnvVar(name="N", value="1")], [k8s.V1EnvVar(name="FIX", value="y")]])');
    expect(items).not.toMatch(/partial\(.*env_vars=.*\.expand/);
    const first = list(scope);
    const xcom = statement(python(first, mapped({ ...layers, expand: { envVars: first.output, labels: first.output } }, scope)), 'work');
    expect(xcom).toContain('full_pod_spec=k8s.V1Pod(metadata=k8s.V1ObjectMeta(labels={"a": "b"}), spec=k8s.V1PodSpec(containers=[k8s.V1Container(name="base", env=[k8s.V1EnvVar(name="FIX", value="x")])');
    expect(xcom).toContain('.expand(env_vars=list.output, labels=list.output)');
  });

  test('texts of a layer stay as they are: kept from being rendered in an argument, and in full_pod_spec, which is not rendered', () => {
    const scope = chart();
    const layers = { image: 'busybox:1', hardening: false, fullPodSpec: { spec: { containers: [{ name: 'base', env: [{ name: 'FIX', value: 'x\n' }] }] } } };
    const items = statement(python(mapped({ ...layers, expand: { envVars: [{ N: '1' }, { FIX: '{{ ds }}\n' }] } })), 'work');
    expect(items).toContain('.expand(env_vars=[[k8s.V1EnvVar(name="FIX", value="{{ \'x\\\\x0a\' }}"), k8s.V1EnvVar(name="N", value="1")], '
      + '[k8s.V1EnvVar(name="FIX", value="{{ ds }}\\n")]])');
    const first = list(scope);
    expect(statement(python(first, mapped({ ...layers, expand: { envVars: first.output } }, scope)), 'work')).toContain('env=[k8s.V1EnvVar(name="FIX", value="x\\n")]');
  });

  test('.expand_kwargs() of a list and of an XCom', () => {
    const sets = statement(python(mapped({ hardening: false, expandKwargs: [{ image: 'a', name: 'One' }, { image: 'b', cmds: ['c'] }] })), 'work');
    expect(sets).toBe('KubernetesPodOperator.partial(task_id="work").expand_kwargs([{"image": "a", "name": "one"}, {"image": "b", "name": "work", "cmds": ["c"]}])');
    const outer = chart();
    const first = list(outer);
    expect(statement(python(first, mapped({ image: 'a', hardening: false, expandKwargs: first.output }, outer)), 'work'))
      .toBe('KubernetesPodOperator.partial(task_id="work", image="a").expand_kwargs(list.output)');
    const inner = chart();
    const other = list(inner);
    expect(statement(python(other, mapped({ hardening: false, expandKwargs: other.output }, inner)), 'work'))
      .toBe('KubernetesPodOperator.partial(task_id="work").expand_kwargs(list.output)');
  });

  test('Jinja that Airflow would not render beside an XCom is refused', () => {
    const scope = chart();
    const first = list(scope);
    const raw = { spec: { containers: [{ name: 'base' }, { name: 'side', image: 'docker', args: ['--format={% raw %}{{ .Names }}{% endraw %}'] }] } };
    const raised = new PodTask(scope, 'raised', { image: 'a', hardening: false, renderAs: 'none', expand: { envVars: first.output }, podTemplateDict: raw });
    const beside = statement(python(first, raised), 'raised');
    expect(beside).toContain('--format={% raw %}{{ .Names }}{% endraw %}');
    const task = mapped({ image: 'a', expand: { envVars: first.output }, podOverride: { spec: { containers: [{ name: 'base', env: [{ name: 'A', value: '{{ ds }}' }] }] } } }, scope);
    expect(() => python(first, task)).toThrow("task 'work': it is mapped over an XCom, and another part of 'envVars' holds Jinja");
    expect(new DagFile({ dagId: 'd', version: AirflowVersion.V2_11, startDate: '2026-01-01', tasks: [first] }).toPython()).toContain('airflow.models.dag');
  });
});

test('more pods than there is memory for are refused before one of them is made', () => {
  const many = Array.from({ length: 100_001 }, (_, i) => [`${i}`]);
  expect(() => mapped({ image: 'x', expand: { arguments: many.slice(0, 400), cmds: many.slice(0, 300) } })).toThrow(
    '[chart/work] the task is mapped into 400 × 300 = 120000 pods, and at most 100000 are made');
  expect(() => mapped({ expandKwargs: many.map(([image]) => ({ image })) })).toThrow('the task is mapped into 100001 pods');
  expect(() => mapped({ image: 'x', expand: { arguments: many.slice(0, 1500) } })).not.toThrow();
});
