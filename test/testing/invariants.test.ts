import { parse, stringify } from 'yaml';
import { AirflowAuth, CeleryBroker, CeleryResultBackend, Executor, GitSyncDags, SecretRef } from '../../src';
import { INVARIANTS, InvariantName, violations } from '../../src/testing';
import { Deployed, podOf } from '../deployment/deploy';
import { chart } from '../util';

const secret = SecretRef.existing('mine', 'key');
const external = ['Secret/db', 'Secret/mine'];
const made = new Deployed({
  executor: Executor.multiple([
    Executor.celery({
      broker: CeleryBroker.developmentRedis(),
      resultBackend: CeleryResultBackend.redis({ host: 'results' }),
      workers: [{}, { name: 'gpu', autoscaling: { maxReplicas: 2 } }],
    }),
    Executor.kubernetes(),
  ]),
  auth: AirflowAuth.fab({ users: [{ username: 'ada', email: 'ada@example.com', password: secret }] }),
  dags: new GitSyncDags({ repo: 'https://git.example.com/dags.git', token: secret }),
  scheduler: { replicas: 2 },
  fernetKey: SecretRef.external({ store: 'vault', remoteKey: 'fernet' }),
  podCleanup: {},
  podLaunching: {},
}).objects;
const objects = (): any[] => structuredClone(made);

/** The objects of a deployment with one thing broken, and what is said about it. */
class Broken {
  public readonly objects = objects();

  public object(kind: string, name: string): any {
    return this.objects.find(object => object.kind === kind && object.metadata.name === `airflow-${name}`);
  }

  public workload(component: string): any {
    return this.objects.find(object => podOf(object) && object.metadata.labels['app.kubernetes.io/component'] === component);
  }

  public pod(component: string): any {
    return podOf(this.workload(component)).spec;
  }

  public container(component: string): any {
    return this.pod(component).containers[0];
  }

  public remove(kind: string, name: string): void {
    this.objects.splice(this.objects.indexOf(this.object(kind, name)), 1);
  }

  /** Changes the pods that KubernetesExecutor makes. */
  public taskPod(change: (pod: any) => void): void {
    const { data } = this.object('ConfigMap', 'pod-template');
    const pod = parse(data['pod_template_file.yaml']);
    change(pod);
    data['pod_template_file.yaml'] = stringify(pod);
  }
}

const MIGRATION = /^Job ns\/airflow-migration-/;
/** What is broken → how, the invariant, the object, a part of path and reason. */
const BROKEN: [string, (broken: Broken) => void, InvariantName, string | RegExp, string][] = [
  ['a mount without its volume', b => b.pod('triggerer').volumes.pop(), 'mounts-have-volumes', 'StatefulSet ns/airflow-triggerer', "the pod has no volume 'dags'"],
  ['the same in a task pod', b => b.taskPod(pod => { pod.spec.volumes = []; }), 'mounts-have-volumes', 'ConfigMap ns/airflow-pod-template',
    "data['pod_template_file.yaml'].spec.containers[base].volumeMounts[tmp]"],
  ['a device without its volume', b => { b.container('scheduler').volumeDevices = [{ name: 'disk', devicePath: '/dev/a' }]; }, 'mounts-have-volumes',
    'Deployment ns/airflow-scheduler', 'volumeDevices[disk]'],

  ['a Secret that nobody makes', b => b.remove('Secret', 'jwt-secret'), 'references-resolve', 'Deployment ns/airflow-api-server', "Secret 'airflow-jwt-secret'"],
  ['a ConfigMap that nobody makes', b => b.remove('ConfigMap', 'config'), 'references-resolve', MIGRATION, 'spec.template.spec.volumes[config]'],
  ['another key than an ExternalSecret fetches', b => { b.object('ExternalSecret', 'fernet-key').spec.data[0].secretKey = 'other'; }, 'references-resolve',
    MIGRATION, "has no key 'fernet-key'"],
  ['a file that its ConfigMap does not have', b => { b.object('ConfigMap', 'config').data = {}; }, 'references-resolve', MIGRATION, 'volumeMounts[config]'],
  ['a pull secret that nobody makes', b => { b.pod('triggerer').imagePullSecrets = [{ name: 'registry' }]; }, 'references-resolve',
    'StatefulSet ns/airflow-triggerer', "say with external: ['Secret/registry']"],
  ['a claim that nobody makes', b => b.pod('triggerer').volumes.push({ name: 'x', persistentVolumeClaim: { claimName: 'x' } }), 'references-resolve',
    'StatefulSet ns/airflow-triggerer', "PersistentVolumeClaim 'x'"],
  ['variables of a ConfigMap that nobody makes', b => { b.container('triggerer').envFrom = [{ configMapRef: { name: 'x' } }]; }, 'references-resolve',
    'StatefulSet ns/airflow-triggerer', 'envFrom[x]'],

  ['a pod without its account', b => b.remove('ServiceAccount', 'triggerer'), 'accounts-exist', 'StatefulSet ns/airflow-triggerer', "ServiceAccount 'airflow-triggerer'"],
  ['a binding without its Role', b => b.remove('Role', 'scheduler'), 'accounts-exist', 'RoleBinding ns/airflow-scheduler', 'roleRef'],
  ['a binding to nobody', b => { b.object('RoleBinding', 'scheduler').subjects[0].name = 'x'; }, 'accounts-exist', 'RoleBinding ns/airflow-scheduler', 'subjects[x]'],

  ['a Service of nothing', b => { b.object('Service', 'redis').spec.selector.a = 'b'; }, 'selectors-match', 'Service ns/airflow-redis', 'it selects no pod'],
  ['a Service of two workloads', b => { delete b.object('Service', 'celery-worker').spec.selector['app.kubernetes.io/component']; }, 'selectors-match',
    'Service ns/airflow-celery-worker', 'it selects the pods of'],
  ['a budget of nothing', b => { b.object('PodDisruptionBudget', 'scheduler').spec.selector = { matchLabels: { a: 'b' } }; }, 'selectors-match',
    'PodDisruptionBudget ns/airflow-scheduler', 'spec.selector'],
  ['a policy for nothing', b => { b.object('NetworkPolicy', 'worker').spec.podSelector = { matchLabels: { a: 'b' } }; }, 'selectors-match',
    'NetworkPolicy ns/airflow-worker', 'spec.podSelector'],
  ['a scaler of nothing', b => { b.object('HorizontalPodAutoscaler', 'celery-worker-gpu').spec.scaleTargetRef.name = 'x'; }, 'selectors-match',
    'HorizontalPodAutoscaler ns/airflow-celery-worker-gpu', "StatefulSet 'x'"],
  ['a number of pods beside a scaler', b => { b.workload('celery-worker-gpu').spec.replicas = 1; }, 'selectors-match',
    'StatefulSet ns/airflow-celery-worker-gpu', 'HorizontalPodAutoscaler ns/airflow-celery-worker-gpu chooses'],
  ['pods that keep away from all of Airflow', b => {
    delete b.pod('triggerer').affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector
      .matchLabels['app.kubernetes.io/component'];
  }, 'selectors-match', 'StatefulSet ns/airflow-triggerer', 'podAntiAffinity'],
  ['a monitor of nothing', b => b.objects.push({
    apiVersion: 'monitoring.coreos.com/v1', kind: 'PodMonitor', metadata: { name: 'm', namespace: 'ns' }, spec: { selector: { matchLabels: { a: 'b' } } },
  }), 'selectors-match', 'PodMonitor ns/m', 'it selects no pod'],

  ['an API server that tasks do not reach', b => { delete b.object('NetworkPolicy', 'api-server').spec.ingress; }, 'network-flows',
    'ConfigMap ns/airflow-pod-template', 'it needs the execution API at Deployment ns/airflow-api-server, port 8080/TCP'],
  ['a task that may go nowhere', b => { delete b.object('NetworkPolicy', 'worker').spec.egress; }, 'network-flows', 'ConfigMap ns/airflow-pod-template', 'it needs DNS'],
  ['log files out of reach', b => { delete b.object('NetworkPolicy', 'triggerer').spec.ingress; }, 'network-flows', 'Deployment ns/airflow-api-server', 'log files'],
  ['a broker out of reach', b => { b.object('NetworkPolicy', 'redis').spec.ingress[0].from.pop(); }, 'network-flows', 'StatefulSet ns/airflow-celery-worker-gpu',
    "it needs 'CELERY_BROKER_HOST'"],
  ['a database out of reach', b => { b.object('NetworkPolicy', 'triggerer').spec.egress = [{ ports: [{ protocol: 'UDP', port: 53 }] }]; }, 'network-flows',
    'StatefulSet ns/airflow-triggerer', "'METADATA_DB_HOST' at port 5432/TCP"],
  ['git out of reach', b => { b.object('NetworkPolicy', 'dag-processor').spec.egress = [{ ports: [{ port: 53, protocol: 'UDP' }, { port: 5432 }] }]; }, 'network-flows',
    'Deployment ns/airflow-dag-processor', 'it needs the git server at port 443/TCP'],
  ['the Kubernetes API out of reach', b => {
    b.object('NetworkPolicy', 'secret-bootstrap').spec.egress = [{ ports: [{ protocol: 'UDP', port: 53 }] }];
  }, 'network-flows', /^Job ns\/airflow-secret-bootstrap-/, 'the Kubernetes API'],
  ['a broker that everybody reaches', b => { delete b.object('NetworkPolicy', 'redis').spec.ingress[0].from; }, 'network-flows', 'StatefulSet ns/airflow-redis',
    'StatefulSet ns/airflow-triggerer may open its port 6379/TCP, which it does not need'],

  ['a privileged container', b => { b.container('redis').securityContext.privileged = true; }, 'pod-security', 'StatefulSet ns/airflow-redis', 'privileged'],
  ['a task pod as root', b => b.taskPod(pod => { pod.spec.securityContext.runAsUser = 0; }), 'pod-security', 'ConfigMap ns/airflow-pod-template', 'runAsUser=0'],

  ['a password in a variable', b => b.container('triggerer').env.push({ name: 'DB_PASSWORD', value: 'hunter2' }), 'no-plaintext-credentials',
    'StatefulSet ns/airflow-triggerer', 'env[DB_PASSWORD]'],
  ['a URL with a password in a variable', b => b.container('triggerer').env.push({ name: 'A', value: 'postgres://u:p@h/d' }), 'no-plaintext-credentials',
    'StatefulSet ns/airflow-triggerer', 'a URL with a password'],
  ['a connection with a password', b => b.container('triggerer').env.push({ name: 'AIRFLOW_CONN_A', value: '{"conn_type": "http", "password": "p"}' }),
    'no-plaintext-credentials', 'StatefulSet ns/airflow-triggerer', 'a password in JSON'],
  ['a password as an option', b => { b.container('redis').args = ['--requirepass', 'hunter2']; }, 'no-plaintext-credentials', 'StatefulSet ns/airflow-redis', 'as an option'],
  ['a key in airflow.cfg', b => { b.object('ConfigMap', 'config').data['airflow.cfg'] += '\nfernet_key = abc\n'; }, 'no-plaintext-credentials',
    'ConfigMap ns/airflow-config', "a value for 'fernet_key'"],
  ['a key in an annotation', b => { b.workload('redis').metadata.annotations = { a: '-----BEGIN RSA PRIVATE KEY-----' }; }, 'no-plaintext-credentials',
    'StatefulSet ns/airflow-redis', "metadata.annotations['a']"],
  ['a Secret with its value', b => { b.object('Secret', 'jwt-secret').data = { 'jwt-secret': 'YQ==' }; }, 'no-plaintext-credentials', 'Secret ns/airflow-jwt-secret', 'base64'],

  ['no requests', b => { delete b.container('triggerer').resources.requests; }, 'resources-and-images', 'StatefulSet ns/airflow-triggerer', 'there is no memory request'],
  ['no memory limit in a sidecar', b => { delete b.pod('triggerer').containers[1].resources.limits; }, 'resources-and-images', 'StatefulSet ns/airflow-triggerer',
    'containers[git-sync].resources.limits.memory'],
  ['an image that moves', b => b.taskPod(pod => { pod.spec.containers[0].image = 'apache/airflow:latest'; }), 'resources-and-images', 'ConfigMap ns/airflow-pod-template',
    "the image 'apache/airflow:latest' may change"],
  ['an image without a tag', b => { b.container('redis').image = 'registry:5000/redis'; }, 'resources-and-images', 'StatefulSet ns/airflow-redis', 'may change'],

  ['a verb too many', b => b.object('Role', 'api-server').rules[0].verbs.push('create'), 'minimal-rbac', 'Role ns/airflow-api-server', 'may create pods'],
  ['every Secret', b => { delete b.object('Role', 'secret-bootstrap').rules[0].resourceNames; }, 'minimal-rbac', 'Role ns/airflow-secret-bootstrap', 'may get secrets'],
  ['everything', b => { b.object('Role', 'scheduler').rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]; }, 'minimal-rbac', 'Role ns/airflow-scheduler', 'may * *.*'],
  ['a right to launch pods for the triggerer', b => b.object('RoleBinding', 'worker').subjects.push({ kind: 'ServiceAccount', name: 'airflow-triggerer' }),
    'minimal-rbac', 'Role ns/airflow-worker', "'airflow-triggerer' may create pods"],

  ['two objects of one name', b => b.objects.push(b.objects[0]), 'valid-names', /airflow/, 'another object of the kind has this name'],
  ['a name that is too long', b => { b.object('CronJob', 'pod-cleanup').metadata.name = 'a'.repeat(53); }, 'valid-names', /^CronJob/, 'it has 53 characters, a CronJob may have 52'],
  ['a name with other letters', b => { b.object('Service', 'redis').metadata.name = '1_a'; }, 'valid-names', 'Service ns/1_a', 'no name for a Service'],
  ['a label that is too long', b => { podOf(b.workload('triggerer')).metadata.labels.team = 'a'.repeat(64); }, 'valid-names', 'StatefulSet ns/airflow-triggerer',
    "spec.template.metadata.labels['team']"],
  ['the name of a port that is too long', b => { b.container('redis').ports[0].name = 'a-port-of-a-redis'; }, 'valid-names', 'StatefulSet ns/airflow-redis', 'ports[a-port-of-a-redis]'],
  ['a variable that is there twice', b => b.container('redis').env.push(...b.container('redis').env), 'valid-names', 'StatefulSet ns/airflow-redis', 'env['],
  ['a ConfigMap that is too large', b => { b.object('ConfigMap', 'config').data.big = 'a'.repeat(1_048_577); }, 'valid-names', 'ConfigMap ns/airflow-config', '1 MiB is the limit'],

  ['a probe that is longer than its period', b => { b.container('triggerer').livenessProbe.timeoutSeconds = 121; }, 'probe-times', 'StatefulSet ns/airflow-triggerer',
    'it is 121, and the next probe begins after 120'],
  ['a hook that is longer than the grace period', b => { b.container('redis').lifecycle = { preStop: { exec: { command: ['sh', '-c', 'sleep 120'] } } }; }, 'probe-times',
    'StatefulSet ns/airflow-redis', 'it takes 120 seconds'],

  ['a key that Kubernetes does not know', b => { b.pod('redis').nodeSelectors = {}; }, 'kubernetes-schema', 'StatefulSet ns/airflow-redis', "unknown key 'nodeSelectors'"],
  ['a text for a number', b => b.taskPod(pod => { pod.spec.terminationGracePeriodSeconds = '60'; }), 'kubernetes-schema', 'ConfigMap ns/airflow-pod-template',
    'spec.terminationGracePeriodSeconds'],
];

test('a deployment violates nothing', () => {
  expect(violations(objects(), { external, again: objects(), previous: objects() })).toEqual([]);
});

test.each(BROKEN)('%s is found', (_, change, invariant, object, part) => {
  const broken = new Broken();
  change(broken);
  const found = violations(broken.objects, { external, only: [invariant] });
  expect(found.map(violation => violation.invariant)).toContain(invariant);
  const named = found.filter(violation => (typeof object === 'string' ? violation.object === object : object.test(violation.object)));
  expect(named.map(({ path, reason, repair }) => `${path}: ${reason}; ${repair}`)).toContainEqual(expect.stringContaining(part));
  expect(violations(broken.objects, { external, except: [invariant] }).filter(violation => violation.invariant === invariant)).toEqual([]);
});

test('each invariant finds something', () => {
  expect(INVARIANTS).toHaveLength(14);
  expect(new Set([...BROKEN.map(([,, invariant]) => invariant), 'deterministic', 'immutable-fields'])).toEqual(new Set(INVARIANTS));
});

describe('deterministic', () => {
  const found = (change: (broken: Broken) => void) => {
    const broken = new Broken();
    change(broken);
    return violations(objects(), { only: ['deterministic'], again: broken.objects }).map(({ object, path, reason }) => [object, path, reason]);
  };

  test('a value that changes is found by its path', () => {
    expect(found(b => { b.container('redis').env[0].name = 'X'; }))
      .toEqual([['StatefulSet ns/airflow-redis', 'spec.template.spec.containers[0].env[0].name', 'it differs in the second synthesis']]);
  });

  test('objects that come, go or change places are found', () => {
    expect(found(b => b.remove('Service', 'redis'))).toEqual([['Service ns/airflow-redis', '', 'it is missing in the second synthesis']]);
    expect(found(b => { b.object('Service', 'redis').metadata.name = 'x'; })).toContainEqual(['Service ns/x', '', 'it is in the second synthesis alone']);
    expect(found(b => b.objects.reverse())).toEqual([[expect.any(String), '', 'the objects are in another order in the second synthesis']]);
  });
});

describe('immutable-fields', () => {
  const found = (change: (broken: Broken) => void) => {
    const broken = new Broken();
    change(broken);
    return violations(broken.objects, { only: ['immutable-fields'], previous: objects() }).map(({ object, path }) => [object, path]);
  };

  test('what may change is left alone', () => {
    expect(found(b => {
      b.container('redis').image = 'redis:8';
      b.workload('triggerer').spec.replicas = 5;
      b.remove('Service', 'redis');
    })).toEqual([]);
  });

  test.each<[string, (broken: Broken) => void, [string | RegExp, string]]>([
    ['the selector of a Deployment', b => { b.workload('redis').spec.selector.matchLabels.a = 'b'; }, ['StatefulSet ns/airflow-redis', 'spec.selector.matchLabels.a']],
    ['the Service of a StatefulSet', b => { b.workload('triggerer').spec.serviceName = 'x'; }, ['StatefulSet ns/airflow-triggerer', 'spec.serviceName']],
    ['a claim template', b => { b.workload('triggerer').spec.volumeClaimTemplates = []; }, ['StatefulSet ns/airflow-triggerer', 'spec.volumeClaimTemplates']],
    ['the pod of a Job', b => { b.container('migration').image = 'x'; }, [MIGRATION, 'spec.template.spec.containers[0].image']],
    ['the kind of a Service', b => { delete b.object('Service', 'triggerer').spec.clusterIP; }, ['Service ns/airflow-triggerer', 'spec.clusterIP']],
    ['the Role of a binding', b => { b.object('RoleBinding', 'scheduler').roleRef.name = 'x'; }, ['RoleBinding ns/airflow-scheduler', 'roleRef.name']],
  ])('%s is found', (_, change, [object, path]) => {
    expect(found(change)).toEqual([[typeof object === 'string' ? object : expect.stringMatching(object), path]]);
  });
});

describe('bad input is refused', () => {
  test('an invariant that does not exist', () => {
    expect(() => violations([], { only: ['pod-securty' as any] })).toThrow("no invariant 'pod-securty'; did you mean 'pod-security'?");
  });

  test('an option that does not exist, or of another type', () => {
    expect(() => violations([], { externals: [] } as any)).toThrow("violations() has no option 'externals'; did you mean 'external'?");
    expect(() => violations([], { external: ['airflow-database'] })).toThrow("'external' must hold objects as 'Kind/name', such as 'Secret/airflow-database', got \"airflow-database\"");
    expect(() => violations([], { external: 'Secret/a' } as any)).toThrow("'external' must be a list, got \"Secret/a\"");
  });

  test('a folder in place of the manifests', () => {
    expect(() => violations(chart() as any)).toThrow('manifests must be a list such as Testing.synth(chart) returns, got a Chart');
    expect(() => violations([chart()])).toThrow('manifests[0] is no Kubernetes object, got a Chart; give a list such as Testing.synth(chart) returns');
    expect(() => violations([], { external: chart() as any })).toThrow("'external' must be a list, got a Chart");
    expect(() => violations('dist' as any)).toThrow('manifests must be a list such as Testing.synth(chart) returns, got "dist"');
  });

  test('a value that is no object of Kubernetes', () => {
    expect(() => violations([{ kind: 'Pod' }])).toThrow('manifests[0] is no Kubernetes object, got {"kind":"Pod"}; give a list such as Testing.synth(chart) returns');
  });
});
