import { parseAllDocuments } from 'yaml';
import { violations, ViolationsOptions } from '../../src/testing';

// Parts of what the official chart 1.22.0 renders for the release `af` in the namespace `airflow`, written down from its labels, commands and names.
const base = (component: string) => `namespace: airflow, labels: { tier: airflow, component: ${component}, release: af }`;
const pod = (component: string, command: string, more = '') => `
        metadata: { labels: { tier: airflow, component: ${component}, release: af } }
        spec:
          serviceAccountName: af-airflow-${component}
          securityContext: { runAsUser: 50000, fsGroup: 0 }
          containers:
          - name: ${component}
            image: apache/airflow:3.2.2
            args: [bash, -c, "exec ${command}"]
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
            ${more}`;
const workload = (kind: string, component: string, command: string, more = '') => `
apiVersion: apps/v1
kind: ${kind}
metadata: { name: af-${component}, ${base(component)} }
spec:
  replicas: 1
  selector: { matchLabels: { tier: airflow, component: ${component}, release: af } }
  template:${pod(component, command, more)}`;
const account = (name: string) => `
apiVersion: v1
kind: ServiceAccount
metadata: { name: ${name}, namespace: airflow }
automountServiceAccountToken: true`;
const CONFIG = `
apiVersion: v1
kind: ConfigMap
metadata: { name: af-config, namespace: airflow }
data:
  airflow.cfg: |
    [core]
    executor = CeleryExecutor,KubernetesExecutor
    execution_api_server_url = http://af-api-server:8080/execution/
  pod_template_file.yaml: |
    apiVersion: v1
    kind: Pod
    metadata: { name: placeholder-name, labels: { tier: airflow, component: worker, release: af } }
    spec:
      restartPolicy: Never
      serviceAccountName: af-airflow-worker
      containers:
      - { name: base, image: "apache/airflow:3.2.2", args: [] }`;
const MOUNTS_CONFIG = `
          volumes: [{ name: config, configMap: { name: af-config } }]`;
const API_SERVER = workload('Deployment', 'api-server', 'airflow api-server', `ports: [{ name: api-server, containerPort: 8080 }]${MOUNTS_CONFIG}`);
const WORKER = workload('StatefulSet', 'worker', 'airflow celery worker', `ports: [{ name: worker-logs, containerPort: 8793 }]${MOUNTS_CONFIG}`);
const service = (component: string, port: number) => `
apiVersion: v1
kind: Service
metadata: { name: af-${component}, ${base(component)} }
spec:
  clusterIP: ${component === 'worker' ? 'None' : '""'}
  selector: { tier: airflow, component: ${component}, release: af }
  ports: [{ name: ${component}, port: ${port} }]`;

const found = (manifests: string[], options: ViolationsOptions) =>
  violations(manifests.flatMap(text => parseAllDocuments(text).map(document => document.toJS())), options)
    .map(({ object, path, reason }) => `${object}: ${path}: ${reason}`);

// Numbers are those of docs/DEVIATIONS-deployment.md.
test('1: an API server that nobody may reach is found', () => {
  const policy = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: af-api-server-policy, namespace: airflow }
spec: { podSelector: { matchLabels: { tier: airflow, component: api-server, release: af } }, policyTypes: [Ingress] }`;
  expect(found([CONFIG, API_SERVER, WORKER, service('api-server', 8080), policy], { only: ['network-flows'] })).toEqual([
    'StatefulSet airflow/af-worker: spec.template: it needs the execution API at Deployment airflow/af-api-server, port 8080/TCP, which the network policies do not permit',
  ]);
});

test('2: keys that each render makes anew are found', () => {
  const secret = (value: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'af-jwt-secret', namespace: 'airflow' }, data: { 'jwt-secret': value } });
  expect(violations([secret('YQ==')], { only: ['deterministic'], again: [secret('Yg==')] })).toMatchObject([{ path: 'data.jwt-secret' }]);
});

test('5, 6: bindings to accounts and Roles that are not there are found', () => {
  const binding = (role: string, subject: string) => `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: ${role}-rolebinding, namespace: airflow }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${role} }
subjects: [{ kind: ServiceAccount, name: ${subject}, namespace: airflow }]`;
  const role = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: af-pod-launcher-role, namespace: airflow }
rules: [{ apiGroups: [""], resources: [pods], verbs: [create, list, get, patch, watch, delete] }]`;
  expect(found([role, account('af-airflow-api-server'), binding('af-pod-launcher-role', 'af-airflow-worker'), binding('af-pod-log-reader-role', 'af-airflow-api-server')], {
    only: ['accounts-exist'],
  })).toEqual([
    "RoleBinding airflow/af-pod-launcher-role-rolebinding: subjects[af-airflow-worker]: ServiceAccount 'af-airflow-worker' is not among the manifests",
    "RoleBinding airflow/af-pod-log-reader-role-rolebinding: roleRef: Role 'af-pod-log-reader-role' is not among the manifests",
  ]);
});

test('7, 8: mounts without their volumes are found', () => {
  const scheduler = workload('StatefulSet', 'scheduler', 'airflow scheduler', 'volumeMounts: [{ name: git-sync-ssh-key, mountPath: /etc/git-secret }]');
  expect(found([scheduler], { only: ['mounts-have-volumes'] })).toEqual([expect.stringContaining("the pod has no volume 'git-sync-ssh-key'")]);
});

test('16: a hook that outlives the grace period is found', () => {
  const pgbouncer = workload('Deployment', 'pgbouncer', 'pgbouncer', "lifecycle: { preStop: { exec: { command: [/bin/sh, -c, 'killall -INT pgbouncer && sleep 120'] } } }");
  expect(found([pgbouncer], { only: ['probe-times'] })).toEqual([expect.stringContaining('it takes 120 seconds, and the container is killed after 30')]);
});

test('24: releases that keep away from each other are found', () => {
  const affinity = `
          affinity:
            podAntiAffinity:
              preferredDuringSchedulingIgnoredDuringExecution:
              - { weight: 100, podAffinityTerm: { topologyKey: kubernetes.io/hostname, labelSelector: { matchLabels: { component: api-server } } } }`;
  const one = `${API_SERVER}${affinity}`;
  expect(found([one, one.replaceAll('af-', 'b-').replaceAll('release: af', 'release: b')], { only: ['selectors-match'] }))
    .toContainEqual(expect.stringContaining('it selects the pods of Deployment airflow/af-api-server and Deployment airflow/b-api-server'));
});

test('30: a Service of Celery workers that finds task pods is found', () => {
  expect(found([CONFIG, WORKER, service('worker', 8793)], { only: ['selectors-match'] })).toContain(
    'Service airflow/af-worker: spec.selector: it selects the pods of ConfigMap airflow/af-config and StatefulSet airflow/af-worker');
});

test('a password in the arguments, pods without resources, and pods that `restricted` refuses are found', () => {
  const user = `
apiVersion: batch/v1
kind: Job
metadata: { name: af-create-user, namespace: airflow }
spec:
  template:${pod('create-user', 'airflow users create -r Admin -u admin -e admin@example.com -f admin -l user -p admin')}`;
  expect(found([user], { only: ['no-plaintext-credentials'] })).toEqual([expect.stringContaining('they hold a password as an option')]);
  expect(found([user], { only: ['pod-security'] })).toEqual([expect.stringContaining('runAsNonRoot'), expect.stringContaining('seccompProfile')]);
  expect(found([user], { only: ['resources-and-images'] })).toHaveLength(3);
});

test('more rights than are used are found', () => {
  const rules = '[{ apiGroups: [""], resources: [pods], verbs: [list, get, watch] }, { apiGroups: [""], resources: [pods/log], verbs: [get, list] }]';
  const role = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: af-pod-log-reader-role, namespace: airflow }
rules: ${rules}`;
  const binding = `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: af-pod-log-reader-rolebinding, namespace: airflow }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: af-pod-log-reader-role }
subjects: [{ kind: ServiceAccount, name: af-airflow-api-server, namespace: airflow }]`;
  expect(found([CONFIG, API_SERVER, role, binding], { only: ['minimal-rbac'] }).map(text => / may (.*), which/.exec(text)![1])).toEqual(['get pods', 'watch pods', 'list pods/log']);
});
