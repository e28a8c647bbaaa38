import { Chart, Testing } from 'cdk8s';
import { AirflowOnCluster } from './airflow';
import { kubectl, onCluster, removeNamespace, restrictedNamespace } from './kubectl';
import { gitKeys, gitServer } from './production';
import { AirflowVersion, GitSyncDags, GitSyncDagsProps, SecretRef } from 'cdk8s-airflow';

const cluster = new AirflowOnCluster('e2e-git');
const HTTPS = 'https://git-server:8443/dags.git';
const SSH = 'ssh://git@git-server:2222/srv/git/dags.git';
const git = (key: string) => SecretRef.existing('airflow-git', key);
const ssh = (key: string) => SecretRef.existing('git-ssh', key);

/** Runs git-sync once, as in a task's pod. @returns the phase in which the pod ended, and its log */
async function sync(name: string, props: GitSyncDagsProps): Promise<[string, string]> {
  const { initContainers, volumes } = new GitSyncDags(props).bind(new Chart(Testing.app(), 'chart'), {
    identity: { name, namespace: cluster.namespace, labels: {} }, version: AirflowVersion.V3_3, images: { gitSync: 'localhost/git-sync:v4' },
  });
  kubectl(['-n', cluster.namespace, 'apply', '-f', '-'], JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, fsGroup: 0, seccompProfile: { type: 'RuntimeDefault' } },
      containers: initContainers,
      volumes: [...volumes, { name: 'tmp', emptyDir: {} }].filter((volume, i, all) => all.findIndex(other => other.name === volume.name) === i),
    },
  }));
  const phase = () => kubectl(['-n', cluster.namespace, 'get', 'pod', name, '-o', 'jsonpath={.status.phase}']);
  const ended = await cluster.until(`the end of ${name}`, 360, () => (/Succeeded|Failed/.test(phase()) ? phase() : ''));
  return [ended, cluster.kubectl('logs', name)];
}

onCluster('git-sync as GitSyncDags sets it up', () => {
  beforeAll(() => {
    restrictedNamespace(cluster.namespace);
    kubectl(['-n', cluster.namespace, 'apply', '-f', '-'], JSON.stringify({
      apiVersion: 'v1', kind: 'List', items: gitServer(gitKeys(), 'git-t0ken', { 'a.py': '# a DAG' }),
    }));
    cluster.kubectl('wait', 'pod/git-server', '--for=condition=Ready', '--timeout=180s');
  }, 300_000);

  afterAll(() => removeNamespace(cluster.namespace));

  const token = { username: 'airflow', token: git('token') };
  test.each<[string, GitSyncDagsProps, string, RegExp]>([
    ['https-token', { repo: HTTPS, ...token, caCertificate: git('ca.crt') }, 'Succeeded', /./],
    ['ssh-known-host', { repo: SSH, sshKey: ssh('key'), knownHosts: ssh('known_hosts') }, 'Succeeded', /./],
    ['https-wrong-token', { repo: HTTPS, ...token, token: git('wrong-token'), caCertificate: git('ca.crt') }, 'Failed', /Authentication failed|401|403/],
    ['https-unknown-authority', { repo: HTTPS, ...token }, 'Failed', /certificate/],
    ['ssh-wrong-host', { repo: SSH, sshKey: ssh('key'), knownHosts: ssh('wrong_hosts') }, 'Failed', /Host key verification failed/],
  ])('%s', async (name, props, expected, log) => {
    const [phase, text] = await sync(name, { ref: 'main', ...props });
    expect([phase, text]).toEqual([expected, expect.stringMatching(log)]);
  }, 400_000);
});
