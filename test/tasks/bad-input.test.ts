/* eslint-disable max-len */
import { App, Chart, Testing } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { PodTask } from '../../src';
import { WARNING_METADATA } from '../../src/private/warnings';
import { chart, synth } from '../util';

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => jest.restoreAllMocks());

/** The whole message: what is wrong, where, what was given, what is allowed and what to write. */
function refused(_: string, props: object, message: string): void {
  const scope = chart();
  expect(() => {
    new PodTask(scope, 'task', { image: 'busybox:1', ...props });
    synth(scope);
  }).toThrow(new Error(`[chart/task] ${message}`));
}

describe('values of another type', () => {
  test.each<[string, object, string]>([
    ['no image', { image: undefined },
      "'image' must be the name of an image, got undefined"],
    ['an image of blanks', { image: ' ' },
      '\'image\' must be the name of an image, got " "'],
    ['a number as a name', { name: 5 },
      "'name' must be a string, got 5; put it in quotes"],
    ['a null over a layer', { podOverride: { spec: { hostname: null } } },
      'podOverride.spec.hostname: null is not allowed; leave the key out'],
    ['a command in one string', { cmds: 'sh -c x' },
      '\'cmds\' must be a list of strings, got "sh -c x"; for a shell line write [\'sh\', \'-c\', …]'],
    ['a number as an argument', { arguments: ['--n', 5] },
      "'arguments[1]' must be a string or a task's output, got 5; put it in quotes"],
    ['a hole in a list', { arguments: ['a', undefined] },
      "'arguments[1]' is undefined; take it out of the list"],
    ['variables as a text', { envVars: '{{ params.env }}' },
      '\'envVars\' must be an object such as { NAME: \'text\' }, or a list of { name, value }, got "{{ params.env }}"'],
    ['a variable that is true', { envVars: { DEBUG: true } },
      "'envVars.DEBUG' must be a string or a task's output, got true; put it in quotes"],
    ['a variable that is null in a list', { envVars: [null] },
      'envVars[0]: null is not allowed; take it out'],
    ['a toleration that is null', { tolerations: [null] },
      'tolerations[0]: null is not allowed; take it out'],
    ['an argument that is null', { arguments: ['a', null] },
      "'arguments[1]' must be a string or a task's output, got null"],
    ['a variable as an assignment', { envVars: ['A=b'] },
      "envVars[0]: expected an object (EnvVar), got 'A=b'; write { name: … }"],
    ['labels as a list', { labels: ['a'] },
      '\'labels\' must be an object of names and texts, got ["a"]; write { name: \'text\' }'],
    ['a number as a label', { labels: { n: 5 } },
      "'labels.n' must be a string, got 5; put it in quotes"],
    ['a number as an annotation', { annotations: { n: 5 } },
      "'annotations.n' must be a string, got 5; put it in quotes"],
    ['a node selector as a text', { nodeSelector: 'disk=ssd' },
      '\'nodeSelector\' must be an object of names and texts, got "disk=ssd"; write { name: \'text\' }'],
    ['a flag as a text', { hostnetwork: 'false' },
      '\'hostnetwork\' must be true or false, got "false"; write it without quotes'],
    ['a number of seconds as a text', { activeDeadlineSeconds: '60' },
      '\'activeDeadlineSeconds\' must be a whole number of at least 1, got "60"; write it without quotes'],
    ['a number of tries that is none', { retries: NaN },
      "'retries' must be a whole number of at least 0, got NaN"],
    ['pull secrets as texts', { imagePullSecrets: ['quay'] },
      "imagePullSecrets[0]: expected an object (LocalObjectReference), got 'quay'; write { name: … }"],
    ['pull secrets as an object', { imagePullSecrets: { name: 'quay' } },
      '\'imagePullSecrets\' must be a list, got {"name":"quay"}; write [{"name":"quay"}]'],
    ['one volume in place of a list', { volumes: { name: 'v', emptyDir: {} } },
      '\'volumes\' must be a list, got {"name":"v","emptyDir":{}}; write [{"name":"v","emptyDir":{}}]'],
    ['a volume that is null', { volumes: [null] },
      'volumes[0]: null is not allowed; take it out'],
    ['a secret as a text', { secrets: ['airflow-secrets'] },
      '\'secrets[0]\' must be an object such as { deployType: \'env\', deployTarget: \'SQL_CONN\', secret: \'name\', key: \'key\' }, got "airflow-secrets"'],
    ['a ConfigMap as an object', { configmaps: [{ name: 'settings' }] },
      '\'configmaps[0]\' must be a string, got {"name":"settings"}'],
    ['a port as a number', { ports: [80] },
      'ports[0]: expected an object (ContainerPort), got the number 80; write { containerPort: … }'],
    ['a port as a text', { ports: [{ containerPort: '80' }] },
      "ports[0].containerPort: expected a 32-bit integer, got '80'; write it without quotes"],
    ['a task id in dependsOn', { dependsOn: ['extract'] },
      '\'dependsOn[0]\' must be a PodTask, got "extract"; give the task itself, not its id'],
    ['a user as a text', { securityContext: { runAsUser: 'root' } },
      "securityContext.runAsUser: expected an integer, got 'root'"],
    ['one value in place of a list', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'In', values: 'ssd' }] }] } } } },
      "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values: expected a list, got 'ssd'; write ['ssd']"],
    ['a pod that is a text', { fullPodSpec: 'pod.yaml' },
      '\'fullPodSpec\' must hold a pod, an object with \'metadata\' and \'spec\', got "pod.yaml"'],
    ['containers as an object', { podOverride: { spec: { containers: { name: 'base' } } } },
      'podOverride.spec.containers: expected a list, got an object; write [{ … }]'],
    ['a file mode as a text', { volumes: [{ name: 'v', secret: { secretName: 's', defaultMode: '0400' } }] },
      "volumes[0].secret.defaultMode: expected a 32-bit integer, got '0400'; write it without quotes"],
  ])('%s', refused);
});

describe('values out of range', () => {
  test.each<[string, object, string]>([
    ['tries below zero', { retries: -1 },
      "'retries' must be a whole number of at least 0, got -1"],
    ['half a try', { retries: 1.5 },
      "'retries' must be a whole number of at least 0, got 1.5"],
    ['no time to start', { startupTimeoutSeconds: 0 },
      "'startupTimeoutSeconds' must be a number of seconds greater than 0, got 0"],
    ['a time to start below zero', { startupTimeoutSeconds: -5 },
      "'startupTimeoutSeconds' must be a number of seconds greater than 0, got -5"],
    ['a deadline of zero', { activeDeadlineSeconds: 0 },
      "'activeDeadlineSeconds' must be a whole number of at least 1, got 0"],
    ['a deadline in a century', { activeDeadlineSeconds: 3000000000 },
      "'activeDeadlineSeconds' must be a whole number from 1 to 2147483647, got 3000000000"],
    ['a grace period below zero', { terminationGracePeriod: -1 },
      "'terminationGracePeriod' must be a whole number of at least 0, got -1"],
    ['port 0', { ports: [{ containerPort: 0 }] },
      "'spec.containers[base].ports[0/TCP].containerPort' must be from 1 to 65535, got 0"],
    ['port 70000', { ports: [{ containerPort: 70000 }] },
      "'spec.containers[base].ports[70000/TCP].containerPort' must be from 1 to 65535, got 70000"],
    ['another port on the node', { hostnetwork: true, ports: [{ containerPort: 80, hostPort: 8080 }] },
      "'spec.containers[base].ports[80/TCP].hostPort' must be 80 like 'containerPort' in the network of the node, got 8080"],
    ['two ports of one name', { ports: [{ containerPort: 80, name: 'web' }, { containerPort: 81, name: 'web' }] },
      "'ports' holds 'web' twice in the task's parameters; rename or remove one"],
    ['a quantity with a blank', { containerResources: { limits: { memory: '1 Gb' } } },
      "containerResources.limits.memory: expected a quantity such as 0.5, '500m' or '512Mi' (suffixes: m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei), got '1 Gb'; write '1Gi', or '1G' for powers of 1000"],
    ['a quantity in MB', { containerResources: { requests: { memory: '512MB' } } },
      "containerResources.requests.memory: expected a quantity such as 0.5, '500m' or '512Mi' (suffixes: m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei), got '512MB'; write '512Mi', or '512M' for powers of 1000"],
    ['a quantity below zero', { containerResources: { limits: { cpu: -1 } } },
      "'spec.containers[base].resources.limits.cpu' must be at least 0, got -1"],
    ['more than the limit', { containerResources: { requests: { cpu: 2 }, limits: { cpu: '500m' } } },
      "'spec.containers[base].resources.requests.cpu' must be at most the limit, '500m', got 2"],
    ['half a GPU', { containerResources: { limits: { 'nvidia.com/gpu': 0.5 } } },
      "'spec.containers[base].resources.limits.nvidia.com/gpu' must be a whole number, got 0.5"],
    ['a GPU without a limit', { containerResources: { requests: { 'nvidia.com/gpu': 1 } } },
      "'spec.containers[base].resources.requests.nvidia.com/gpu' must be equal to 'limits.nvidia.com/gpu', got 1 and nothing; write it into 'limits' alone"],
    ['a weight of zero', { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 0, preference: { matchExpressions: [{ key: 'disk', operator: 'Exists' }] } }] } } },
      "'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight' must be from 1 to 100, got 0"],
    ['a decimal file mode', { volumes: [{ name: 'v', secret: { secretName: 's', defaultMode: 644 } }] },
      "'spec.volumes[v].secret.defaultMode' must be from 0 to 511, got 644; file modes are octal numbers, 0o400 in TypeScript and 256 in JSON for 0400"],
    ['a user below zero', { containerSecurityContext: { runAsUser: -1 } },
      "'spec.containers[base].securityContext.runAsUser' must be at least 0, got -1"],
    ['an unknown xcomMode', { xcomMode: 'exec' },
      '\'xcomMode\' must be one of \'native\', \'airflow\', \'termination\', got "exec"'],
    ['an unknown onFinishAction', { onFinishAction: 'delete' },
      '\'onFinishAction\' must be one of \'delete_pod\', \'keep_pod\', \'delete_succeeded_pod\', \'delete_active_pod\', got "delete"'],
    ['an unknown imagePullPolicy', { imagePullPolicy: 'always' },
      '\'imagePullPolicy\' must be one of \'Always\', \'IfNotPresent\', \'Never\', got "always"'],
    ['an unknown dnspolicy', { dnspolicy: 'clusterFirst' },
      '\'dnspolicy\' must be one of \'ClusterFirst\', \'ClusterFirstWithHostNet\', \'Default\', \'None\', got "clusterFirst"'],
    ['an unknown protocol', { ports: [{ containerPort: 80, protocol: 'tcp' }] },
      "ports[0].protocol: expected one of 'SCTP', 'TCP', 'UDP', got 'tcp'; did you mean 'TCP'?"],
    ['an unknown medium', { volumes: [{ name: 'v', emptyDir: { medium: 'ram' } }] },
      "'spec.volumes[v].emptyDir.medium' must be '' or 'Memory', got 'ram'"],
    ['an unknown operator', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'Equals', values: ['ssd'] }] }] } } } },
      "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].operator: expected one of 'DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn', got 'Equals'"],
    ['annotations without end', { annotations: { note: 'x'.repeat(300000) } },
      "'annotations' must have at most 262144 bytes together, got 300004; mount a ConfigMap"],
  ])('%s', refused);
});

describe('names', () => {
  test.each<[string, object, string]>([
    ['a task id with a blank', { taskId: 'a b' },
      '\'taskId\' must be 1 to 250 letters, digits, \'-\', \'_\' or \'.\', got "a b"; the construct\'s id is taken where \'taskId\' is not given'],
    ['a name with a slash', { name: 'a/b' },
      "'name' must be 1 to 220 letters, digits, '-', '_' or '.', got 'a/b'; leave it out to take the task id"],
    ['a name of 221 characters', { name: 'a'.repeat(221) },
      `'name' must be 1 to 220 letters, digits, '-', '_' or '.', got '${'a'.repeat(221)}'; leave it out to take the task id`],
    ['a namespace with underscores', { namespace: 'kubernetes_task_async_log' },
      "'namespace' must be at most 63 lower-case letters, digits and '-', with a letter or digit at both ends, got 'kubernetes_task_async_log'; write 'kubernetes-task-async-log'"],
    ['an account with capitals', { serviceAccountName: 'My Account' },
      "'serviceAccountName' must be lower-case letters, digits, '-' and '.', with a letter or digit at both ends, got 'My Account'"],
    ['a priority class with a blank', { priorityClassName: 'High Priority' },
      "'priorityClassName' must be lower-case letters, digits, '-' and '.', with a letter or digit at both ends, got 'High Priority'"],
    ['a host name with a dot', { hostname: 'a.b' },
      "'hostname' must be at most 63 lower-case letters, digits and '-', with a letter or digit at both ends, got 'a.b'"],
    ['a base container with capitals', { baseContainerName: 'Main' },
      "'baseContainerName' must be at most 63 lower-case letters, digits and '-', with a letter or digit at both ends, got 'Main'"],
    ['a volume with an underscore', { volumes: [{ name: 'my_data', emptyDir: {} }] },
      "'spec.volumes[my_data].name' must be at most 63 lower-case letters, digits and '-', with a letter or digit at both ends, got 'my_data'"],
    ['a port name with capitals', { ports: [{ containerPort: 80, name: 'HTTP' }] },
      "'spec.containers[base].ports[HTTP].name' must be at most 15 lower-case letters, digits and '-', with at least one letter, got 'HTTP'"],
    ['a variable with an equals sign', { envVars: { 'A=B': 'x' } },
      "'spec.containers[base].env[A=B].name' must be letters, digits, '-', '_' and '.', and not begin with a digit, got 'A=B'"],
    ['a variable that begins with a digit', { envVars: { '1A': 'x' } },
      "'spec.containers[base].env[1A].name' must be letters, digits, '-', '_' and '.', and not begin with a digit, got '1A'"],
    ['a label key with a blank', { labels: { 'a b': 'x' } },
      "label key 'a b' must be at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends, after an optional DNS name and '/'"],
    ['a label of 64 characters', { labels: { team: 'x'.repeat(64) } },
      `label 'team' must be at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends, got '${'x'.repeat(64)}'; put free text into 'annotations'`],
    ['a label of free text', { labels: { note: 'two words' } },
      "label 'note' must be at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends, got 'two words'; put free text into 'annotations'"],
    ['an annotation key with a blank', { annotations: { 'a b': 'x' } },
      "'annotations' must have keys of at most 63 letters, digits, '-', '_' and '.', with a domain and '/' before where there is one, got 'a b'"],
    ['the annotation of the task', { annotations: { 'cdk8s-airflow/task': '{}' } },
      "'annotations' must not set 'cdk8s-airflow/task', which says what the task is to the runner; use another key"],
    ['a node selector of free text', { nodeSelector: { disk: 'a b' } },
      "'nodeSelector' must have values of at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends, got 'a b' for 'disk'"],
    ['an image with a scheme', { image: 'docker://quay.io/team/app:1' },
      "'spec.containers[base].image' must be a name such as 'quay.io/team/app:1.2', got 'docker://quay.io/team/app:1'; leave 'docker://' out"],
    ['an image with a blank', { image: 'busybox: 1' },
      "'spec.containers[base].image' must be a name such as 'quay.io/team/app:1.2', got 'busybox: 1'; take the blank out"],
    ['an image with capitals', { image: 'quay.io/Team/App:1' },
      "'spec.containers[base].image' must be a name such as 'quay.io/team/app:1.2', got 'quay.io/Team/App:1'; repositories are in lower case"],
    ['an address that is none', { hostAliases: [{ ip: 'db', hostnames: ['db'] }] },
      "'spec.hostAliases[0].ip' must be an IP address, got 'db'"],
    ['a name server that is none', { dnsConfig: { nameservers: ['dns.example.com'] } },
      "'spec.dnsConfig.nameservers' must be an IP address, got 'dns.example.com'"],
    ['a resource without a domain', { containerResources: { limits: { gpu: 1 } } },
      "'spec.containers[base].resources.limits.gpu' is no resource of Kubernetes: it has 'cpu', 'memory', 'ephemeral-storage', and devices with a domain such as 'nvidia.com/gpu'"],
    ['a field that no container knows', { envVars: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.owner' } } }] },
      "'spec.containers[base].env[A].valueFrom.fieldRef.fieldPath' must be one that a container can know, such as 'metadata.name', 'metadata.labels['team']', 'spec.nodeName' or 'status.podIP', got 'metadata.owner'"],
  ])('%s', refused);
});

describe('unknown names', () => {
  test.each<[string, object, string]>([
    ['env_vars', { env_vars: {} },
      "unknown prop 'env_vars'; write 'envVars'"],
    ['image_pull_policy', { image_pull_policy: 'Always' },
      "unknown prop 'image_pull_policy'; write 'imagePullPolicy'"],
    ['resources, of an older provider', { resources: {} },
      "unknown prop 'resources'; write 'containerResources'"],
    ['is_delete_operator_pod, of an older provider', { is_delete_operator_pod: true },
      "unknown prop 'is_delete_operator_pod'; write onFinishAction: 'delete_pod' or 'keep_pod'"],
    ['node_selectors, of an older provider', { node_selectors: {} },
      "unknown prop 'node_selectors'; write 'nodeSelector'"],
    ['xcom_push, of an older provider', { xcom_push: true },
      "unknown prop 'xcom_push'; write 'doXcomPush'"],
    ['in_cluster', { in_cluster: true },
      "unknown prop 'in_cluster'; the connection is the runner's: see --context and KUBECONFIG of 'cdk8s-airflow run'; for a generated DAG write 'inCluster' into 'taskOptions' of DagFile"],
    ['get_logs', { get_logs: true },
      "unknown prop 'get_logs'; logs are the runner's matter, not the manifest's; for a generated DAG write 'logs' into 'taskOptions' of DagFile"],
    ['random_name_suffix', { random_name_suffix: false },
      "unknown prop 'random_name_suffix'; write 'randomNameSuffix'"],
    ['command', { command: ['x'] },
      "unknown prop 'command'; write 'cmds'"],
    ['args', { args: ['x'] },
      "unknown prop 'args'; write 'arguments'"],
    ['env', { env: {} },
      "unknown prop 'env'; write 'envVars'"],
    ['labls', { labls: {} },
      "unknown prop 'labls'; did you mean 'labels'?"],
    ['colour', { colour: 'red' },
      "unknown prop 'colour'; see PodTaskProps for those that there are"],
    ['of a volume', { volumes: [{ name: 'v', empty_dir: {} }] },
      "volumes[0]: unknown key 'empty_dir' of Volume (Kubernetes 1.34); did you mean 'emptyDir'?"],
    ['of a Secret volume', { volumes: [{ name: 'v', secret: { name: 's' } }] },
      "volumes[0].secret: unknown key 'name' of SecretVolumeSource (Kubernetes 1.34); allowed: defaultMode, items, optional, secretName"],
    ['of a mount', { volumes: [{ name: 'v', emptyDir: {} }], volumeMounts: [{ name: 'v', mount_path: '/x' }] },
      '2 problems:\n  - volumeMounts[0]: unknown key \'mount_path\' of VolumeMount (Kubernetes 1.34); did you mean \'mountPath\'?\n  - volumeMounts[0]: missing \'mountPath\', required in VolumeMount'],
    ['of a variable', { envVars: [{ key: 'A', value: 'x' }] },
      '2 problems:\n  - envVars[0]: unknown key \'key\' of EnvVar (Kubernetes 1.34); allowed: name, value, valueFrom\n  - envVars[0]: missing \'name\', required in EnvVar'],
    ['of a source of variables', { envFrom: [{ name: 'settings' }] },
      "envFrom[0]: unknown key 'name' of EnvFromSource (Kubernetes 1.34); it belongs in 'configMapRef' or 'secretRef'"],
    ['of an init container', { initContainers: [{ name: 'setup', image: 'busybox:1', env: [{ name: 'A', Value: 'x' }] }] },
      "initContainers[0].env[0]: unknown key 'Value' of EnvVar (Kubernetes 1.34); did you mean 'value'?"],
    ['of a secret', { secrets: [{ deploy_type: 'env', secret: 's' }] },
      "'secrets[0]': unknown prop 'deploy_type'; did you mean 'deployType'?"],
    ['secretName of a secret', { secrets: [{ deployType: 'env', secretName: 's' }] },
      "'secrets[0]': unknown prop 'secretName'; write 'secret'"],
    ['old names of resources', { containerResources: { limit_memory: '250M' } },
      "containerResources: unknown key 'limit_memory' of ResourceRequirements (Kubernetes 1.34); write { limits: { memory: … } }"],
    ['resources without limits', { containerResources: { memory: '250M' } },
      "containerResources: unknown key 'memory' of ResourceRequirements (Kubernetes 1.34); write { limits: { memory: … } }"],
    ['privileged in the context of the pod', { securityContext: { privileged: true } },
      "securityContext: unknown key 'privileged' of PodSecurityContext (Kubernetes 1.34); it belongs in the security context of a container"],
    ['fsGroup in the context of a container', { containerSecurityContext: { fsGroup: 5 } },
      "containerSecurityContext: unknown key 'fsGroup' of SecurityContext (Kubernetes 1.34); it belongs in the security context of the pod"],
    ['a weighted term under required', { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, topologyKey: 'zone' }] } } },
      "affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]: unknown key 'weight' of PodAffinityTerm (Kubernetes 1.34); it belongs in 'preferredDuringSchedulingIgnoredDuringExecution'; under 'required…' write the fields of 'podAffinityTerm' themselves"],
    ['an affinity that is cut', { affinity: { nodeAffinity: { requiredDuringScheduling: {} } } },
      "affinity.nodeAffinity: unknown key 'requiredDuringScheduling' of NodeAffinity (Kubernetes 1.34); allowed: preferredDuringSchedulingIgnoredDuringExecution, requiredDuringSchedulingIgnoredDuringExecution"],
    ['deep in a layer', { podOverride: { spec: { containers: [{ name: 'base', comand: ['x'] }] } } },
      "podOverride.spec.containers[0]: unknown key 'comand' of Container (Kubernetes 1.34); did you mean 'command'?"],
    ['a spec without its pod', { fullPodSpec: { containers: [] } },
      "fullPodSpec: unknown key 'containers' of Pod (Kubernetes 1.34); it belongs in 'spec'"],
  ])('%s', refused);
});

describe('what excludes or misses each other', () => {
  test.each<[string, object, string]>([
    ['two sources of a volume', { volumes: [{ name: 'v', emptyDir: {}, configMap: { name: 'c' } }] },
      "'spec.volumes[v]' has 'emptyDir' and 'configMap', of which only one can be; remove the others"],
    ['two volumes of one name', { volumes: [{ name: 'v', emptyDir: {} }, { name: 'v', configMap: { name: 'c' } }] },
      "'volumes' holds 'v' twice in the task's parameters; rename or remove one"],
    ['a mount without its volume', { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
      "container 'base' mounts volume 'data' at '/data', but the pod has no such volume (it has none); add it to 'volumes'"],
    ['two volumes at one path', { volumes: [{ name: 'v', emptyDir: {} }, { name: 'w', emptyDir: {} }], volumeMounts: [{ name: 'v', mountPath: '/x' }, { name: 'w', mountPath: '/x' }] },
      "'volumeMounts' holds '/x' twice in the task's parameters; rename or remove one"],
    ['a mount without a path', { volumes: [{ name: 'v', emptyDir: {} }], volumeMounts: [{ name: 'v', mountPath: '' }] },
      "'spec.containers[base].volumeMounts[].mountPath' must be a path that begins with '/', got ''"],
    ['a part of a volume outside of it', { volumes: [{ name: 'v', emptyDir: {} }], volumeMounts: [{ name: 'v', mountPath: '/x', subPath: '../etc' }] },
      "'spec.containers[base].volumeMounts[/x].subPath' must be a path below the volume, without '/' at its begin and without '..', got '../etc'"],
    ['value and valueFrom', { envVars: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
      "'spec.containers[base].env[A]' has 'value' and 'valueFrom', of which only one can be; remove the other"],
    ['two sources of a variable', { envVars: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' }, secretKeyRef: { name: 's', key: 'k' } } }] },
      "'spec.containers[base].env[A].valueFrom' has 'fieldRef' and 'secretKeyRef', of which only one can be; remove the others"],
    ['two sources of variables', { envFrom: [{ configMapRef: { name: 'a' }, secretRef: { name: 'b' } }] },
      "'spec.containers[base].envFrom[0]' has 'configMapRef' and 'secretRef', of which only one can be; remove the others"],
    ['a source of variables that is empty', { envFrom: [{}] },
      "'spec.containers[base].envFrom[0]' needs one of 'configMapRef', 'secretRef'"],
    ['an init container called base', { initContainers: [{ name: 'base', image: 'busybox:1' }] },
      "two containers are called 'base'; give one of them another name"],
    ['an init container called like the sidecar', { doXcomPush: true, initContainers: [{ name: 'airflow-xcom-sidecar', image: 'busybox:1' }] },
      "a container is called 'airflow-xcom-sidecar', the name of the XCom sidecar; rename it or set 'doXcomPush: false'"],
    ['two init containers of one name', { initContainers: [{ name: 'a', image: 'busybox:1' }, { name: 'a', image: 'busybox:2' }] },
      "'initContainers' holds 'a' twice in the task's parameters; rename or remove one"],
    ['an init container without an image', { initContainers: [{ name: 'a' }] },
      "container 'a' has no image; give it one, or write the name of the container that is meant (there are 'a', 'base')"],
    ['an init container with a probe', { initContainers: [{ name: 'a', image: 'busybox:1', livenessProbe: { exec: { command: ['true'] } } }] },
      "'initContainers[a].livenessProbe' is for one with restartPolicy 'Always', a sidecar, got none; remove it"],
    ['a probe of nothing', { podOverride: { spec: { containers: [{ name: 'base', livenessProbe: { periodSeconds: 5 } }] } } },
      "'spec.containers[base].livenessProbe' needs one of 'exec', 'grpc', 'httpGet', 'tcpSocket'"],
    ['termination without a command', { doXcomPush: true, xcomMode: 'termination' },
      "xcomMode 'termination' wraps the command and so needs 'cmds': the image's own entrypoint is not known; set 'cmds', or take xcomMode 'native'"],
    ['Exists with a value', { tolerations: [{ key: 'dedicated', operator: 'Exists', value: 'x' }] },
      "'spec.tolerations[0].value' must be left out with operator 'Exists', got 'x'; write operator 'Equal' for that value alone"],
    ['a toleration without a key', { tolerations: [{ value: 'x' }] },
      '\'spec.tolerations[0]\' needs \'key\', or operator \'Exists\' for every taint, got {"operator":"Equal","value":"x"}'],
    ['seconds of another effect', { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 5 }] },
      "'spec.tolerations[0].tolerationSeconds' belongs to effect 'NoExecute', got 'NoSchedule'; remove one"],
    ['In without values', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'In' }] }] } } } },
      "'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values' must not be empty with operator 'In', got []"],
    ['Exists with values', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'Exists', values: ['ssd'] }] }] } } } },
      '\'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values\' must be left out with operator \'Exists\', got ["ssd"]; operator \'In\' compares values'],
    ['no term', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } },
      "'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms' must have at least one term, got none"],
    ['None without name servers', { dnspolicy: 'None' },
      "'dnsPolicy' of 'None' needs 'dnsConfig' with 'nameservers', got none"],
    ['privileged without escalation', { containerSecurityContext: { privileged: true, allowPrivilegeEscalation: false } },
      "'spec.containers[base].securityContext' has 'privileged: true' and 'allowPrivilegeEscalation: false', which exclude each other; remove one"],
    ['a profile without its name', { securityContext: { seccompProfile: { type: 'Localhost' } } },
      "'spec.securityContext.seccompProfile' of type 'Localhost' needs 'localhostProfile', the name of a profile on the node"],
  ])('%s', refused);
});

describe('secrets', () => {
  test.each<[string, object, string]>([
    ['of an unknown kind', { secrets: [{ deployType: 'file', secret: 's' }] },
      "'secrets[0]': 'deployType' must be 'env' or 'volume', got 'file'"],
    ['without a name', { secrets: [{ deployType: 'env', deployTarget: 'A', secret: '', key: 'k' }] },
      '\'secrets[0]\': \'secret\' must be the name of a Secret in the pod\'s namespace, got ""'],
    ['a key without its variable', { secrets: [{ deployType: 'env', secret: 's', key: 'k' }] },
      "'secrets[0]': 'key' needs 'deployTarget', the name of the environment variable"],
    ['a variable without its key', { secrets: [{ deployType: 'env', deployTarget: 'A', secret: 's' }] },
      "'secrets[0]': 'deployTarget' names one environment variable, so 'key' must say which key of the Secret; leave both out for all keys"],
    ['a key of a volume', { secrets: [{ deployType: 'volume', deployTarget: '/x', secret: 's', key: 'k' }] },
      '\'secrets[0]\': \'key\' has no effect on a volume; mount one key with \'items: [{ key: "k", path: "k" }]\''],
    ['a volume without a path', { secrets: [{ deployType: 'volume', secret: 's' }] },
      "'secrets[0]': 'deployTarget' must be the path at which the volume is mounted, such as '/etc/secret', got none"],
    ['items of a variable', { secrets: [{ deployType: 'env', deployTarget: 'A', secret: 's', items: [{ key: 'a', path: 'b' }] }] },
      "'secrets[0]': 'items' belongs to deployType 'volume'; with 'env' name one 'key', or none for all keys"],
    ['a variable with a blank', { secrets: [{ deployType: 'env', deployTarget: 'A B', secret: 's', key: 'k' }] },
      "'spec.containers[base].env[A B].name' must be letters, digits, '-', '_' and '.', and not begin with a digit, got 'A B'"],
    ['a number as a variable', { secrets: [{ deployType: 'env', deployTarget: 5, secret: 's', key: 'k' }] },
      "'secrets[0].deployTarget' must be a string, got 5; put it in quotes"],
    ['a key with a blank', { secrets: [{ deployType: 'env', deployTarget: 'A', secret: 's', key: 'a b' }] },
      "'spec.containers[base].env[A].valueFrom.secretKeyRef.key' must be at most 253 letters, digits, '-', '_' and '.', got 'a b'"],
    ['a password as a variable', { envVars: { DB_PASSWORD: 'hunter2' } },
      "the variable 'DB_PASSWORD' holds a credential, by its name, which everybody sees who may read pods; name a Secret: secrets: [{ deployType: 'env', deployTarget: 'DB_PASSWORD', secret: '…', key: '…' }]; where it is none, write it into 'podOverride'"],
    ['a password in a URL', { arguments: ['--db', 'postgres://me:secret@db/x'] },
      "'arguments[1]' holds a URL with a password, which everybody sees who may read pods; name a Secret: secrets: [{ deployType: 'env', deployTarget: 'NAME', secret: '…', key: '…' }]; where it is none, write it into 'podOverride'"],
    ['a password as an option', { arguments: ['--password', 'hunter2'] },
      "'arguments[1]' holds a password as an option, which everybody sees who may read pods; name a Secret: secrets: [{ deployType: 'env', deployTarget: 'NAME', secret: '…', key: '…' }]; where it is none, write it into 'podOverride'"],
    ['a password in an option', { cmds: ['etl', '--db-password=hunter2'] },
      "'cmds[1]' holds a password as an option, which everybody sees who may read pods; name a Secret: secrets: [{ deployType: 'env', deployTarget: 'NAME', secret: '…', key: '…' }]; where it is none, write it into 'podOverride'"],
    ['a key in an annotation', { annotations: { note: 'AKIAABCDEFGHIJKLMNOP' } },
      "'annotations.note' holds an AWS access key, which everybody sees who may read pods; name a Secret: secrets: [{ deployType: 'env', deployTarget: 'NAME', secret: '…', key: '…' }]; where it is none, write it into 'podOverride'"],
    ['a password of an init container', { initContainers: [{ name: 'a', image: 'busybox:1', env: [{ name: 'TOKEN', value: 'x' }] }] },
      "the variable 'TOKEN' of the init container 'a' holds a credential, by its name, which everybody sees who may read pods; name a Secret: secrets: [{ deployType: 'env', deployTarget: 'TOKEN', secret: '…', key: '…' }]; where it is none, write it into 'podOverride'"],
    ['a password of a layer', { fullPodSpec: { spec: { containers: [{ name: 'base', image: 'busybox:1', env: [{ name: 'TOKEN', value: 'x' }] }] } } },
      "the variable 'TOKEN' of container 'base' in 'fullPodSpec' holds a credential, by its name, which everybody sees who may read pods; name a Secret: secrets: [{ deployType: 'env', deployTarget: 'TOKEN', secret: '…', key: '…' }]; where it is none, write it into 'podOverride'"],
  ])('%s', refused);
});

describe('Jinja where nobody renders it', () => {
  test.each<[string, object, string]>([
    ['in an account', { serviceAccountName: '{{ params.account }}' },
      "'spec.serviceAccountName' holds Jinja, which KubernetesPodOperator does not render there: {{ params.account }}; write the value itself, or the whole into 'podTemplateDict', all of which is rendered"],
    ['in a toleration', { tolerations: [{ key: '{{ params.pool }}', operator: 'Exists' }] },
      "'spec.tolerations[0].key' holds Jinja, which KubernetesPodOperator does not render there: {{ params.pool }}; write the value itself, or the whole into 'podTemplateDict', all of which is rendered"],
    ['in the name of a Secret', { secrets: [{ deployType: 'env', deployTarget: 'A', secret: '{{ params.secret }}', key: 'k' }] },
      "'spec.containers[base].env[A].valueFrom.secretKeyRef.name' holds Jinja, which KubernetesPodOperator does not render there: {{ params.secret }}; write the value itself, or the whole into 'podTemplateDict', all of which is rendered"],
    ['in an affinity', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'In', values: ['{{ ds }}'] }] }] } } } },
      "'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values[0]' holds Jinja, which KubernetesPodOperator does not render there: {{ ds }}; write the value itself, or the whole into 'podTemplateDict', all of which is rendered"],
    ['in a label key', { labels: { '{{ ds }}': 'x' } },
      "label key '{{ ds }}' must be at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends, after an optional DNS name and '/'"],
    ['in a task id', { taskId: '{{ ds }}' },
      '\'taskId\' must be 1 to 250 letters, digits, \'-\', \'_\' or \'.\', got "{{ ds }}"; the construct\'s id is taken where \'taskId\' is not given'],
    ['in fullPodSpec', { fullPodSpec: { spec: { containers: [{ name: 'base', image: 'busybox:1', args: ['{{ ds }}'] }] } } },
      "'fullPodSpec' holds Jinja at 'spec.containers[base].args[0]', where KubernetesPodOperator does not render it: {{ ds }}; write it into the task's own parameters or into 'podTemplateDict' (there, braces that are meant as such stand in {% raw %})"],
    ['in a port', { ports: [{ containerPort: '{{ params.port }}' }] },
      "ports[0].containerPort: expected a 32-bit integer, got '{{ params.port }}'"],
    ['its own XCom', { arguments: ["{{ ti.xcom_pull('task') }}"] },
      "task 'task' waits for itself: it pulls its own XCom; name another task"],
  ])('%s', refused);
});

describe('layers', () => {
  test.each<[string, object, string]>([
    ['a missing file', { podTemplateFile: '/nowhere/pod.yaml' },
      '\'podTemplateFile\' must be the path of a YAML file, got "/nowhere/pod.yaml", where there is none; a relative path counts from the working directory of the synth'],
    ['a file and a dictionary', { podTemplateFile: 'pod.yaml', podTemplateDict: {} },
      "'podTemplateFile' and 'podTemplateDict' are both given, and KubernetesPodOperator would ignore the second; give one, or one of them as 'fullPodSpec'"],
    ['another kind', { podTemplateDict: { kind: 'Job', spec: {} } },
      "podTemplateDict.kind: expected 'Pod', got 'Job'"],
    ['no image in any', { image: undefined, podTemplateDict: { spec: { containers: [{ name: 'base' }] } } },
      "container 'base' has no image; give it one, or write the name of the container that is meant (there are 'base')"],
    ['two volumes of one name', { podTemplateDict: { spec: { volumes: [{ name: 'v', emptyDir: {} }], containers: [{ name: 'base', image: 'busybox:1' }] } }, volumes: [{ name: 'v', configMap: { name: 'c' } }] },
      'volume \'v\' is {"name":"v","emptyDir":{}} in \'podTemplateDict\' and {"name":"v","configMap":{"name":"c"}} in the task\'s parameters; rename one of them, or write the one that counts into \'podOverride\''],
    ['two volumes at one path', { podTemplateDict: { spec: { volumes: [{ name: 'v', emptyDir: {} }], containers: [{ name: 'base', image: 'busybox:1', volumeMounts: [{ name: 'v', mountPath: '/x' }] }] } }, volumes: [{ name: 'w', emptyDir: {} }], volumeMounts: [{ name: 'w', mountPath: '/x' }] },
      'mount \'/x\' of container \'base\' is {"name":"v","mountPath":"/x"} in \'podTemplateDict\' and {"name":"w","mountPath":"/x"} in the task\'s parameters; rename one of them, or write the one that counts into \'podOverride\''],
    ['base twice', { podOverride: { spec: { containers: [{ name: 'base' }, { name: 'base' }] } } },
      "'containers' holds 'base' twice in 'podOverride'; rename or remove one"],
    ['an override of a container that is not there', { podOverride: { spec: { containers: [{ name: 'bsae', args: ['x'] }] } } },
      "container 'bsae' has no image; give it one, or write the name of the container that is meant (there are 'base', 'bsae')"],
    ['an override of a sidecar that is not there', { podOverride: { spec: { containers: [{ name: 'airflow-xcom-sidecar' }] } } },
      "'podOverride' names the container 'airflow-xcom-sidecar', which only a pod with 'doXcomPush: true' and a sidecar has"],
    ['a container without a name', { podOverride: { spec: { containers: [{ image: 'busybox:1' }] } } },
      'an item of \'containers\' has no \'name\', by which it is told from the others: {"image":"busybox:1"}'],
    ['a pod that starts again', { podOverride: { spec: { restartPolicy: 'OnFailure' } } },
      "'podOverride' sets 'restartPolicy' to 'OnFailure', but the pod of a task runs once; use 'retries'"],
    ['unset of nothing', { unset: ['spec.containers[base].resources'] },
      "'unset' of 'spec.containers[base].resources' matches nothing: 'spec.containers[base]' has 'terminationMessagePolicy', 'name', 'image', 'securityContext'"],
    ['unset of the base container', { unset: ['spec.containers[base]'] },
      "'unset' must leave the container 'base', which runs the task"],
    ['unset of a path that is none', { unset: ['spec..x'] },
      "'spec..x' is no path; write one such as 'spec.containers[base].resources.limits' or 'metadata.labels[example.com/team]'"],
  ])('%s', refused);
});

describe('what people bring from Python, kubectl and older releases', () => {
  test.each<[string, object, string]>([
    ['a name of the operator', { env_vars: { A: 'b' } },
      "unknown prop 'env_vars'; write 'envVars'"],
    ['an XCom into a ConfigMap', { doXcomPush: true, volumes: [{ name: 'xcom', configMap: { name: 'c' } }] },
      "the program cannot write its XCom into volume 'xcom', which is mounted at /airflow/xcom with 'configMap'; mount that elsewhere, or make it an 'emptyDir'"],
    ['a password in a line for a shell', { arguments: ['PGPASSWORD=hunter2 psql'] },
      "'arguments[0]' holds a credential, by its name, which everybody sees who may read pods; name a Secret: secrets: [{ deployType: 'env', deployTarget: 'NAME', secret: '…', key: '…' }]; where it is none, write it into 'podOverride'"],
    ['an older name', { is_delete_operator_pod: true },
      "unknown prop 'is_delete_operator_pod'; write onFinishAction: 'delete_pod' or 'keep_pod'"],
    ['what reads the log', { get_logs: true },
      "unknown prop 'get_logs'; logs are the runner's matter, not the manifest's; for a generated DAG write 'logs' into 'taskOptions' of DagFile"],
    ["kubectl's command", { command: ['x'] },
      "unknown prop 'command'; write 'cmds'"],
    ["kubectl's args", { args: ['x'] },
      "unknown prop 'args'; write 'arguments'"],
    ["kubectl's env", { env: { A: 'b' } },
      "unknown prop 'env'; write 'envVars'"],
    ['an option of Airflow', { retry_delay: 5 },
      "unknown prop 'retry_delay'; a further try begins at once; for a generated DAG write 'retryDelaySeconds' into 'taskOptions' of DagFile"],
    ["Python's True", { hostnetwork: 'True' },
      "'hostnetwork' must be true or false, got \"True\"; write true without quotes"],
    ["Python's None as a text", { namespace: 'None' },
      "'namespace' must be at most 63 lower-case letters, digits and '-', with a letter or digit at both ends, got 'None'"],
    ["Python's list as a text", { cmds: "['sh', '-c']" },
      "'cmds' must be a list of strings, got \"['sh', '-c']\"; for a shell line write ['sh', '-c', …]"],
    ["Python's dictionary as a text", { labels: "{'a': 'b'}" },
      "'labels' must be an object of names and texts, got \"{'a': 'b'}\"; write { name: 'text' }"],
    ["Python's timedelta", { startupTimeoutSeconds: 'timedelta(minutes=5)' },
      "'startupTimeoutSeconds' must be a number of seconds greater than 0, got \"timedelta(minutes=5)\""],
    ["Python's Secret", { secrets: ["Secret('env', 'A', 's', 'k')"] },
      "'secrets[0]' must be an object such as { deployType: 'env', deployTarget: 'SQL_CONN', secret: 'name', key: 'key' }, got \"Secret('env', 'A', 's', 'k')\""],
    ['a Secret in the names of Python', { secrets: [{ deploy_type: 'env', deploy_target: 'A', secret: 's', key: 'k' }] },
      "'secrets[0]': unknown prop 'deploy_type'; did you mean 'deployType'?"],
    ['a Secret as a file', { secrets: [{ deployType: 'file', deployTarget: '/x', secret: 's' }] },
      "'secrets[0]': 'deployType' must be 'env' or 'volume', got 'file'"],
    ['a Secret without a place', { secrets: [{ deployType: 'volume', secret: 's' }] },
      "'secrets[0]': 'deployTarget' must be the path at which the volume is mounted, such as '/etc/secret', got none"],
    ['a key of AWS', { arguments: ['--key=AKIAIOSFODNN7EXAMPLE'] },
      "'arguments[0]' holds an AWS access key, which everybody sees who may read pods; name a Secret: secrets: [{ deployType: 'env', deployTarget: 'NAME', secret: '…', key: '…' }]; where it is none, write it into 'podOverride'"],
    ['a bearer token', { cmds: ['curl', '-H', 'Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.abcdefghijklmnop'] },
      "'cmds[2]' holds a bearer token, which everybody sees who may read pods; name a Secret: secrets: [{ deployType: 'env', deployTarget: 'NAME', secret: '…', key: '…' }]; where it is none, write it into 'podOverride'"],
    ['a password in an annotation', { annotations: { x: 'postgresql://u:secretpw@h/db' } },
      "'annotations.x' holds a URL with a password, which everybody sees who may read pods; name a Secret: secrets: [{ deployType: 'env', deployTarget: 'NAME', secret: '…', key: '…' }]; where it is none, write it into 'podOverride'"],
    ['a private key', { envVars: { CERT: '-----BEGIN RSA PRIVATE KEY-----\nabc' } },
      "the variable 'CERT' holds a private key, which everybody sees who may read pods; name a Secret: secrets: [{ deployType: 'env', deployTarget: 'CERT', secret: '…', key: '…' }]; where it is none, write it into 'podOverride'"],
    ['a token of an init container', { initContainers: [{ name: 'i', image: 'busybox:1', env: [{ name: 'API_TOKEN', value: 'ghp_0123456789abcdefghij0123456789abcdef' }] }] },
      "the variable 'API_TOKEN' of the init container 'i' holds a credential, by its name, which everybody sees who may read pods; name a Secret: secrets: [{ deployType: 'env', deployTarget: 'API_TOKEN', secret: '…', key: '…' }]; where it is none, write it into 'podOverride'"],
    ['a thousandth of a core that is none', { containerResources: { limits: { cpu: '500mi' } } },
      "containerResources.limits.cpu: expected a quantity such as 0.5, '500m' or '512Mi' (suffixes: m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei), got '500mi'; write '500m' for thousandths of a core"],
    ['resources of an older release', { containerResources: { limit_memory: '1Gi' } },
      "containerResources: unknown key 'limit_memory' of ResourceRequirements (Kubernetes 1.34); write { limits: { memory: … } }"],
    ['a comma', { containerResources: { limits: { cpu: '0,5' } } },
      "containerResources.limits.cpu: expected a quantity such as 0.5, '500m' or '512Mi' (suffixes: m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei), got '0,5'; write '0.5'"],
    ['resources as a list', { containerResources: ['1Gi'] },
      "containerResources: expected an object (ResourceRequirements), got a list; write { limits: { memory: '…' } }"],
    ['a resource without a domain', { containerResources: { limits: { gpu: 1 } } },
      "'spec.containers[base].resources.limits.gpu' is no resource of Kubernetes: it has 'cpu', 'memory', 'ephemeral-storage', and devices with a domain such as 'nvidia.com/gpu'"],
    ['a volume in the names of Python', { volumes: [{ name: 'v', persistent_volume_claim: { claim_name: 'c' } }] },
      "volumes[0]: unknown key 'persistent_volume_claim' of Volume (Kubernetes 1.34); did you mean 'persistentVolumeClaim'?"],
    ['a mount in the names of Python', { volumeMounts: [{ name: 'v', mount_path: '/x' }] },
      "2 problems:\n  - volumeMounts[0]: unknown key 'mount_path' of VolumeMount (Kubernetes 1.34); did you mean 'mountPath'?\n  - volumeMounts[0]: missing 'mountPath', required in VolumeMount"],
    ['an effect in small letters', { tolerations: [{ key: 'a', effect: 'noschedule' }] },
      "tolerations[0].effect: expected one of 'NoExecute', 'NoSchedule', 'PreferNoSchedule', got 'noschedule'; did you mean 'NoSchedule'?"],
    ['a toleration as kubectl taint has it', { tolerations: ['a=b:NoSchedule'] },
      "tolerations[0]: expected an object (Toleration), got 'a=b:NoSchedule'; write { key: '…', operator: 'Equal', value: '…', effect: 'NoSchedule' }"],
    ['affinity in the names of Python', { affinity: { node_affinity: {} } },
      "affinity: unknown key 'node_affinity' of Affinity (Kubernetes 1.34); did you mean 'nodeAffinity' or 'podAffinity'?"],
    ['terms in place of a selector', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: {} }] } } },
      'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution: expected an object (NodeSelector), got a list; write { nodeSelectorTerms: [{ matchExpressions: [ … ] }] }'],
    ['a line of /etc/hosts', { hostAliases: ['1.2.3.4 a'] },
      "hostAliases[0]: expected an object (HostAlias), got '1.2.3.4 a'; write { ip: '…', hostnames: ['…'] }"],
    ['no name server', { dnspolicy: 'None' },
      "'dnsPolicy' of 'None' needs 'dnsConfig' with 'nameservers', got none"],
    ['the context of a container at the pod', { securityContext: { privileged: true } },
      "securityContext: unknown key 'privileged' of PodSecurityContext (Kubernetes 1.34); it belongs in the security context of a container"],
    ['the context of the pod at a container', { containerSecurityContext: { fsGroup: 1 } },
      "containerSecurityContext: unknown key 'fsGroup' of SecurityContext (Kubernetes 1.34); it belongs in the security context of the pod"],
    ['a pod without its spec', { podOverride: { containers: [] } },
      "podOverride: unknown key 'containers' of Pod (Kubernetes 1.34); it belongs in 'spec'"],
    ['a path in place of a list', { unset: 'spec.affinity' },
      "'unset' must be a list, got \"spec.affinity\"; write [\"spec.affinity\"]"],
    ['an empty path', { unset: [''] },
      "'unset[0]' is empty; write a path such as 'spec.affinity'"],
    ['a mapping over a text', { expand: { arguments: 'a' } },
      "'expand.arguments' must be a list of values of 'arguments', or the 'output' of a task, got \"a\""],
    ['a mapping over what there is not', { expand: { volumesx: [] } },
      "'expand.volumesx' is no parameter that a task can be mapped over; did you mean 'volumes'?"],
    ['a mapping over texts', { expand: { arguments: ['a'] } },
      "'expand.arguments[0]': 'arguments' must be a list of strings, got \"a\"; for a shell line write ['sh', '-c', …]"],
    ['a mapping over what is given', { arguments: ['x'], expand: { arguments: [['a']] } },
      "'arguments' is given, and 'expand.arguments' again; take one out"],
    ['an image without its tag', { image: 'busybox:' },
      "'spec.containers[base].image' must be a name such as 'quay.io/team/app:1.2', got 'busybox:'"],
    ['an image as a URL', { image: 'https://quay.io/x:1' },
      "'spec.containers[base].image' must be a name such as 'quay.io/team/app:1.2', got 'https://quay.io/x:1'; leave 'https://' out"],
    ['the name of a ConfigMap', { envFrom: ['cm'] },
      "envFrom[0]: expected an object (EnvFromSource), got 'cm'; write { configMapRef: { name: '…' } }"],
    ['two sources', { envFrom: [{ configMapRef: { name: 'a' }, secretRef: { name: 'b' } }] },
      "'spec.containers[base].envFrom[0]' has 'configMapRef' and 'secretRef', of which only one can be; remove the others"],
    ['a reference in a map', { envVars: { N: { valueFrom: { secretKeyRef: { name: 's', key: 'k' } } } } },
      "'envVars.N' must be a text, got {\"valueFrom\":{\"secretKeyRef\":{\"name\":\"s\",\"key\":\"k\"}}}; write envVars as a list: [{ name: 'N', valueFrom: { … } }], or name a Secret in 'secrets'"],
    ['a function', { arguments: [() => 'x'] },
      "'arguments[0]' must be a string or a task's output, got a function"],
    ['a big number', { retries: 5n as any },
      "'retries' must be a whole number of at least 0, got 5"],
    ['a Map', { labels: new Map([['a', 'b']]) },
      "'labels' must be an object of names and texts, got a Map; write { name: 'text' }"],
    ['a template as a text', { podTemplateDict: 'kind: Pod' },
      "'podTemplateDict' must hold a pod, an object with 'metadata' and 'spec', got \"kind: Pod\""],
    ['a Deployment', { fullPodSpec: { kind: 'Deployment', spec: {} } },
      "fullPodSpec.kind: expected 'Pod', got 'Deployment'"],
    ['off', { hardening: 'off' },
      "'hardening' must be true or false, got \"off\""],
    ['items as a map', { secrets: [{ deployType: 'volume', deployTarget: '/x', secret: 's', items: { a: 'b' } }] },
      "'secrets[0].items' must be a list, got {\"a\":\"b\"}; write [{\"a\":\"b\"}]"],
    ['a field of the pod that is no parameter', { topologySpreadConstraints: [] },
      "unknown prop 'topologySpreadConstraints'; it is no parameter of the operator: write it into 'spec' of 'podOverride' or 'fullPodSpec'"],
    ['a field of the container that is no parameter', { livenessProbe: {} },
      "unknown prop 'livenessProbe'; it is no parameter of the operator: write it into the container of 'podOverride' or 'fullPodSpec'"],
    ['a pod that starts again', { restart_policy: 'Never' },
      "unknown prop 'restart_policy'; the pod of a task runs once; use 'retries'"],
    ['an expression without an end', { arguments: ['{{ ds'] },
      "the Jinja of 'spec.containers[base].args[0]' cannot be read: '{{ ds' at line 1, column 1 has no '}}'; braces that are meant as such stand in {% raw %}"],
    ['a block without an end', { envVars: { A: 'x\n{% if a %}b' } },
      "the Jinja of 'spec.containers[base].env[A].value' cannot be read: '{% if a %}b' at line 2, column 1 has no '{% endif %}'; braces that are meant as such stand in {% raw %}"],
    ['a variable that is undefined', { envVars: [{ name: 'A', value: 'b' }, undefined] },
      "'envVars[1]' is undefined; take it out of the list"],
  ])('%s', refused);
});

describe('several tasks', () => {
  const image = 'busybox:1';
  const warnings = (task: PodTask) => task.node.metadata.filter(({ type }) => type === WARNING_METADATA).map(({ data }) => data);

  test('that wait for each other', () => {
    const scope = chart();
    new PodTask(scope, 'a', { image, arguments: ["{{ ti.xcom_pull('c') }}"], doXcomPush: true });
    new PodTask(scope, 'b', { image, arguments: ["{{ ti.xcom_pull('a') }}"], doXcomPush: true });
    new PodTask(scope, 'c', { image, arguments: ["{{ ti.xcom_pull('b') }}"], doXcomPush: true });
    expect(() => synth(scope)).toThrow("[chart/a] tasks wait for each other: 'a', 'c', 'b'; take one 'dependsOn' or XCom out");
  });

  test('of which one pushes no XCom', () => {
    const scope = chart();
    const silent = new PodTask(scope, 'silent', { image });
    expect(() => silent.output).toThrow("[chart/silent] 'output' of task 'silent' is used, but it pushes no XCom; set 'doXcomPush: true'");
    const pulling = new PodTask(scope, 'pulling', { image, arguments: ["{{ ti.xcom_pull('silent') }}"] });
    synth(scope);
    expect(warnings(pulling)).toContain("the XCom of task 'silent' is pulled, but it pushes none; set 'doXcomPush: true' there");
  });

  test('of which one is of another app, or of none', () => {
    const far = new PodTask(new Chart(new App(), 'far'), 'far', { image, doXcomPush: true });
    const near = new PodTask(chart(), 'near', { image, arguments: [far.output] });
    Testing.synth(Chart.of(near));
    expect(warnings(near)).toContain("task 'near' waits for 'far', which is no task of this app, so that 'cdk8s-airflow run' and DagFile refuse it; "
      + 'add that task, or correct its id');
  });

  test('a task in place of its output', () => {
    const scope = chart();
    const first = new PodTask(scope, 'first', { image });
    expect(() => new PodTask(scope, 'second', { image, arguments: [first as any] }))
      .toThrow(new Error("[chart/second] 'arguments[0]' must be a string or a task's output, got the task 'first'; write its 'output'"));
  });

  test('an output in place of its task', () => {
    const scope = chart();
    const first = new PodTask(scope, 'first', { image, doXcomPush: true });
    expect(() => new PodTask(scope, 'second', { image, dependsOn: [first.output as any] }))
      .toThrow(new Error("[chart/second] 'dependsOn[0]' must be a PodTask, got the output of one; a task whose output is used comes first by itself"));
  });

  test.each([undefined, null, 'busybox:1', []])('props that are %p', props => {
    expect(() => new PodTask(chart(), 'task', props as any))
      .toThrow(new Error(`[chart/task] expected an object with the members of PodTaskProps, got ${props === undefined ? 'undefined' : JSON.stringify(props)}`));
  });
});

describe('what is no plain JSON', () => {
  const cyclic: any = { a: 1 };
  cyclic.self = cyclic;
  const objects = ['envVars', 'labels', 'annotations', 'nodeSelector', 'containerResources', 'affinity', 'securityContext', 'podTemplateDict', 'fullPodSpec', 'podOverride', 'expand'];
  const strange: [string, unknown][] = [['a Map', new Map([['a', 'b']])], ['a Set', new Set(['a'])], ['a date', new Date(0)], ['a function', () => 1], ['a symbol', Symbol('s')], ['a bigint', 10n], ['a cycle', cyclic]];
  test.each(objects.flatMap(prop => strange.map(([what, value]) => [prop, what, value] as const)))("'%s' of %s names the task and the prop", (prop, _, value) => {
    expect(() => new PodTask(chart(), 'task', { image: 'busybox:1', [prop]: value })).toThrow(new RegExp(`^\\[chart/task\\] [^]*\\b${prop}\\b[^]*(must|got|contains itself|unknown key|no parameter)`));
  });

  test.each(['image', 'name', 'cmds', 'retries', 'secrets', 'hardening', 'xcomMode', 'podTemplateFile'].flatMap(prop => [[prop, 10n], [prop, cyclic]] as [string, unknown][]))(
    "'%s' of %p names the task and the prop", (prop, value) => {
      expect(() => new PodTask(chart(), 'task', { image: 'busybox:1', [prop]: value })).toThrow(new RegExp(`^\\[chart/task\\] '${prop}' must [^]*, got `));
    });

  test('a quantity in a class, with Jinja and without, and none', () => {
    const scope = chart();
    const task = new PodTask(scope, 'task', { image: 'busybox:1', containerResources: { limits: { cpu: k8s.Quantity.fromString('{{ params.cpu }}'), memory: '1Gi', gpu: null as any } } });
    expect(task.qosClass).toBeDefined();
    expect(synth(scope)[0].spec.containers[0].resources).toEqual({ limits: { cpu: '{{ params.cpu }}', memory: '1Gi' } });
  });
});
