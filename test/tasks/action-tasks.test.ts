import { CreateResourceTask, CreateResourceTaskProps, DagFile, DagFileProps, DeleteJobTask, DeleteJobTaskProps, DeleteResourceTask, JobTask, PatchJobTask, PatchJobTaskProps } from '../../src';
import { TASK_ANNOTATION } from '../../src/pod/task-annotation';
import { chart, synth } from '../util';

const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\ndata: {a: b}\n';
const annotation = (object: any) => JSON.parse(object.metadata.annotations[TASK_ANNOTATION]);

test('each is a ConfigMap that says what is to be done', () => {
  const c = chart({ namespace: 'n' });
  const remove: Required<DeleteJobTaskProps> = {
    taskId: 'delete', retries: 1, dependsOn: [], renderAs: 'ConfigMap', name: 'j', namespace: 'm', deleteOnStatus: 'Complete', waitForCompletion: true, pollInterval: 3,
  };
  new DeleteJobTask(c, 'a', remove);
  const patch: Required<PatchJobTaskProps> = {
    taskId: 'patch', retries: 0, dependsOn: [], renderAs: 'ConfigMap', name: 'j', namespace: 'm', body: { spec: { suspend: false }, metadata: { labels: { old: null } } },
  };
  new PatchJobTask(c, 'b', patch);
  const create: Omit<Required<CreateResourceTaskProps>, 'yamlConfFile'> = {
    taskId: 'create', retries: 0, dependsOn: [], renderAs: 'ConfigMap', namespace: 'm', yamlConf: CONFIG_MAP, customResourceDefinition: true, namespaced: false,
  };
  new CreateResourceTask(c, 'c', create);
  new DeleteResourceTask(c, 'd', { yamlConf: CONFIG_MAP });
  const objects = synth(c);
  expect(objects.map(({ kind, metadata, data }) => [kind, metadata.name, metadata.namespace, data])).toEqual([
    ['ConfigMap', 'delete', 'm', { name: 'j', namespace: 'm', deleteOnStatus: 'Complete', waitForCompletion: 'true' }],
    ['ConfigMap', 'patch', 'm', { name: 'j', namespace: 'm', body: '{"spec":{"suspend":false},"metadata":{"labels":{"old":null}}}' }],
    ['ConfigMap', 'create', 'm', { namespace: 'm', yamlConf: CONFIG_MAP }],
    ['ConfigMap', 'd', 'n', { yamlConf: CONFIG_MAP }],
  ]);
  expect(objects.map(annotation)).toMatchObject([{ action: 'DeleteJob', retries: 1 }, { action: 'PatchJob' }, { action: 'CreateResource' }, { action: 'DeleteResource' }]);
});

test("null, Python's None, is not given", () => {
  const objects = (none: any) => {
    const c = chart({ namespace: 'n' });
    const remove = new DeleteJobTask(c, 'a', { name: 'j', ...none && { namespace: null, deleteOnStatus: null, waitForCompletion: null, pollInterval: null, retries: null, dependsOn: null } } as any);
    new PatchJobTask(c, 'b', { name: 'j', body: { spec: { suspend: null } }, ...none && { namespace: null, taskId: null } } as any);
    const create = new CreateResourceTask(c, 'c', { yamlConf: CONFIG_MAP, ...none && { yamlConfFile: null, namespaced: null, renderAs: null } } as any);
    new DeleteResourceTask(c, 'd', { yamlConf: CONFIG_MAP, ...none && { customResourceDefinition: null } } as any);
    return [...synth(c), new DagFile({ dagId: 'd', tasks: [remove, create] }).toPython()];
  };
  expect(objects(true)).toEqual(objects(false));
});

test('an output of a Job is the name and the dependency; a namespace that only a run knows is not that of the ConfigMap', () => {
  const c = chart({ namespace: 'n' });
  const job = new JobTask(c, 'job', { image: 'i', suspend: true });
  const patch = new PatchJobTask(c, 'patch', { name: job.jobName, namespace: job.jobNamespace, body: { spec: { suspend: false } } });
  expect(patch.dependsOn).toEqual(['job']);
  const { metadata, data } = synth(c).find(({ kind }) => kind === 'ConfigMap');
  expect([metadata.namespace, data.namespace]).toEqual(['n', "{{ ti.xcom_pull(task_ids='job', key='job_namespace') }}"]);
  expect(`${patch.output}`).toBe("{{ ti.xcom_pull(task_ids='patch', key='return_value') }}");
});

test.each<[string, (c: any) => void, string]>([
  ['no name', c => new DeleteJobTask(c, 't', {} as any), "'name' must be a string or a task's output, got undefined"],
  ['a name with capitals', c => new DeleteJobTask(c, 't', { name: 'X_y' }), "'name' must be lower-case letters, digits, '-' and '.', with a letter or digit at both ends, got 'X_y'"],
  ['a namespace with underscores', c => new PatchJobTask(c, 't', { name: 'x', namespace: 'a_b', body: { spec: { suspend: false } } }), "'namespace' must be at most 63 lower-case letters"],
  ['Jinja without an end', c => new DeleteJobTask(c, 't', { name: '{{ params.job' }), "the Jinja of 'name' cannot be read: '{{ params.job' at line 1, column 1 has no '}}'"],
  ['an unknown prop', c => new DeleteJobTask(c, 't', { name: 'j', delete_on_status: 'x' } as any), "DeleteJobTask: unknown prop 'delete_on_status'"],
  ['a status', c => new DeleteJobTask(c, 't', { name: 'j', deleteOnStatus: 'Succeeded' as any }), "'deleteOnStatus' must be one of 'Complete', 'Failed', got \"Succeeded\""],
  ['no body', c => new PatchJobTask(c, 't', { name: 'j', body: {} }), "'body' must be a part of a Job, such as { spec: { suspend: false } }, got {}"],
  ['a wrong body', c => new PatchJobTask(c, 't', { name: 'j', body: { spec: { suspended: false } } }), "body.spec: unknown key 'suspended' of JobSpec"],
  ['nothing', c => new CreateResourceTask(c, 't', {}), "one of 'yamlConf' and 'yamlConfFile' must be given, got neither"],
  ['no text', c => new CreateResourceTask(c, 't', { yamlConf: {} as any }), "'yamlConf' must be YAML as a text, got {}"],
  ['no object', c => new CreateResourceTask(c, 't', { yamlConf: 'a: 1' }), "object 1 of 'yamlConf' needs 'apiVersion', 'kind' and 'metadata.name', got {\"a\":1}"],
  ['no file', c => new DeleteResourceTask(c, 't', { yamlConfFile: '/no/such' }), "'yamlConfFile' must be the path of a YAML file, got \"/no/such\""],
])('refused: %s', (_, make, message) => {
  expect(() => make(chart())).toThrow(`[chart/t] ${message}`);
});

test('in a DAG they are the operators', () => {
  const c = chart({ namespace: 'n' });
  const tasks = [
    new DeleteJobTask(c, 'delete', { name: 'j', deleteOnStatus: 'Failed', renderAs: 'none' }),
    new PatchJobTask(c, 'patch', { name: 'j', body: { spec: { suspend: false } }, retries: 2, renderAs: 'none' }),
    new CreateResourceTask(c, 'create', { yamlConf: CONFIG_MAP, renderAs: 'none' }),
    new DeleteResourceTask(c, 'remove', { yamlConf: CONFIG_MAP, customResourceDefinition: true, renderAs: 'none' }),
  ];
  const text = new DagFile({ dagId: 'd', tasks, taskOptions: { deferrable: true, kubernetesConnId: 'k' } }).toPython();
  expect(text.slice(text.indexOf('    delete = '))).toBe(`    delete = KubernetesDeleteJobOperator(
        task_id="delete",
        name="j",
        namespace="n",
        delete_on_status="Failed",
        kubernetes_conn_id="k",
    )

    patch = KubernetesPatchJobOperator(
        task_id="patch",
        retries=2,
        name="j",
        namespace="n",
        body={"spec": {"suspend": False}},
        kubernetes_conn_id="k",
    )

    create = KubernetesCreateResourceOperator(
        task_id="create",
        yaml_conf="apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: made}\\ndata: {a: b}\\n",
        namespace="n",
        kubernetes_conn_id="k",
    )

    remove = KubernetesDeleteResourceOperator(
        task_id="remove",
        yaml_conf="apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: made}\\ndata: {a: b}\\n",
        namespace="n",
        custom_resource_definition=True,
        kubernetes_conn_id="k",
    )
`);
});

test.each<[string, Partial<DagFileProps>, string | undefined]>([
  ['what is for pods, for the whole DAG', { taskOptions: { deferrable: true, logs: false, pool: 'p' } }, undefined],
  ['what is for pods, for the task', { taskOptionsByTaskId: { create: { logs: false } } }, "'taskOptionsByTaskId' gives it 'logs', which its operator does not have; remove it"],
  ['another cluster', { taskOptions: { clusterContext: 'other' } }, "its operator has no 'clusterContext', so that it would work on another cluster than meant; "
    + "say it in a connection, and name that by 'kubernetesConnId'"],
  ['another cluster, for other tasks', { taskOptions: { inCluster: true }, taskOptionsByTaskId: { create: { inCluster: undefined, kubernetesConnId: 'k' } } }, undefined],
  ['an unknown option', { taskOptions: { polls: 1 } as any }, "'taskOptions': unknown prop 'polls'"],
])('an option that the operator does not have: %s', (_, props, message) => {
  const c = chart({ namespace: 'n' });
  const tasks = [new CreateResourceTask(c, 'create', { yamlConf: CONFIG_MAP, renderAs: 'none' })];
  const make = () => new DagFile({ dagId: 'd', tasks, ...props }).toPython();
  if (message !== undefined) { return expect(make).toThrow(`DagFile 'd': task 'create': ${message}`); }
  expect(make()).toContain('KubernetesCreateResourceOperator(');
  expect(make()).not.toMatch(/deferrable|get_logs|in_cluster/);
});
