import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Testing } from 'cdk8s';
import { parse } from 'yaml';
import { MUTATION, NEW_CONFIG, PythonScript } from './blogs';
import { SERVICE_OF_POD, SERVICE_RULES } from './callback';
import { JobDocs } from './job-docs';
import { seeds } from './main';
import { CLUSTER_OBJECTS, OperatorDocs } from './operator-docs';
import {
  AirflowKubernetesDeployment, AirflowVersion, DagFile, DagNotifier, DeleteJobTask, JobTask, KueueJobTask, MetadataDatabase, NodePool, PatchJobTask,
  PodTask, SecretRef, SparkTask, WorkerPodOverride,
} from 'cdk8s-airflow';
import { run } from 'cdk8s-airflow/runtime';
import { EmbeddedCluster } from 'cdk8s-airflow/testing';

let emitWarning: jest.SpyInstance;
beforeEach(() => { emitWarning = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => jest.restoreAllMocks());

const image = 'busybox:1.37';
const BEST_EFFORT = / ask(s)? for neither CPU nor memory/;
/** A task as it is printed: its pod as KubernetesPodOperator's, and what is said of it at synth. */
function printed(props: any): { pod: any; warnings: string[] } {
  const chart = Testing.chart();
  new PodTask(chart, 'task', { hardening: false, xcomMode: 'airflow', ...props });
  const [pod] = Testing.synth(chart);
  // Hardly any example asks for resources.
  return { pod, warnings: emitWarning.mock.calls.map(([message]) => message).filter(message => !BEST_EFFORT.test(message)) };
}
const refused = (props: any, message: string) => expect(() => printed({ image, ...props })).toThrow(new Error(`[test/task] ${message}`));

test('the manifests', () => {
  const app = Testing.app();
  seeds(app);
  expect(app.synthYaml()).toMatchSnapshot();
  expect(emitWarning.mock.calls.map(([message]) => message).filter(message => !/works? only through a runner/.test(message)))
    .toEqual([expect.stringMatching(BEST_EFFORT)]);
});

describe('a blog about KubernetesPodOperator', () => {
  const resources = { limits: { memory: '1Gi', cpu: '1' }, requests: { memory: '500Mi', cpu: '0.5' } };

  test('obsolete parameters name their successors', () => {
    refused({ resources }, "unknown prop 'resources'; write 'containerResources'");
    refused({ is_delete_operator_pod: true }, "unknown prop 'is_delete_operator_pod'; write onFinishAction: 'delete_pod' or 'keep_pod'");
    refused({ get_logs: true }, "unknown prop 'get_logs'; logs are the runner's matter, not the manifest's; for a generated DAG write 'logs' into 'taskOptions' of DagFile");
  });

  test("the script's pod is the operator's", () => {
    const { pod, warnings } = printed({
      taskId: 'run_python_script',
      name: 'run_python_script',
      namespace: 'insighter-prod',
      image: 'python:3.10-slim',
      cmds: ['python', '-c'],
      arguments: ['print("Hello, World!")'],
      containerResources: resources,
    });
    expect(pod).toMatchObject({ metadata: { name: 'run-python-script', namespace: 'insighter-prod' } });
    expect(pod.spec).toEqual({
      restartPolicy: 'Never',
      containers: [{ name: 'base', image: 'python:3.10-slim', command: ['python', '-c'], args: ['print("Hello, World!")'], resources, terminationMessagePolicy: 'File' }],
    });
    expect(warnings).toEqual([]);
  });

  test('a redirection without a shell is told of', () => {
    const { pod, warnings } = printed({ image, cmds: ['python', '-c', "print('Hello, World!')", '>> /airflow/xcom/return.json'], doXcomPush: true });
    expect(pod.spec.containers.map((c: any) => c.name)).toEqual(['base', 'airflow-xcom-sidecar']);
    expect(warnings).toEqual(["[test/task] '>> /airflow/xcom/return.json' is for a shell, and 'python' gets it as a plain argument; write a line for a shell: "
      + "cmds: ['sh', '-c'], arguments: ['…']"]);
  });

  test('classes of service', () => {
    const chart = Testing.chart();
    const qos = (id: string, containerResources?: object) => new PodTask(chart, id, { image, containerResources }).qosClass;
    expect(qos('none')).toBe('BestEffort');
    expect(qos('some', resources)).toBe('Burstable');
    expect(qos('all', { limits: resources.limits, requests: resources.limits })).toBe('Guaranteed');
  });

  test('the DAG pulls the XCom by name', () => {
    const text = new PythonScript(Testing.app(), 'python-script').dag.toPython();
    expect(text).toContain("ti.xcom_pull(task_ids='run_python_script')");
    expect(text).toContain('run_python_script >> pod_task_xcom_result');
    expect(text).not.toMatch(/is_delete_operator_pod|schedule_interval/);
  });
});

test('an article about Airflow 1.10: options of [kubernetes] name their section or successor', () => {
  const deployment = (config: any) => new AirflowKubernetesDeployment(Testing.chart(), 'airflow', {
    database: MetadataDatabase.postgres({ host: 'postgres', password: SecretRef.existing('s', 'k') }), config,
  });
  expect(() => deployment({ kubernetes: { delete_worker_pods: true } })).toThrow("it has been called 'kubernetes_executor' since Airflow 2.5");
  expect(() => deployment({ kubernetes_executor: { git_repo: 'x' } })).toThrow("unknown key 'git_repo' of [kubernetes_executor] in Airflow 3.3.2");
  expect(() => deployment({ kubernetes_executor: { worker_container_repository: 'registry.example.com/worker' } })).toThrow("'image'");
  expect(() => deployment({ core: { dag_concurrency: 4 } })).toThrow('max_active_tasks_per_dag');
  expect(() => deployment({ core: { executor: 'KubernetesExecutor' } })).not.toThrow();
});

test('an article about KubernetesExecutor 2.0: the override as a module beside the DAG', () => {
  expect(WorkerPodOverride.toPythonModule([NEW_CONFIG])).toContain(`new_config = {
    "pod_override": k8s.V1Pod(`);
  expect(() => new WorkerPodOverride({ name: 'new_config', pod: { spec: { containers: [{ name: 'bsae', env: [] }] } } }))
    .toThrow("the container of the task is called 'base', got 'bsae'");
});

test('an article about KubernetesExecutor 2.0: pod_mutation_hook comes last, in a task and as the Python that Airflow loads', () => {
  const { pod } = printed({ image, labels: { mutated: 'no', team: 'a' }, podOverride: { metadata: { labels: { mutated: 'never' } } }, podMutations: [MUTATION] });
  expect(pod).toMatchObject({ metadata: { labels: { mutated: 'yes', team: 'a' } }, spec: { tolerations: [{ key: 'spot', operator: 'Exists' }] } });
  const app = Testing.app();
  seeds(app);
  expect(app.synthYaml()).toContain('def pod_mutation_hook(pod):');
});

describe('the documentation of KubernetesJobOperator and its siblings', () => {
  const pi = { image: 'perl:5.34.0', cmds: ['perl', '-Mbignum=bpi', '-wle', 'print bpi(2000)'] };

  test("the Job is the operator's", () => {
    const chart = Testing.chart();
    new JobTask(chart, 'job-task', { ...pi, namespace: 'default', name: 'test-pi', hardening: false });
    expect(Testing.synth(chart)[0]).toMatchObject({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'job-test-pi', namespace: 'default' },
      spec: { parallelism: 1, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'base', image: pi.image, command: pi.cmds }] } } },
    });
  });

  test('Delete and Patch know the Job by its output, and the DAG has all of them in order', () => {
    const text = new JobDocs(Testing.app(), 'job-docs').dag.toPython();
    expect(text).toContain('job_task >> delete_job_task');
    expect(text).toContain('job_task_def >> update_job_task');
    expect(text).toContain('KubernetesInstallKueueOperator(task_id="install_kueue", kueue_version="v0.9.1")');
    expect(text).toContain('queue_name="local-queue"');
    expect(text).toContain('suspend=True');
    expect(() => new DagFile({ dagId: 'kueue', startDate: '2024-01-01', tasks: [new JobDocs(Testing.app(), 'again').kueueJob] }))
      .toThrow("task 'kueue_job': it is suspended when it is made, and KubernetesJobOperator looks for its pods at once and fails where there are none");
  });

  test('mistakes', () => {
    const chart = Testing.chart();
    const job = new JobTask(chart, 'job', { ...pi, waitUntilJobComplete: true });
    expect(() => new DeleteJobTask(chart, 'delete', { name: job.jobName, deleteOnStatus: 'Completed' as any })).toThrow("'deleteOnStatus' must be one of 'Complete', 'Failed'");
    expect(() => new PatchJobTask(chart, 'patch', { name: job.jobName, body: { spec: { suspended: false } } })).toThrow("unknown key 'suspended' of JobSpec");
    expect(() => new JobTask(chart, 'async', { ...pi, deferrable: true } as any)).toThrow("write 'deferrable' into 'taskOptions' of DagFile");
    expect(() => new KueueJobTask(chart, 'kueue', { ...pi, queueName: 'q', suspend: false })).toThrow("'suspend'");
    const free = Testing.chart();
    new KueueJobTask(free, 'free', { ...pi, queueName: 'q' });
    Testing.synth(free);
    expect(emitWarning.mock.calls.map(([message]) => message)).toContainEqual(expect.stringContaining("task 'free' asks for no resources, so that it counts for nothing in the quota"));
  });
});

describe("the operator's documentation", () => {
  test("the objects of the cluster become the operator's pod", () => {
    const { pod, warnings } = printed({ image, ...CLUSTER_OBJECTS });
    expect(pod.spec.containers[0]).toMatchObject({
      env: [{ name: 'SQL_CONN', valueFrom: { secretKeyRef: { name: 'airflow-secrets', key: 'sql_alchemy_conn' } } }],
      envFrom: [{ configMapRef: { name: 'test-configmap-1' } }, { configMapRef: { name: 'test-configmap-2' } }, { secretRef: { name: 'airflow-secrets-2' } }],
      ports: [{ name: 'http', containerPort: 80 }],
      volumeMounts: [{ name: 'test-volume', mountPath: '/root/mount_file', readOnly: true }, { mountPath: '/etc/sql_conn', readOnly: true }],
    });
    expect(pod.spec).toMatchObject({
      affinity: CLUSTER_OBJECTS.affinity, tolerations: CLUSTER_OBJECTS.tolerations, initContainers: CLUSTER_OBJECTS.initContainers,
    });
    expect(warnings).toEqual([]);
  });

  test('mistakes as printed', () => {
    refused({ secrets: [{ deployType: 'volume', deployTarget: '/etc/sql_conn', secret: 'airflow-secrets', key: 'sql_alchemy_conn' }] },
      "'secrets[0]': 'key' has no effect on a volume; mount one key with 'items: [{ key: \"sql_alchemy_conn\", path: \"sql_alchemy_conn\" }]'");
    const term = { labelSelector: { matchExpressions: [{ key: 'security', operator: 'In', values: ['S1'] }] }, topologyKey: 'failure-domain.beta.kubernetes.io/zone' };
    const weighted = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }] } };
    expect(() => printed({ image, affinity: weighted })).toThrow("unknown key 'weight' of PodAffinityTerm (Kubernetes 1.34); it belongs in "
      + "'preferredDuringSchedulingIgnoredDuringExecution'; under 'required…' write the fields of 'podAffinityTerm' themselves");
    const single = { ...term, labelSelector: { matchExpressions: [{ key: 'security', operator: 'In', values: 'S1' }] } };
    refused({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [single] } } }, 'affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]'
      + ".labelSelector.matchExpressions[0].values: expected a list, got 'S1'; write ['S1']");
    refused({ namespace: 'kubernetes_task_async_log' }, "'namespace' must be at most 63 lower-case letters, digits and '-', with a letter or digit at both ends, "
      + "got 'kubernetes_task_async_log'; write 'kubernetes-task-async-log'");
    refused({ in_cluster: true }, "unknown prop 'in_cluster'; the connection is the runner's: see --context and KUBECONFIG of 'cdk8s-airflow run'; for a generated DAG "
      + "write 'inCluster' into 'taskOptions' of DagFile");
    refused({ email: 'airflow@example.com' }, "unknown prop 'email'; write 'onFailure: [DagNotifier.email(…)]' of DagFile; the runner tells it by its exit code and "
      + "'onEvent' of run()");
  });

  test('words after the script of a shell are told of', () => {
    const { pod, warnings } = printed({ image: 'quay.io/apache/bash', cmds: ['bash', '-cx'], arguments: ['echo', '10', 'echo pwd'], imagePullSecrets: [{ name: 'testquay' }] });
    expect(pod.spec).toMatchObject({ imagePullSecrets: [{ name: 'testquay' }], containers: [{ args: ['echo', '10', 'echo pwd'] }] });
    expect(warnings).toEqual(["[test/task] 'bash' runs 'echo' alone: '10', 'echo pwd' are arguments of it that it does not use; write the whole line for the shell into one item"]);
  });

  test("echo 'hello' is no JSON: told at synth, and the task fails with the reason", async () => {
    const props = { image, cmds: ['sh', '-c', "echo 'hello' > /airflow/xcom/return.json"], doXcomPush: true };
    expect(printed(props).warnings).toEqual(['[test/task] /airflow/xcom/return.json would hold hello, which is no JSON, so that the task fails; a text stands in double quotes: '
      + "echo '\"hello\"' > /airflow/xcom/return.json"]);
    const chart = Testing.chart();
    new PodTask(chart, 'wrong', { ...props, renderAs: 'PodTemplate' });
    new PodTask(chart, 'right', { ...props, cmds: ['sh', '-c', "echo '\"hello\"' > /airflow/xcom/return.json"], renderAs: 'PodTemplate' });
    const cluster = await EmbeddedCluster.start();
    const { tasks } = await run(Testing.synth(chart), { connection: cluster.connection });
    await cluster.stop();
    expect(tasks.find(({ name }) => name === 'wrong')).toMatchObject({ state: 'failed', message: expect.stringContaining('JSON') });
    expect(tasks.find(({ name }) => name === 'right')).toMatchObject({ state: 'success', xcom: 'hello' });
  });

  test('the XCom and the message of the end reach whom they are for', async () => {
    const chart = new OperatorDocs(Testing.app(), 'operator-docs');
    const wanted = ['write-xcom', 'pod_task_xcom_result', 'test_error_message'];
    const manifests = Testing.synth(chart).filter(({ metadata }: any) => wanted.includes(JSON.parse(metadata.annotations['cdk8s-airflow/task']).taskId));
    const cluster = await EmbeddedCluster.start();
    const { tasks } = await run(manifests, { connection: cluster.connection });
    await cluster.stop();
    const task = (id: string) => tasks.find(({ name }) => name === id);
    expect(task('write-xcom')).toMatchObject({ state: 'success', xcom: [1, 2, 3, 4] });
    expect(task('pod_task_xcom_result')).toMatchObject({ state: 'success' });
    expect(task('test_error_message')).toMatchObject({ state: 'failed', message: expect.stringContaining('Custom error') });
  });

  test('the template of the Spark task, in YAML and in JSON', () => {
    const chart = Testing.chart();
    const templateSpec = parse(readFileSync(join(__dirname, 'spark_job_template.yaml'), 'utf8'));
    const program = { image: 'gcr.io/spark-operator/spark-py:v3.1.1', codePath: 'local:///path/to/spark/code.py' };
    new SparkTask(chart, 'spark_task', { ...program, templateSpec });
    new SparkTask(chart, 'spark_task_json', { ...program, applicationFile: join(__dirname, 'spark_job_template.json') });
    const [yaml, json]: any[] = Testing.synth(chart);
    expect(yaml).toMatchObject({ kind: 'SparkApplication', metadata: { namespace: 'ds' }, spec: { image: program.image, mode: 'cluster' } });
    expect(json.spec.executor.volumeMounts).toEqual([{ name: 'config', mountPath: '/airflow' }]);
    expect(json.spec.volumes).toEqual([{ name: 'config', persistentVolumeClaim: { claimName: 'hsaljoog-airflow' } }]);
    // As printed, it has a field of ScheduledSparkApplication, which the API server would drop.
    const asPrinted = { spark: { ...templateSpec.spark, spec: { ...templateSpec.spark.spec, successfulRunHistoryLimit: 1 } } };
    expect(() => new SparkTask(chart, 'printed', { ...program, templateSpec: asPrinted })).toThrow("unknown key 'successfulRunHistoryLimit' of SparkApplicationSpec");
  });

  test('the callback makes a Service of the pod, with the rights that the tasks of an Airflow are given', async () => {
    const created: any[] = [];
    const client: any = { create: async (object: any) => { created.push(object); } };
    const metadata = { name: 'test-callback-x', namespace: 'n', uid: 'u', labels: { app: 'test-callback' } };
    await SERVICE_OF_POD.onPodCreation({ pod: { apiVersion: 'v1', kind: 'Pod', metadata }, client } as any);
    expect(created).toEqual([{
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'test-callback-x',
        namespace: 'n',
        labels: { app: 'test-callback' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'test-callback-x', uid: 'u', controller: true, blockOwnerDeletion: true }],
      },
      spec: { selector: { app: 'test-callback' }, ports: [{ name: 'http', port: 80, targetPort: 80 }] },
    }]);
    const chart = Testing.chart();
    new AirflowKubernetesDeployment(chart, 'airflow', {
      database: MetadataDatabase.postgres({ host: 'postgres', password: SecretRef.existing('db', 'password') }), podLaunching: { extraRules: SERVICE_RULES },
    });
    const roles = Testing.synth(chart).filter(({ kind, rules = [] }) => kind === 'Role' && rules.some((rule: any) => rule.resources.includes('services')));
    expect(roles.map(({ metadata: { name }, rules }) => [name, rules.at(-1)])).toEqual([['airflow-worker', SERVICE_RULES[0]]]);
  });

  test('e-mail, deferrable and callbacks are of the generated DAG', () => {
    const tasks = [new PodTask(Testing.chart(), 'test_error_message', { image: 'alpine', renderAs: 'none' })];
    const text = new DagFile({
      dagId: 'docs',
      tasks,
      version: AirflowVersion.V3_3,
      onFailure: [DagNotifier.email({ to: ['airflow@example.com'] })],
      taskOptions: { deferrable: true, loggingInterval: 5, logs: true, callbacks: ['callbacks.MyCallback'] },
    }).toPython();
    expect(text).toContain('to=["airflow@example.com"]');
    expect(text).toContain('deferrable=True');
    expect(text).toContain('callbacks=[MyCallback]');
  });
});

describe("Cloud Composer's documentation", () => {
  test('mistakes as printed', () => {
    refused({ resources: { limit_memory: '250M', limit_cpu: '100m' } }, "unknown prop 'resources'; write 'containerResources'");
    expect(() => printed({ image, containerResources: { limit_memory: '250M' } })).toThrow('write { limits: { memory: … } }');
    refused({ config_file: "{{ conf.get('core', 'kube_config') }}" }, "unknown prop 'config_file'; the connection is the runner's: see --context and KUBECONFIG of "
      + "'cdk8s-airflow run'; for a generated DAG write 'configFile' into 'taskOptions' of DagFile");
    expect(printed({ image, envVars: { GOOGLE_APPLICATION_CREDENTIALS: '/var/secrets/google/service-account.json ' } }).warnings).toEqual([
      "[test/task] the variable 'GOOGLE_APPLICATION_CREDENTIALS' is '/var/secrets/google/service-account.json ', a path with a blank at its end; take the blank out",
    ]);
  });

  test('a node pool that there is not is refused at synth, where the pools are declared', () => {
    const label = 'cloud.google.com/gke-nodepool';
    const nodeSelectorTerms = [{ matchExpressions: [{ key: label, operator: 'In', values: ['node-pool-name-1', 'node-pool-name-2'] }] }];
    const synth = (...pools: string[]) => {
      const chart = Testing.chart();
      new PodTask(chart, 'ex-pod-affinity', { image: 'perl', affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } });
      pools.forEach(pool => new NodePool(chart, pool, { labels: { [label]: pool } }));
      return Testing.synth(chart);
    };
    expect(() => synth()).not.toThrow();
    expect(() => synth('pool-0', 'node-pool-name-2')).not.toThrow();
    expect(() => synth('pool-0')).toThrow("the pod of task 'ex-pod-affinity' finds no place in the node pools of the app: no node has the label");
  });

  test("the templates stay Airflow's in the pod, and a missing variable is an error before any pod is made", async () => {
    const chart = Testing.chart();
    new PodTask(chart, 'ex-kube-templates', { image, cmds: ['echo'], arguments: ['{{ ds }}'], envVars: { MY_VALUE: '{{ var.value.my_value }}' }, renderAs: 'PodTemplate' });
    const manifests: any[] = Testing.synth(chart);
    expect(manifests[0].template.spec.containers[0]).toMatchObject({ args: ['{{ ds }}'], env: [{ name: 'MY_VALUE', value: '{{ var.value.my_value }}' }] });
    const cluster = await EmbeddedCluster.start();
    await expect(run(manifests, { connection: cluster.connection, logicalDate: '2026-01-02' } as any)).rejects.toThrow('my_value');
    await cluster.stop();
  });
});
