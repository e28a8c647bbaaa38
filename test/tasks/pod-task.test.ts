import { ApiObject, App, Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { PodMutation, PodTask, PodTaskProps } from '../../src';
import { TASK_ANNOTATION } from '../../src/pod/task-annotation';
import { chart, find, synth } from '../util';

const task = (props: Partial<PodTaskProps> = {}, id = 'task') => {
  const scope = chart();
  new PodTask(scope, id, { image: 'busybox:1', ...props });
  return find(synth(scope), 'Pod');
};
const annotation = (pod: any) => JSON.parse(pod.metadata.annotations[TASK_ANNOTATION]);

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => jest.restoreAllMocks());

describe('defaults', () => {
  test('an image alone gives a hardened pod that is ready to run', () => {
    expect(task()).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'task', annotations: { [TASK_ANNOTATION]: expect.any(String) } },
      spec: {
        restartPolicy: 'Never',
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 50000, runAsGroup: 0, fsGroup: 0, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [{
          name: 'base',
          image: 'busybox:1',
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          terminationMessagePolicy: 'File',
        }],
      },
    });
  });

  test('the annotation holds the defaults of KubernetesPodOperator', () => {
    expect(annotation(task())).toEqual({
      version: 1,
      taskId: 'task',
      dependsOn: [],
      retries: 0,
      doXcomPush: false,
      xcomMode: 'native',
      startupTimeoutSeconds: 120,
      onFinishAction: 'delete_pod',
    });
  });

  test('without hardening nothing is added to the pod of KubernetesPodOperator', () => {
    expect(task({ hardening: false }).spec).toEqual({
      restartPolicy: 'Never',
      containers: [{ name: 'base', image: 'busybox:1', terminationMessagePolicy: 'File' }],
    });
  });
});

test('all props reach the pod', () => {
  const scope = chart();
  const first = new PodTask(scope, 'first', { image: 'busybox:1', doXcomPush: true });
  // All but podTemplateFile, which excludes podTemplateDict, and those of mapped tasks, which have a test of their own.
  const props: Required<Omit<PodTaskProps, 'podTemplateFile' | 'expand' | 'expandKwargs'>> = {
    image: 'registry/app:2',
    name: 'My.Name_x',
    taskId: 'group.task_1',
    baseContainerName: 'main',
    cmds: ['run', first.output],
    arguments: ['--rows', first.output.get('rows'), `all: ${first.output}`],
    envVars: { ROWS: first.output.get('a').get("it's"), PLAIN: 'x' },
    envFrom: [{ secretRef: { name: 'all' }, prefix: 'P_' }],
    configmaps: ['settings'],
    podRuntimeInfoEnvs: [{ name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
    secrets: [
      { deployType: 'env', deployTarget: 'sql_conn', secret: 'airflow-secrets', key: 'sql_alchemy_conn' },
      { deployType: 'env', secret: 'airflow-secrets-2' },
      { deployType: 'volume', deployTarget: '/etc/sql_conn', secret: 'airflow-secrets', items: [{ key: 'a', path: 'b' }] },
    ],
    volumes: [{ name: 'data', emptyDir: {} }],
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
    initContainers: [{ name: 'setup', image: 'busybox:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
    ports: [{ name: 'http', containerPort: 80 }],
    containerResources: { limits: { memory: '1Gi', cpu: 1 } },
    labels: { team: 'data' },
    annotations: { note: 'x' },
    namespace: 'tasks',
    serviceAccountName: 'runner',
    automountServiceAccountToken: true,
    podTemplateDict: { spec: { enableServiceLinks: false, initContainers: [{ name: 'setup', args: ['{{ ds }}'] }] } },
    fullPodSpec: { metadata: { labels: { full: 'yes' } }, spec: { shareProcessNamespace: false, terminationGracePeriodSeconds: 99 } },
    podOverride: { metadata: { labels: { over: 'yes' } }, spec: { containers: [{ name: 'main', workingDir: '/work', stdin: true }] } },
    unset: ['spec.containers[main].stdin'],
    podMutations: [
      new PodMutation({ name: 'cost', labels: { team: 'data' }, set: { 'metadata.labels[cost-centre]': '42' } }),
      new PodMutation({ name: 'second try', labels: { try_number: '2' }, set: { 'spec.priorityClassName': 'urgent' } }),
    ],
    doXcomPush: true,
    xcomMode: 'airflow',
    xcomSidecarContainerImage: 'registry/sidecar:1',
    xcomSidecarContainerSecurityContext: { runAsUser: 7 },
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'key', operator: 'Equal', value: 'value' }],
    affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions: [{ key: 'disktype', operator: 'In', values: ['ssd'] }] } }] } },
    securityContext: { fsGroup: 5, runAsUser: 6 },
    containerSecurityContext: { readOnlyRootFilesystem: true },
    hardening: true,
    imagePullSecrets: 'quay, hub',
    imagePullPolicy: 'Always',
    terminationMessagePolicy: 'FallbackToLogsOnError',
    activeDeadlineSeconds: 60,
    terminationGracePeriod: 5,
    runtimeClassName: 'gvisor',
    priorityClassName: 'high',
    schedulername: 'packer',
    hostnetwork: true,
    hostAliases: [{ ip: '10.0.0.1', hostnames: ['db'] }],
    hostname: 'host',
    subdomain: 'sub',
    dnspolicy: 'ClusterFirstWithHostNet',
    dnsConfig: { nameservers: ['1.2.3.4'] },
    startupTimeoutSeconds: 30,
    onFinishAction: 'keep_pod',
    randomNameSuffix: false,
    retries: 2,
    dependsOn: [new PodTask(scope, 'other', { image: 'busybox:1' })],
    renderAs: 'Pod',
  };
  const all = new PodTask(scope, 'all', props);
  const pod = find(synth(scope), 'Pod', 'my-name-x');
  expect(pod.metadata).toMatchObject({ namespace: 'tasks', labels: { 'team': 'data', 'full': 'yes', 'over': 'yes', 'cost-centre': '42' }, annotations: { note: 'x' } });
  expect(annotation(pod)).toEqual({
    version: 1,
    taskId: 'group.task_1',
    dependsOn: ['first', 'other'],
    retries: 2,
    doXcomPush: true,
    xcomMode: 'airflow',
    startupTimeoutSeconds: 30,
    onFinishAction: 'keep_pod',
    randomNameSuffix: false,
    templated: ['spec.initContainers[setup].args[0]'],
    mutations: [{ name: 'second try', labels: { try_number: ['2'] }, ops: [['set', ['spec', 'priorityClassName'], 'urgent']] }],
  });
  expect(all.dependsOn).toEqual(['first', 'other']);
  const pull = "ti.xcom_pull(task_ids='first')";
  const [base, sidecar] = pod.spec.containers;
  expect(base).toEqual({
    name: 'main',
    image: 'registry/app:2',
    imagePullPolicy: 'Always',
    command: ['run', `{{ ${pull} }}`],
    args: ['--rows', `{{ ${pull}['rows'] }}`, `all: {{ ${pull} }}`],
    env: [
      { name: 'ROWS', value: `{{ ${pull}['a']['it\\'s'] }}` },
      { name: 'PLAIN', value: 'x' },
      { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
      { name: 'SQL_CONN', valueFrom: { secretKeyRef: { name: 'airflow-secrets', key: 'sql_alchemy_conn' } } },
    ],
    envFrom: [{ secretRef: { name: 'all' }, prefix: 'P_' }, { configMapRef: { name: 'settings' } }, { secretRef: { name: 'airflow-secrets-2' } }],
    ports: [{ name: 'http', containerPort: 80 }],
    resources: { limits: { memory: '1Gi', cpu: 1 } },
    volumeMounts: [
      { mountPath: '/airflow/xcom', name: 'xcom' },
      { name: 'data', mountPath: '/data' },
      { name: expect.stringMatching(/^secretvol-[a-z0-9]{8}$/), mountPath: '/etc/sql_conn', readOnly: true },
    ],
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    workingDir: '/work',
  });
  expect(pod.spec.initContainers).toEqual([{
    ...props.initContainers[0], args: ['{{ ds }}'], securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  }]);
  expect(sidecar).toEqual({
    name: 'airflow-xcom-sidecar',
    image: 'registry/sidecar:1',
    command: ['sh', '-c', 'trap "exit 0" INT; while true; do sleep 1; done;'],
    resources: { requests: { cpu: '1m', memory: '10Mi' } },
    volumeMounts: [{ mountPath: '/airflow/xcom', name: 'xcom' }],
    securityContext: { runAsUser: 7 },
  });
  expect(pod.spec).toMatchObject({
    serviceAccountName: 'runner',
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    shareProcessNamespace: false,
    activeDeadlineSeconds: 60,
    terminationGracePeriodSeconds: 5,
    runtimeClassName: 'gvisor',
    priorityClassName: 'high',
    schedulerName: 'packer',
    hostNetwork: true,
    hostAliases: props.hostAliases,
    hostname: 'host',
    subdomain: 'sub',
    dnsPolicy: 'ClusterFirstWithHostNet',
    dnsConfig: { nameservers: ['1.2.3.4'] },
    nodeSelector: { disk: 'ssd' },
    tolerations: props.tolerations,
    affinity: props.affinity,
    imagePullSecrets: [{ name: 'quay' }, { name: 'hub' }],
    securityContext: { runAsNonRoot: true, runAsUser: 6, runAsGroup: 0, fsGroup: 5, seccompProfile: { type: 'RuntimeDefault' } },
    volumes: [
      { name: 'xcom', emptyDir: {} },
      { name: 'data', emptyDir: {} },
      { name: base.volumeMounts[2].name, secret: { secretName: 'airflow-secrets', items: [{ key: 'a', path: 'b' }] } },
    ],
  });
});

test('the structs of cdk8s-plus give the same pod as plain JSON', () => {
  const structs = task({
    containerResources: { limits: { memory: k8s.Quantity.fromString('1Gi'), cpu: k8s.Quantity.fromNumber(2) } },
    volumes: [{ name: 'v', emptyDir: { sizeLimit: k8s.Quantity.fromString('2Gi') } }],
    envVars: [{ name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
  });
  const plain = task({
    containerResources: { limits: { memory: '1Gi', cpu: 2 } },
    volumes: [{ name: 'v', emptyDir: { sizeLimit: '2Gi' } }],
    envVars: [{ name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
  });
  expect(structs).toEqual(plain);
  expect(plain.spec.volumes).toEqual([{ name: 'v', emptyDir: { sizeLimit: '2Gi' } }]);
});

test("null, Python's None, gives nothing in a prop and in a Kubernetes object", () => {
  const [, pod] = synth(Chart.of(new PodTask(chart(), 'task', {
    image: 'busybox:1',
    hardening: false,
    retries: null,
    envFrom: null,
    affinity: { nodeAffinity: null },
    envVars: [{ name: 'A', value: null }],
    containerResources: { limits: { cpu: null, memory: '1Gi' }, claims: null },
    secrets: [{ deployType: 'volume', deployTarget: '/s', secret: 's', key: null, items: [] }],
    fullPodSpec: { metadata: { creationTimestamp: null }, spec: { hostname: null, containers: [{ name: 'base', securityContext: null }] } },
  } as any))).map(({ metadata: { annotations: _, ...metadata }, spec }: any) => [metadata, spec]).flat();
  expect(pod).toEqual({
    restartPolicy: 'Never',
    containers: [{
      name: 'base',
      image: 'busybox:1',
      env: [{ name: 'A' }],
      resources: { limits: { memory: '1Gi' } },
      volumeMounts: [{ name: expect.any(String), mountPath: '/s', readOnly: true }],
      terminationMessagePolicy: 'File',
    }],
    volumes: [{ name: expect.any(String), secret: { secretName: 's' } }],
  });
});

test('null in a map of texts is an empty one, as the operator and the API server have it', () => {
  const { metadata, spec } = task({
    envVars: { A: null, B: 'x' }, labels: { a: null }, annotations: { b: null }, nodeSelector: { disk: null },
  } as any);
  expect(spec.containers[0].env).toEqual([{ name: 'A' }, { name: 'B', value: 'x' }]);
  expect([metadata.labels, metadata.annotations.b, spec.nodeSelector]).toEqual([{ a: '' }, '', { disk: '' }]);
});

describe('XCom', () => {
  test('the native sidecar is the first init container, restarts always and is hardened', () => {
    const { initContainers, volumes } = task({ doXcomPush: true }).spec;
    expect(initContainers).toHaveLength(1);
    expect(initContainers[0]).toMatchObject({
      name: 'airflow-xcom-sidecar',
      image: 'alpine:3.24.2',
      restartPolicy: 'Always',
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
    });
    expect(volumes).toEqual([{ name: 'xcom', emptyDir: {} }]);
  });

  test("without hardening the sidecar is the provider's own, unless another mode is asked for", () => {
    expect(task({ doXcomPush: true, hardening: false, xcomMode: 'native' }).spec.initContainers).toHaveLength(1);
    expect(task({ doXcomPush: true, hardening: false }).spec.containers[1]).toEqual({
      name: 'airflow-xcom-sidecar',
      image: 'alpine:3.24.2',
      command: ['sh', '-c', 'trap "exit 0" INT; while true; do sleep 1; done;'],
      resources: { requests: { cpu: '1m', memory: '10Mi' } },
      volumeMounts: [{ mountPath: '/airflow/xcom', name: 'xcom' }],
    });
  });

  test('an empty security context is none, so that the sidecar stays hardened', () => {
    const pod = task({ doXcomPush: true, xcomSidecarContainerSecurityContext: {} });
    expect(pod).toEqual(task({ doXcomPush: true }));
  });

  test('termination wraps the command and adds no container', () => {
    const spec = task({ doXcomPush: true, xcomMode: 'termination', cmds: ['python', '-c', 'x'] }).spec;
    expect(spec.containers).toHaveLength(1);
    expect(spec.initContainers).toBeUndefined();
    expect(spec.containers[0].command.slice(3)).toEqual(['sh', 'python', '-c', 'x']);
  });

  test('fails for termination without a command', () => {
    expect(() => task({ doXcomPush: true, xcomMode: 'termination' })).toThrow("[chart/task] xcomMode 'termination' wraps the command and so needs 'cmds'");
  });

  test("the author's own xcom volume and mount are used, not doubled", () => {
    const volumes = [{ name: 'xcom', emptyDir: { medium: 'Memory' } }];
    const volumeMounts = [{ name: 'xcom', mountPath: '/airflow/xcom/' }];
    const spec = task({ doXcomPush: true, volumes, volumeMounts }).spec;
    expect(spec.volumes).toEqual(volumes);
    expect(spec.containers[0].volumeMounts).toEqual(volumeMounts);
  });

  test('fails to give out the output of a task that pushes none', () => {
    const silent = new PodTask(chart(), 'silent', { image: 'busybox:1' });
    expect(() => silent.output).toThrow("[chart/silent] 'output' of task 'silent' is used, but it pushes no XCom; set 'doXcomPush: true'");
  });

  test('Jinja written by hand adds the dependency too', () => {
    expect(annotation(task({ arguments: ['{{ task_instance.xcom_pull("a.b")["k"] }}'] })).dependsOn).toEqual(['a.b']);
  });

  test('fails for a task that pulls its own XCom', () => {
    expect(() => task({ arguments: ["{{ ti.xcom_pull('task') }}"] })).toThrow("task 'task' waits for itself");
  });
});

describe('renderAs', () => {
  test('PodTemplate wraps the same pod and can be applied without running', () => {
    const scope = chart();
    const construct = new PodTask(scope, 'task', { image: 'busybox:1', renderAs: 'PodTemplate', labels: { a: 'b' } });
    const template = find(synth(scope), 'PodTemplate');
    const pod = task({ labels: { a: 'b' } });
    expect(template.template.spec).toEqual(pod.spec);
    expect(template.template.metadata).toEqual({ labels: pod.metadata.labels, annotations: pod.metadata.annotations });
    expect(template.metadata).toEqual({ name: 'task', annotations: pod.metadata.annotations });
    expect(ApiObject.of(construct).kind).toBe('PodTemplate');
  });

  test('none synthesises nothing', () => {
    const scope = chart();
    new PodTask(scope, 'task', { image: 'busybox:1', renderAs: 'none' });
    expect(synth(scope)).toEqual([]);
  });

  test.each<[string, Partial<PodTaskProps>]>([
    ["Jinja of task 'task' works", { cmds: ['{{ ds }}'] }],
    ["retries of task 'task' work", { retries: 1 }],
    ["Jinja and dependsOn of task 'task' work", { cmds: ["{{ ti.xcom_pull('a') }}"] }],
  ])('a Pod with %s warns at synth that kubectl runs it as written', (what, props) => {
    task(props);
    expect(process.emitWarning).toHaveBeenCalledWith(expect.stringContaining(`[chart/task] ${what} only through a runner`), expect.anything());
  });

  test('a plain Pod and a PodTemplate do not warn', () => {
    const containerResources = { requests: { cpu: '1' } };
    task({ containerResources });
    const scope = chart();
    new PodTask(scope, 'task', { image: 'busybox:1', renderAs: 'PodTemplate', retries: 3, containerResources });
    synth(scope);
    expect(process.emitWarning).not.toHaveBeenCalled();
  });
});

describe('hardening', () => {
  test('an author who asks for root gets no contradiction', () => {
    const spec = task({ securityContext: { runAsUser: 0 } }).spec;
    expect(spec.securityContext).toEqual({ runAsUser: 0, runAsGroup: 0, fsGroup: 0, seccompProfile: { type: 'RuntimeDefault' } });
  });

  test('a privileged container is not also told that it may not escalate', () => {
    expect(task({ containerSecurityContext: { privileged: true } }).spec.containers[0].securityContext)
      .toEqual({ privileged: true, capabilities: { drop: ['ALL'] } });
  });
});

describe('validation', () => {
  test.each<[string, any, string]>([
    ['an empty image', { image: ' ' }, "[chart/task] 'image' must be the name of an image, got \" \""],
    ['a name of Python', { image_pull_policy: 'Always' }, "unknown prop 'image_pull_policy'; write 'imagePullPolicy'"],
    ['a name of an older provider', { resources: {} }, "unknown prop 'resources'; write 'containerResources'"],
    ['a parameter of the connection', { inCluster: true }, "unknown prop 'inCluster'; the connection is the runner's: see --context and KUBECONFIG"],
    ['a parameter of Airflow', { retryDelay: 60 }, "a further try begins at once; for a generated DAG write 'retryDelaySeconds' into 'taskOptions' of DagFile"],
    ['a misspelt name', { labls: {} }, "unknown prop 'labls'; did you mean 'labels'?"],
    ['a name that is like none', { colour: 'red' }, "unknown prop 'colour'; see PodTaskProps"],
    ['a command as one string', { cmds: 'sh -c x' }, "'cmds' must be a list of strings, got \"sh -c x\""],
    ['a number as an argument', { arguments: ['--n', 5] }, "'arguments[1]' must be a string or a task's output, got 5; put it in quotes"],
    ['a number in the environment', { envVars: { N: 5 } }, "'envVars.N' must be a string or a task's output, got 5; put it in quotes"],
    ['a number as a label', { labels: { n: 5 } }, "'labels.n' must be a string, got 5; put it in quotes"],
    ['an unknown key', { volumes: [{ name: 'a', emptydir: {} }] }, 'volumes[0]'],
    ['an unknown xcomMode', { xcomMode: 'exec' }, "'xcomMode' must be one of 'native', 'airflow', 'termination', got \"exec\""],
    ['an unknown onFinishAction', { onFinishAction: 'delete' }, "'onFinishAction' must be one of 'delete_pod'"],
    ['an unknown renderAs', { renderAs: 'Job' }, "'renderAs' must be one of 'Pod', 'PodTemplate', 'none', got \"Job\""],
    ['negative retries', { retries: -1 }, "'retries' must be a whole number of at least 0, got -1"],
    ['a start-up timeout of zero', { startupTimeoutSeconds: 0 }, "'startupTimeoutSeconds' must be a number of seconds greater than 0, got 0"],
    ['a deadline of zero', { activeDeadlineSeconds: 0 }, "'activeDeadlineSeconds' must be a whole number of at least 1, got 0"],
    ['a negative grace period', { terminationGracePeriod: -1 }, "'terminationGracePeriod' must be a whole number of at least 0, got -1"],
    ['a flag as text', { hostnetwork: 'false' }, "'hostnetwork' must be true or false, got \"false\""],
    ['an unknown dnspolicy', { dnspolicy: 'Cluster' }, "'dnspolicy' must be one of 'ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None', got \"Cluster\""],
    ['an unknown terminationMessagePolicy', { terminationMessagePolicy: 'Log' }, "'terminationMessagePolicy' must be one of 'File', 'FallbackToLogsOnError'"],
    ['a container name with capitals', { baseContainerName: 'Main' }, "'baseContainerName' must be at most 63 lower-case letters, digits and '-'"],
    ['a host name with a dot', { hostname: 'a.b' }, "'hostname' must be at most 63 lower-case letters, digits and '-'"],
    ['an init container called base', { initContainers: [{ name: 'base', image: 'i' }] }, "two containers are called 'base'"],
    ['a mount without its volume', { volumeMounts: [{ name: 'v', mountPath: '/x' }] }, "mounts volume 'v' at '/x', but the pod has no such volume"],
    ['a label of free text', { labels: { note: 'two words' } }, "label 'note' must be at most 63 letters"],
    ['an empty ConfigMap name', { configmaps: [''] }, "'configmaps[0]' is empty"],
    ['pull secrets as a map', { imagePullSecrets: { name: 'x' } }, "'imagePullSecrets' must be a list"],
    ['a task id with a blank', { taskId: 'a b' }, "'taskId' must be 1 to 250 letters, digits, '-', '_' or '.', got \"a b\""],
    ['a name with a slash', { name: 'a/b' }, "'name' must be 1 to 220 letters, digits, '-', '_' or '.', got 'a/b'"],
    ['a secret of an unknown kind', { secrets: [{ deployType: 'file', secret: 's' }] }, "'secrets[0]': 'deployType' must be 'env' or 'volume', got 'file'"],
  ])('fails for %s', (_, props, message) => {
    expect(() => task(props)).toThrow(message);
    expect(() => task(props)).toThrow('[chart/task]');
  });

  test('fails for two tasks with one id in a chart', () => {
    const scope = chart();
    new PodTask(scope, 'a', { image: 'busybox:1', taskId: 'same' });
    new PodTask(scope, 'b', { image: 'busybox:1', taskId: 'same' });
    expect(() => synth(scope)).toThrow("task id 'same' is also that of 'chart/b'; give one of them another 'taskId'");
  });

  test('fails for two tasks with one object name in a namespace', () => {
    const scope = chart();
    new PodTask(scope, 'a_b', { image: 'busybox:1' });
    new PodTask(scope, 'a.b', { image: 'busybox:1' });
    expect(() => synth(scope)).toThrow("the Pod is called 'a-b', and so is that of 'chart/a.b' in the same namespace; give one of them another 'name'");
  });

  test('two charts may hold the same task in two namespaces', () => {
    const app = new App();
    const charts = ['dev', 'prod'].map(namespace => new Chart(app, namespace, { namespace }));
    charts.forEach(scope => new PodTask(scope, 'task', { image: 'busybox:1' }));
    expect(charts.map(scope => synth(scope)[0].metadata)).toMatchObject([{ name: 'task', namespace: 'dev' }, { name: 'task', namespace: 'prod' }]);
  });
});

test('ApiObject.of gives the pod', () => {
  expect(ApiObject.of(new PodTask(chart(), 'task', { image: 'busybox:1' })).kind).toBe('Pod');
});
