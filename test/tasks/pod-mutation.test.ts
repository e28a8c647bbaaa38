import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chart, find, synth } from '../util';
import { podHash } from './kpo';
import { mutationCases, withoutEmpty } from '../../conformance/kpo/mutation-cases';
import { DagFile, JobTask, PodMutation, PodMutationProps, PodTask } from '../../src';
import { mutatePod } from '../../src/pod/mutation';
import { podMutationHook } from '../../src/pod/mutation-python';
import { renderPod } from '../../src/runtime';

const mutation = (props: Partial<PodMutationProps>) => new PodMutation({ name: 'm', ...props });
const IDENTITY = { taskId: 'task', runId: 'r', airflowVersion: '3.3.2', inCluster: true };
const podOf = (podMutations: PodMutation[], props: object = {}) => {
  const scope = chart();
  new PodTask(scope, 'task', { image: 'busybox:1', hardening: false, podMutations, ...props });
  return find(synth(scope), 'Pod');
};

describe('the same as pod_mutation_hook', () => {
  // What the hook made of models of the Kubernetes client: conformance/kpo/compare.sh --mutations --count 400 --record
  const RECORD: { seed: number; hook: string; pods: string[] } = JSON.parse(readFileSync(join(__dirname, 'pod-mutations.json'), 'utf8'));

  test('the record is of the hook as it is', () => {
    expect(podHash(podMutationHook([]))).toBe(RECORD.hook);
  });

  test('of a variable that is there twice the last place counts, as in the pod of a task', () => {
    const pod = (env: any[]) => ({ metadata: {}, spec: { containers: [{ name: 'base', env }] } });
    const ops = [['set', ['spec', 'containers', ['containers', 'base'], 'env', ['env', 'A']], { name: 'A', value: '3' }]] as const;
    expect(mutatePod(pod([{ name: 'A', value: '1' }, { name: 'B', value: '$(A)' }, { name: 'A', value: '2' }]), [{ name: 'm', ops }], { maker: 'KubernetesPodOperator' }))
      .toEqual(pod([{ name: 'B', value: '$(A)' }, { name: 'A', value: '3' }]));
  });

  test('random mutations of random pods', () => {
    const cases = mutationCases(RECORD.seed, RECORD.pods.length);
    const different = cases.filter(({ pod, data, subject }, i) => {
      const once = mutatePod(pod, data, subject);
      return podHash(withoutEmpty({ pod: once, again: mutatePod(once, data, subject) })) !== RECORD.pods[i];
    });
    expect(cases.length).toBeGreaterThanOrEqual(400);
    expect(different.map(({ id }) => id)).toEqual([]);
  });
});

describe('the last layer of a task', () => {
  test('over podOverride, with containers by name: base is the one of the task, a part of a container that is not there is nothing', () => {
    const pod = podOf([mutation({
      merge: { spec: { containers: [{ name: 'base', env: [{ name: 'A', value: 'm' }] }, { name: 'side', image: 's' }, { name: 'absent', tty: true }] } },
      set: { 'spec.nodeSelector[pool]': 'spot', 'spec.tolerations[-]': { key: 'spot', operator: 'Exists' }, 'spec.containers[*].imagePullPolicy': 'Always' },
      unset: ['spec.priorityClassName', 'spec.hostname'],
    })], {
      baseContainerName: 'main',
      envVars: { A: 'a', B: 'b' },
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'x', operator: 'Exists' }],
      podOverride: { spec: { containers: [{ name: 'main', env: [{ name: 'A', value: 'o' }] }] } },
      priorityClassName: 'high',
    });
    expect(pod.spec).toEqual({
      restartPolicy: 'Never',
      nodeSelector: { disk: 'ssd', pool: 'spot' },
      tolerations: [{ key: 'x', operator: 'Exists' }, { key: 'spot', operator: 'Exists' }],
      containers: [
        { name: 'main', image: 'busybox:1', terminationMessagePolicy: 'File', imagePullPolicy: 'Always', env: [{ name: 'B', value: 'b' }, { name: 'A', value: 'm' }] },
        { name: 'side', image: 's', imagePullPolicy: 'Always' },
      ],
    });
  });

  test('the XCom sidecar is found where it is', () => {
    const limits = mutation({ set: { 'spec.containers[airflow-xcom-sidecar].resources.limits[memory]': '32Mi' } });
    const sidecar = (xcomMode: string) => {
      const { spec } = podOf([limits], { doXcomPush: true, xcomMode });
      return [...spec.containers, ...spec.initContainers ?? []].find(({ name }) => name === 'airflow-xcom-sidecar').resources.limits;
    };
    expect([sidecar('native'), sidecar('airflow')]).toEqual([{ memory: '32Mi' }, { memory: '32Mi' }]);
  });

  test.each<[string, Partial<PodMutationProps>, boolean]>([
    ['its labels', { labels: { team: 'a' } }, true],
    ['other labels', { labels: { team: 'b' } }, false],
    ["the operator's pods", { podsOf: ['KubernetesPodOperator'] }, true],
    ["the executor's pods", { podsOf: ['KubernetesExecutor'] }, false],
    ['a queue, which such a pod has not', { queues: ['default'] }, false],
  ])('selected by %s', (_, selector, selected) => {
    const pod = podOf([mutation({ ...selector, set: { 'spec.priorityClassName': 'high' } })], { labels: { team: 'a' } });
    expect(pod.spec.priorityClassName).toBe(selected ? 'high' : undefined);
    expect(pod.metadata.annotations['cdk8s-airflow/task']).not.toContain('mutations');
  });

  test('each sees what the ones before it made', () => {
    const first = new PodMutation({ name: 'first', set: { 'metadata.labels[tier]': 'gold' } });
    const second = mutation({ labels: { tier: 'gold' }, set: { 'spec.priorityClassName': 'high' } });
    expect(podOf([first, second]).spec.priorityClassName).toBe('high');
    expect(podOf([second, first]).spec.priorityClassName).toBeUndefined();
  });

  test('what asks for the run waits for it, and so does what comes after', () => {
    const urgent = mutation({ dagIds: ['etl', 'Übung'], labels: { try_number: '2' }, set: { 'spec.priorityClassName': 'urgent' } });
    const after = new PodMutation({ name: 'after', set: { 'spec.priorityClassName': 'after' }, labels: { team: 'a' } });
    const pod = podOf([urgent, after], { labels: { team: 'a' } });
    expect(pod.spec.priorityClassName).toBeUndefined();
    const priority = (manifest: any, identity: object) => renderPod(manifest, { ...IDENTITY, ...identity }).spec.priorityClassName;
    expect(priority(pod, { dagId: 'etl', tryNumber: 2 })).toBe('after');
    const alone = podOf([urgent], { labels: { team: 'a' } });
    expect(priority(alone, { dagId: 'etl', tryNumber: 2 })).toBe('urgent');
    expect(priority(alone, { dagId: 'Übung', tryNumber: 2 })).toBe('urgent');
    expect(priority(alone, { dagId: 'etl', tryNumber: 1 })).toBeUndefined();
    expect(priority(alone, { dagId: 'other', tryNumber: 2 })).toBeUndefined();
    expect(priority(alone, { tryNumber: 2 })).toBeUndefined();
  });

  test('the pods of a Job, at synth and where they wait for the run', () => {
    const scope = chart();
    const always = new PodMutation({ name: 'always', set: { 'spec.nodeSelector[pool]': 'spot' } });
    const urgent = mutation({ dagIds: ['etl'], labels: { try_number: '2' }, set: { 'spec.priorityClassName': 'urgent' } });
    const other = new PodMutation({ name: 'other', podsOf: ['KubernetesExecutor'], set: { 'spec.schedulerName': 'packer' } });
    const task = new JobTask(scope, 'task', { image: 'busybox:1', podMutations: [other, always, urgent] });
    const job = find(synth(scope), 'Job');
    expect(job.spec.template.spec).toMatchObject({ nodeSelector: { pool: 'spot' } });
    const pod = (identity: object) => renderPod(job, { ...IDENTITY, ...identity }).spec.template.spec;
    expect([pod({ dagId: 'etl', tryNumber: 2 }).priorityClassName, pod({ dagId: 'etl' }).priorityClassName]).toEqual(['urgent', undefined]);
    expect(pod({ dagId: 'etl', tryNumber: 2 }).schedulerName).toBeUndefined();
    expect(new DagFile({ dagId: 'etl', tasks: [task] }).toPython()).toContain('"pool": "spot"');
  });

  test('a DAG file knows its DAG, a template file does not', () => {
    const scope = chart();
    const podMutations = [
      mutation({ dagIds: ['etl'], set: { 'spec.priorityClassName': 'urgent' } }),
      new PodMutation({ name: 'try', labels: { try_number: '2' }, set: { 'spec.schedulerName': 'packer' } }),
    ];
    const task = new PodTask(scope, 'task', { image: 'busybox:1', renderAs: 'none', podMutations });
    const dag = (dagId: string) => new DagFile({ dagId, tasks: [task] }).toPython();
    expect(dag('etl')).toContain('priority_class_name="urgent"');
    expect(dag('etl')).not.toContain('packer');
    expect(dag('other')).not.toContain('priority_class_name');
    expect(task.toPodTemplateFile()).not.toContain('urgent');
  });
});

describe('refused', () => {
  const message = (action: () => unknown) => {
    try { action(); } catch (error) { return (error as Error).message; }
    return 'no error';
  };
  test.each<[string, Partial<PodMutationProps> | any, string]>([
    ['no change', {}, "it changes nothing; give 'merge', 'set' or 'unset'"],
    ['an unknown prop', { patch: {} }, "unknown prop 'patch'"],
    ['an unknown maker', { podsOf: ['CeleryExecutor'], unset: ['spec.affinity'] }, "'podsOf' must be of 'KubernetesExecutor', 'KubernetesPodOperator', got 'CeleryExecutor'"],
    ['an empty selector', { dagIds: [], unset: ['spec.affinity'] }, "'dagIds' is empty; leave it out for any"],
    ['a label of Airflow', { labels: { dag_id: 'x' }, unset: ['spec.affinity'] }, "'labels.dag_id' is for Airflow to set; select by 'dagIds'"],
    ['a label that is no text', { labels: { a: 1 }, unset: ['spec.affinity'] }, "'labels.a' must be a string, got 1; put it in quotes"],
    ['a queue of the operator', { queues: ['q'], podsOf: ['KubernetesPodOperator'], unset: ['spec.affinity'] }, 'a pod of that operator does not tell the queue of its task'],
    ['a misspelt path', { set: { 'spec.nodeSelectors[a]': 'b' } }, "'set' of 'spec.nodeSelectors[a]': 'spec' has no 'nodeSelectors'; did you mean 'nodeSelector'"],
    ['no path', { unset: ['spec..x'] }, "'spec..x' is no path"],
    ['a value of another type', { set: { 'spec.priorityClassName': 5 } }, "set['spec.priorityClassName']: expected a string, got the number 5; quote it: '5'"],
    ['a word that there is not', { set: { 'spec.containers[*].imagePullPolicy': 'always' } }, "expected one of 'Always', 'IfNotPresent', 'Never', got 'always'"],
    ['no value', { set: { 'spec.affinity': null } }, "'set' of 'spec.affinity' has no value; 'unset' takes out what is there"],
    ['an item by its number', { unset: ['spec.tolerations[0]'] }, "items of 'spec.tolerations' have no name; write 'spec.tolerations[-]' for a further one, or name the whole list"],
    ['a further item of a list with names', { set: { 'spec.volumes[-]': { name: 'a' } } }, "'[-]' adds an item to a list without names, by 'set' alone"],
    ['every item whole', { unset: ['spec.volumes[*]'] }, "'[*]' stands for every item of 'spec.volumes'"],
    ['an item of another name', { set: { 'spec.volumes[a]': { name: 'b', emptyDir: {} } } }, "'set' of 'spec.volumes[a]' is called 'b' in its value; write one name"],
    ['an item that is a text', { set: { 'spec.containers[base].env[A]': 'b' } }, "'set' of 'spec.containers[base].env[A]' must be an object, got \"b\""],
    ['a needed key', { unset: ['spec.volumes[a].name'] }, "Kubernetes needs 'name' of 'spec.volumes[a]'; name the whole of it"],
    ['a name', { set: { 'metadata.name': 'x' } }, "'metadata.name' is how Airflow and the runner find the pod again"],
    ['the label of a run', { merge: { metadata: { labels: { run_id: 'x' } } } }, "'metadata.labels.run_id' is Airflow's own: it finds the task by it"],
    ['all labels', { unset: ['metadata.labels'] }, "'metadata.labels' holds what Airflow finds the pod by; name a key of it"],
    ['all containers', { unset: ['spec.containers'] }, "Kubernetes needs 'containers' of 'spec'"],
    ['a whole container', { set: { 'spec.containers[side]': { image: 'x' } } }, "'spec.containers[side]' would be replaced whole; write it into 'merge'"],
    ['no task', { unset: ['spec.containers[base]'] }, "'spec.containers[base]' runs the task, or hands its XCom out; it must stay"],
    ['the whole spec', { set: { spec: { containers: [] } } }, "'spec' is nearly the whole pod; name a part of it"],
    ['a restart', { set: { 'spec.restartPolicy': 'Always' } }, "'spec.restartPolicy' must be 'Never'"],
    ["the executor's command", { set: { 'spec.containers[base].args': ['x'] } }, "is Airflow's own in the pods of KubernetesExecutor: it starts the task by it; say podsOf: ['KubernetesPodOperator']"],
    ['a container without a name', { merge: { spec: { containers: [{ tty: true }] } } }, "'merge.spec.containers' holds a container without a name"],
    ['Jinja', { set: { 'metadata.annotations[a]': '{{ ds }}' } }, 'it holds Jinja, which Airflow renders before it mutates pods, and so not at all: {{ ds }}'],
  ])('%s', (_, props, expected) => {
    expect(message(() => mutation(props))).toContain(expected);
  });

  const base = (set: object) => ({ set: Object.fromEntries(Object.entries(set).map(([path, value]) => [`spec.containers[base].${path}`, value])) });
  test.each<[string, Partial<PodMutationProps>, string]>([
    ['a label', { set: { 'metadata.labels[team]': 'a b' } }, "PodMutation 'm': label 'team' must be at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends, got 'a b'"],
    ['a key of a label', { merge: { metadata: { labels: { 'a b': 'c' } } } }, "label key 'a b' must be"],
    ['a key of an annotation', { set: { 'metadata.annotations[a b]': 'c' } }, "'annotations' must have keys of at most 63"],
    ['a label of nodes', { set: { 'spec.nodeSelector[pool]': 'a b' } }, "'nodeSelector' must have values of at most 63"],
    ['labels of nodes, whole', { merge: { spec: { nodeSelector: { 'a b': 'c' } } } }, "'nodeSelector' must have keys of at most 63"],
    ['the name of a container', { merge: { spec: { containers: [{ name: 'Side_Car', image: 'x' }] } } }, "'spec.containers[Side_Car].name' must be at most 63 lower-case letters"],
    ['an image', { set: { 'spec.containers[*].image': 'no image' } }, "'spec.containers[*].image' must be a name such as 'quay.io/team/app:1.2', got 'no image'"],
    ['a taint', { set: { 'spec.tolerations[-]': { operator: 'Exists', value: 'x' } } }, "'spec.tolerations[-].value' must be left out with operator 'Exists'"],
    ['a taint without a key', { merge: { spec: { tolerations: [{ value: 'x' }] } } }, "needs 'key', or operator 'Exists' for every taint"],
    ['the name of a variable', base({ 'env[1A]': { value: 'x' } }), "'spec.containers[base].env[1A].name' must be letters, digits, '-', '_' and '.', and not begin with a digit, got '1A'"],
    ['two sources of a variable', base({ 'env[A]': { value: 'x', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } } }), "has 'value' and 'valueFrom', of which only one can be"],
    ['a request above its limit', base({ resources: { requests: { cpu: 2 }, limits: { cpu: 1 } } }), "'spec.containers[base].resources.requests.cpu' must be at most the limit"],
    ['a resource', base({ 'resources.limits[gpu]': 1 }), "'spec.containers[base].resources.limits.gpu' is no resource of Kubernetes"],
    ['a port', base({ 'ports[http]': { containerPort: 70000 } }), "'spec.containers[base].ports[http].containerPort' must be from 1 to 65535, got 70000"],
    ['the name of a class', { set: { 'spec.priorityClassName': 'High_Prio' } }, "'priorityClassName' must be lower-case letters"],
    ['what lacks a part', { merge: { spec: { topologySpreadConstraints: [{ maxSkew: 1 }] } } }, "missing 'topologyKey', 'whenUnsatisfiable', required in TopologySpreadConstraint"],
    ['an empty volume', { merge: { spec: { volumes: [{ name: 'a', configMap: { defaultMode: 400 } }] } } }, "'spec.volumes[a].configMap' needs 'name'"],
  ])('%s that the API server refuses', (_, props, expected) => {
    expect(message(() => mutation(props))).toContain(expected);
  });

  test.each<[string, Partial<PodMutationProps>]>([
    ['a field of a probe', base({ 'livenessProbe.periodSeconds': 60 })],
    ['devices beside their limit', base({ 'resources.requests[nvidia.com/gpu]': 1 })],
    ['a field of a volume', { set: { 'spec.volumes[scratch].emptyDir.sizeLimit': '1Gi', 'spec.volumes[node].hostPath.type': 'Directory' } }],
    ['a field of a mount', base({ 'volumeMounts[*].readOnly': true })],
    ['the probe of an init container that is a sidecar', { set: { 'spec.initContainers[proxy].startupProbe.periodSeconds': 1 } }],
    ['a policy of names beside servers', { set: { 'spec.dnsPolicy': 'None' } }],
    ['a field of a variable', base({ 'env[A].value': 'x', 'env[*].value': 'y', 'ports[*].hostPort': 80 })],
    ['the profile of a node', { set: { 'spec.securityContext.seccompProfile.localhostProfile': 'x.json' } }],
  ])('%s, which depends on the rest of the pod, is taken', (_, props) => {
    expect(message(() => mutation(props))).toBe('no error');
  });

  test('what is no list of mutations with names of their own', () => {
    const same = [mutation({ unset: ['spec.affinity'] }), mutation({ unset: ['spec.affinity'] })];
    expect(message(() => podOf(same))).toBe("[chart/task] 'podMutations' holds two mutations called 'm'; give one of them another 'name'");
    expect(message(() => podOf(['x'] as any))).toBe("[chart/task] 'podMutations' must be a list of PodMutation, got \"x\"");
    expect(message(() => PodMutation.toAirflowLocalSettings([]))).toBe('local settings of no mutation; give at least one PodMutation');
    expect(message(() => new PodMutation({ name: '-', unset: ['spec.affinity'] }))).toContain("'name' must be 1 to 63 letters");
  });

  test('a pod that Kubernetes refuses', () => {
    expect(message(() => podOf([mutation({ set: { 'spec.containers[base].volumeMounts[/x]': { name: 'absent' } } })]))).toContain("mounts volume 'absent' at '/x', but the pod has no such volume");
  });
});
