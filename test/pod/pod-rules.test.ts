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

test('names that no object can have, and memory below a kilobyte, are unlikely and not broken', () => {
  const spec = {
    imagePullSecrets: [{ name: 'fakeSecret' }],
    volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'My_Claim' } }],
    containers: [{
      name: 'base',
      image: 'busybox:1',
      resources: { limits: { memory: '512m', cpu: '1m' } },
      volumeMounts: [{ name: 'v', mountPath: 'data' }, { name: 'v', mountPath: '/a:b' }, { name: 'v', mountPath: '{{ ds }}:x' }],
    }],
  };
  expect(brokenRules(spec)).toEqual([]);
  expect(unlikely(spec)).toEqual([
    "'spec.imagePullSecrets[0].name' must be lower-case letters, digits, '-' and '.', with a letter or digit at both ends, got 'fakeSecret'",
    "'spec.volumes[v].persistentVolumeClaim.claimName' must be lower-case letters, digits, '-' and '.', with a letter or digit at both ends, got 'My_Claim'",
    "'spec.containers[base].resources.limits.memory' is less than a kilobyte: '512m' is an amount of bytes; write one such as '512Mi'",
    "'spec.containers[base].volumeMounts[data].mountPath' is relative, so that Kubernetes mounts it below '/': 'data'; write '/' before it",
    "'spec.containers[base].volumeMounts[/a:b].mountPath' holds ':', which not every container runtime takes: '/a:b'",
  ]);
});
