import { brokenRules, unlikely } from '../../src/pod/pod-rules';

const ofContainer = (container: any, spec: any = {}) => brokenRules({ ...spec, containers: [{ name: 'base', image: 'busybox:1', ...container }] });
const ofSpec = (spec: any) => brokenRules({ containers: [], ...spec });

test.each([
  'busybox', 'busybox:1', 'python:3.12-slim', 'quay.io/apache/bash', 'localhost:5000/team/app', 'registry.example.com:5000/team/app@sha256:0123', 'gcr.io/spark-operator/spark-py:v3.1.1',
  'a/b__c/d-e:LATEST', '111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/app:1', 'team/app:1@sha256:abcdef', '{{ params.image }}', 'Registry.example.com/app:1', 'my_org/app:1', '[::1]:5000/a', '[fd00::1]/team/a:1',
])('an image may be %s', image => {
  expect(ofContainer({ image })).toEqual([]);
});

test.each(['busybox:', 'https://quay.io/x', 'a b', 'app:1:2', '-x', 'a//b', 'Busybox'])('an image may not be %s', image => {
  expect(ofContainer({ image })).toEqual([expect.stringContaining(`'spec.containers[base].image' must be a name such as 'quay.io/team/app:1.2', got '${image}'`)]);
});

test('what Kubernetes takes is no problem', () => {
  expect(ofContainer({
    env: [
      { name: 'my.name-x_1', value: '' },
      { name: '{{ ds }}_X', value: 'x' },
      { name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['example.com/x']" } } },
      { name: 'B', valueFrom: { resourceFieldRef: { resource: 'limits.ephemeral-storage' } } },
      { name: 'C', valueFrom: { configMapKeyRef: { name: 'c', key: '.dot_file-1', optional: true } } },
    ],
    ports: [{ containerPort: 65535, name: 'a1', hostPort: 1, hostIP: '::1' }, { containerPort: 1, hostPort: 0 }],
    resources: { limits: { 'nvidia.com/gpu': '1', 'cpu': '1', 'memory': '{{ params.m }}' }, requests: { 'nvidia.com/gpu': 1, 'cpu': '1000m', 'memory': '1Gi', 'hugepages-2Mi': 0 } },
    volumeMounts: [{ name: 'v', mountPath: '{{ ds }}', subPath: 'a/..b' }],
    livenessProbe: { httpGet: { port: 'http' } },
    lifecycle: { preStop: { sleep: { seconds: 1 } } },
    securityContext: { privileged: true, allowPrivilegeEscalation: true },
  })).toEqual(["'spec.containers[base].resources.requests.hugepages-2Mi' must be equal to 'limits.hugepages-2Mi', got 0 and nothing; write it into 'limits' alone"]);
  expect(ofSpec({
    serviceAccountName: 'a.b-c',
    dnsPolicy: 'None',
    dnsConfig: { nameservers: ['1.2.3.4', 'fd00::1'] },
    hostAliases: [{ ip: '127.0.0.1', hostnames: ['a.b'] }],
    tolerations: [{ operator: 'Exists' }, { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 0 }, { key: 'a' }],
    initContainers: [{ name: 'side', image: 'i', restartPolicy: 'Always', livenessProbe: { exec: { command: ['x'] } } }],
    volumes: [
      { name: 'a' }, { name: 'b', emptyDir: { medium: 'Memory' } }, { name: 'c', configMap: { name: 'c', defaultMode: 0o777, items: [{ key: 'k', path: 'a/b' }] } },
      { name: 'd', projected: { sources: [{ secret: { name: 's' } }, { downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } }] } },
    ],
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'n', operator: 'Gt', values: ['5'] }, { key: 'x', operator: 'DoesNotExist' }] }] },
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: { matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['n'] }] } }],
      },
    },
  })).toEqual([]);
});

test('names that no object can have, amounts of another unit, and volumes without a source are unlikely and not broken', () => {
  const spec = {
    imagePullSecrets: [{ name: 'fakeSecret' }],
    volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'My_Claim' } }, { name: 'bare' }],
    containers: [{
      name: 'base',
      image: 'busybox:1',
      resources: { limits: { memory: '512m', cpu: '2Gi' }, requests: { memory: '{{ m }}', cpu: '1m' } },
      volumeMounts: [{ name: 'v', mountPath: 'data' }, { name: 'v', mountPath: '/a:b' }, { name: 'v', mountPath: '{{ ds }}:x' }],
    }],
  };
  expect(brokenRules(spec)).toEqual([]);
  expect(unlikely(spec)).toEqual([
    "'spec.imagePullSecrets[0].name' must be lower-case letters, digits, '-' and '.', with a letter or digit at both ends, got 'fakeSecret'",
    "'spec.volumes[v].persistentVolumeClaim.claimName' must be lower-case letters, digits, '-' and '.', with a letter or digit at both ends, got 'My_Claim'",
    "'spec.volumes[bare]' has no source, so that Kubernetes makes it an empty directory; write 'emptyDir: {}' where that is meant, or what it is to hold",
    "'spec.containers[base].resources.limits.memory' is less than a kilobyte: '512m' is an amount of bytes; write one such as '512Mi'",
    "'spec.containers[base].resources.limits.cpu' is more cores than a node has: '2Gi' is an amount of cores; write one such as '500m' or '2'",
    "'spec.containers[base].volumeMounts[data].mountPath' is relative, so that Kubernetes mounts it below '/': 'data'; write '/' before it",
    "'spec.containers[base].volumeMounts[/a:b].mountPath' holds ':', which not every container runtime takes: '/a:b'",
  ]);
});

test.each<[string, any, string]>([
  ['users of its own in the network of the node', { hostUsers: false, hostNetwork: true }, "'hostUsers: false' and 'hostNetwork' exclude each other; remove one"],
  ['the processes of the pod and of the node', { shareProcessNamespace: true, hostPID: true }, "'shareProcessNamespace' and 'hostPID' exclude each other"],
  ['a node and gates', { nodeName: 'n', schedulingGates: [{ name: 'a.b/c' }] }, "'nodeName' and 'schedulingGates' exclude each other"],
  ['a spread twice', { topologySpreadConstraints: [1, 2].map(maxSkew => ({ maxSkew, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule' })) },
    "'topologySpreadConstraints' has two for z, DoNotSchedule; remove one"],
  ['domains that it does not insist on', { topologySpreadConstraints: [{ maxSkew: 1, minDomains: 2, topologyKey: 'z', whenUnsatisfiable: 'ScheduleAnyway' }] },
    "minDomains' belongs to whenUnsatisfiable 'DoNotSchedule', got 'ScheduleAnyway'; remove one"],
  ['a parameter of the kernel', { securityContext: { sysctls: [{ name: 'Net Core', value: '1' }] } }, "name' must be a parameter of the kernel such as 'net.core.somaxconn', got 'Net Core'"],
  ['a parameter twice', { securityContext: { sysctls: [{ name: 'a.b', value: '1' }, { name: 'a.b', value: '2' }] } }, "'securityContext.sysctls' sets 'a.b' twice"],
  ['a claim without access', { volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: { spec: {} } } }] }, "'spec.volumes[v].ephemeral' needs 'volumeClaimTemplate.spec.accessModes'"],
  ['less than nothing', { volumes: [{ name: 'v', emptyDir: { sizeLimit: '-1Gi' } }] }, "'spec.volumes[v].emptyDir.sizeLimit' must be at least 0, got '-1Gi'"],
  ['a token for a minute', { volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 60 } }] } }] }, "expirationSeconds' must be from 600 to 4294967296, got 60"],
  ['two files at one path', { volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't' } }, { secret: { name: 's', items: [{ key: 'k', path: 't' }] } }] } }] },
    "'spec.volumes[v].projected.sources' put two files at 't'"],
])('a pod may not have %s', (_, spec, message) => {
  expect(ofSpec(spec)).toEqual([expect.stringContaining(message)]);
});

test.each<[string, any, any, string]>([
  ['a claim that the pod does not have', { resources: { claims: [{ name: 'gpu' }] } }, {}, "resources.claims' must name claims of the pod's 'resourceClaims', got 'gpu'"],
  ['two successes before it lives', { livenessProbe: { exec: {}, successThreshold: 2 } }, {}, "livenessProbe.successThreshold' must be 1, got 2"],
  ['no time to end', { livenessProbe: { exec: {}, terminationGracePeriodSeconds: 0 } }, {}, "terminationGracePeriodSeconds' must be at least 1, got 0"],
  ['a time to end that is not ready', { readinessProbe: { exec: {}, terminationGracePeriodSeconds: 5 } }, {}, "'spec.containers[base].readinessProbe.terminationGracePeriodSeconds' is for the other probes"],
  ['a sleep beyond the end', { lifecycle: { preStop: { sleep: { seconds: 31 } } } }, {}, "must be at most 'terminationGracePeriodSeconds', 30, got 31"],
  ['a restart that the pod does not do', { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }, { restartPolicy: 'Never' }, "must be 'NotRequired' in a pod with restartPolicy 'Never'"],
  ['huge pages alone', { resources: { limits: { 'hugepages-2Mi': '2Mi' } } }, {}, "'spec.containers[base].resources' has hugepages and neither 'cpu' nor 'memory'"],
  ['a device that is a folder', { volumeDevices: [{ name: 'v', devicePath: '/dev/x' }] }, { volumes: [{ name: 'v', emptyDir: {} }] }, "volumeDevices' must be of volumes with 'persistentVolumeClaim' or 'ephemeral', got 'v'"],
  ['CAP_SYS_ADMIN without escalation', { securityContext: { allowPrivilegeEscalation: false, capabilities: { add: ['CAP_SYS_ADMIN'] } } }, {}, "adds the capability 'SYS_ADMIN', which exclude each other"],
])('a container may not have %s', (_, container, spec, message) => {
  expect(ofContainer(container, spec)).toEqual([expect.stringContaining(message)]);
});
