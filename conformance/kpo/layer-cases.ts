import { KpoCase } from '../../test/tasks/kpo';

const image = 'busybox:1';
const pod = (spec: any, metadata?: any) => ({ apiVersion: 'v1', kind: 'Pod', ...(metadata ? { metadata } : {}), spec });
const one = (container: any, spec: any = {}) => pod({ ...spec, containers: [{ name: 'base', image, ...container }] });
const dict = (id: string, template: any, kwargs: any = {}, deviation?: string): KpoCase =>
  ({ id, kwargs: { pod_template_dict: template, ...kwargs }, ...(deviation ? { deviation } : {}) });
const file = (id: string, text: string, kwargs: any = {}, deviation?: string): KpoCase =>
  ({ id, kwargs: { pod_template_file: 'pod.yaml', ...kwargs }, files: { 'pod.yaml': text }, ...(deviation ? { deviation } : {}) });

const MEMORY_DEMO = `
apiVersion: v1
kind: Pod
metadata:
  name: memory-demo
  namespace: mem-example
spec:
  containers:
    - name: memory-demo-ctr
      image: ghcr.io/apache/airflow-stress:1.0.4-2021.07.04
      resources: {limits: {memory: 200Mi}, requests: {memory: 100Mi}}
      command: [stress]
      args: ["--vm", "1", "--vm-bytes", "150M", "--vm-hang", "1"]
`;

const SCALARS = `
# A template as people write it.
metadata:
  name: scalars
  annotations: {on: yes, off: no, mode: 0644, number: 1_000, date: 2026-01-01, ratio: 1.10, time: 1:30, word: plain, empty: "", text: 'no'}
  labels: {version: 1.5, flag: true}
spec:
  terminationGracePeriodSeconds: "60"
  containers:
    - name: base
      image: busybox:1
      env:
        - {name: FLAG, value: true}
        - {name: COUNT, value: 12}
        - {name: HEX, value: 0x1F}
      args: [1, true, 2.5]
      command:
      resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 0.5}}
      volumeMounts: [{name: v, mountPath: /v}]
  volumes:
    - name: v
      secret: {secretName: s, defaultMode: 0400}
`;

/** Layers by hand; the ids are those of the provider's own tests where they come from there. */
export const LAYER_CASES: KpoCase[] = [
  { id: 'MG-01 full_pod_spec alone', kwargs: { full_pod_spec: pod({ containers: [{ name: 'base', image, command: ['x'] }] }, { name: 'hello', namespace: 'mynamespace', labels: { foo: 'bar' } }) } },
  { id: 'MG-02 full_pod_spec and arguments', kwargs: { full_pod_spec: pod({ containers: [{ name: 'base', image: 'old:1' }] }, { name: 'hello', labels: { fizz: 'buzz', foo: 'a' } }), image, name: 'world', labels: { foo: 'bar' } } },
  file('MG-03 template file alone', MEMORY_DEMO),
  file('MG-04 template file and arguments', MEMORY_DEMO, { image, cmds: ['x'], name: 'mine', namespace: 'other', container_resources: { limits: { cpu: 1 } } }),
  file('MG-07 another container name, with XCom', MEMORY_DEMO, { do_xcom_push: true, base_container_name: 'base' }),
  file('MG-06 template, full_pod_spec and labels', MEMORY_DEMO, {
    full_pod_spec: pod({ containers: [{ name: 'base', env: [{ name: 'A', value: 'b' }] }] }, { labels: { full: 'x' } }), labels: { mine: 'y' }, do_xcom_push: true,
  }),
  file('scalars of YAML 1.1', SCALARS),
  dict('MG-05 a dictionary with Jinja', pod({ containers: [{ name: 'base', image }], initContainers: [{ name: 'git-clone', image, args: ['{{ dag.dag_id }}'] }] }, { labels: { a: 'b' } }), { labels: { c: 'd' } }),
  dict('MG-14 ports add up', one({ ports: [{ containerPort: 80 }] }), { ports: [{ containerPort: 8080, name: 'web' }] }),
  dict('MG-16 arguments win', one({}, { priorityClassName: 'a', hostname: 'a', activeDeadlineSeconds: 5 }), { priority_class_name: 'b', hostname: 'b', active_deadline_seconds: 6 }),
  dict('MG-17 other init containers', one({}, { initContainers: [{ name: 'a', image }] }), { init_containers: [{ name: 'b', image }] }),
  dict('MG-18 the same init container', one({}, { initContainers: [{ name: 'a', image: 'old:1', args: ['x'], env: [{ name: 'A', value: '1' }] }] }),
    { init_containers: [{ name: 'a', image, env: [{ name: 'B', value: '2' }] }] }),
  dict('env of all layers, one name thrice', one({ env: [{ name: 'A', value: 'template' }, { name: 'T', value: 't' }] }), {
    full_pod_spec: one({ env: [{ name: 'A', value: 'full' }] }), env_vars: { A: 'argument', B: '$(A)' }, secrets: [{ deploy_type: 'env', deploy_target: 'b', secret: 's', key: 'k' }],
  }),
  dict('envFrom adds up', one({ envFrom: [{ configMapRef: { name: 'a' } }] }), { env_from: [{ secretRef: { name: 'b' } }], configmaps: ['a'] }),
  dict('resources are replaced whole', one({ resources: { limits: { memory: '1Gi' } } }), { container_resources: { requests: { cpu: '1' } } }),
  dict('selectors and tolerations are replaced whole', one({}, { nodeSelector: { a: 'b' }, tolerations: [{ operator: 'Exists' }], securityContext: { fsGroup: 1 } }),
    { node_selector: { c: 'd' }, tolerations: [{ key: 'k' }], security_context: { runAsUser: 5 } }),
  dict('restartPolicy is always Never', one({}, { restartPolicy: 'Always' })),
  dict('a template without a spec', { metadata: { name: 'only-name' } }, { image }),
  dict('a name that needs mending', pod({ containers: [{ name: 'base', image }] }, { name: 'Only_Template.Name' })),
  dict('a base container of another name', pod({ containers: [{ name: 'main', image, args: ['x'] }, { name: 'side', image }] }), { base_container_name: 'main' }),
  dict('generateName is kept', pod({ containers: [{ name: 'base', image }] }, { generateName: 'made-' })),
  // Where the operator gives another pod than its author wrote.
  dict('the base container is second', pod({ containers: [{ name: 'side', image: 'side:1' }, { name: 'base', image }] }), { cmds: ['x'] }),
  dict('full_pod_spec in another order', pod({ containers: [{ name: 'base', image }, { name: 'side', image: 'side:1' }] }),
    { full_pod_spec: pod({ containers: [{ name: 'side', args: ['s'] }] }) }, 'merged by name, not by place'),
  dict('one volume in two layers', one({}, { volumes: [{ name: 'v', emptyDir: {} }] }), { volumes: [{ name: 'v', emptyDir: {} }] }),
  dict('two volumes of one name', one({}, { volumes: [{ name: 'v', emptyDir: {} }] }), { volumes: [{ name: 'v', configMap: { name: 'c' } }] }),
  dict('one mount in two layers', one({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }, { volumes: [{ name: 'v', emptyDir: {} }] }), { volume_mounts: [{ name: 'v', mountPath: '/v/' }] },
    'one path, with and without a slash at the end'),
  dict('an xcom volume of the template', one({ volumeMounts: [{ name: 'xcom', mountPath: '/airflow/xcom' }] }, { volumes: [{ name: 'xcom', emptyDir: {} }] }), { do_xcom_push: true }),
  dict('a sidecar of the template', pod({ containers: [{ name: 'base', image }, { name: 'airflow-xcom-sidecar', image }] }), { do_xcom_push: true }),
  dict('an init container given twice', one({}, { initContainers: [{ name: 'a', image }] }), { init_containers: [{ name: 'a', args: ['1'] }, { name: 'a', args: ['2'] }] },
    'the operator loses the first; refused'),
  dict('hostnetwork False', one({}, { hostNetwork: true, automountServiceAccountToken: true, terminationGracePeriodSeconds: 60 }),
    { hostnetwork: false, automount_service_account_token: false, termination_grace_period: 0 }, 'what is false or 0 is a value'),
  dict('the message policy of the template', one({ terminationMessagePolicy: 'FallbackToLogsOnError' }), {}, "the default does not overrule the template's"),
  dict('an empty model object', one({ resources: { limits: { memory: '1Gi' } } }), { container_resources: {} }, 'what is empty is not given'),
  dict('unknown keys', one({ imagePulPolicy: 'Always' }), {}, 'the operator drops them; refused'),
  dict('a status', { ...one({}), status: { phase: 'Running' } }, {}, 'only the server writes it'),
  dict('a text for a boolean', one({ tty: 'no' }), {}, 'the operator takes any text for true; refused'),
  file('an empty file', '', { image }, 'the operator ignores it; refused'),
  file('a list', '- a', { image }, 'the operator ignores it; refused'),
  file('two documents', 'metadata: {name: a}\n---\nmetadata: {name: b}\n', { image }),
  file('Jinja in a file', 'spec: {containers: [{name: base, image: "x", args: ["{{ ds }}"]}]}', {}, 'the operator leaves it as text; refused'),
  file('a number that could be a text', 'spec: {containers: [{name: base, image: x, args: [1.0]}]}', {}, 'readers of YAML differ; refused'),
  { id: 'a missing file', kwargs: { image, pod_template_file: '/nowhere/pod.yaml' }, deviation: 'the operator ignores it; refused' },
  { id: 'file and dictionary', kwargs: { image, pod_template_file: 'pod.yaml', pod_template_dict: one({}) }, files: { 'pod.yaml': 'metadata: {name: a}' }, deviation: 'the operator ignores the dictionary; refused' },
];
