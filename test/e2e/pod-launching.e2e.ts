import { App, Chart } from 'cdk8s';
import { AirflowOnCluster } from './airflow';
import { kubectl, onCluster, removeNamespace, restrictedNamespace } from './kubectl';
import { DevPostgres } from '../../examples/airflow/database';
import { AirflowImage, AirflowKubernetesDeployment, GitSyncDags, MetadataDatabase, SecretRef } from 'cdk8s-airflow';

const cluster = new AirflowOnCluster('af-launching');
const there = new AirflowOnCluster('af-launching-etl');

const DAG = `
from datetime import datetime, timedelta

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import dag
from kubernetes.client import models as k8s

RESTRICTED = dict(
    image="localhost/busybox:1",
    cmds=["sh", "-c"],
    do_xcom_push=True,
    # Without the pgrep of procps in the sidecar (BusyBox, also Alpine) the operator ends it in a way that fails now and then.
    retries=12,
    retry_delay=timedelta(seconds=1),
    automount_service_account_token=False,
    security_context=k8s.V1PodSecurityContext(
        run_as_non_root=True, run_as_user=1000, seccomp_profile=k8s.V1SeccompProfile(type="RuntimeDefault")),
    container_security_context=k8s.V1SecurityContext(
        allow_privilege_escalation=False, capabilities=k8s.V1Capabilities(drop=["ALL"])),
)


@dag(schedule=None, start_date=datetime(2024, 1, 1), catchup=False, is_paused_upon_creation=False)
def launching():
    here = KubernetesPodOperator(
        task_id="here", arguments=['echo \\'{"rows": 21}\\' > /airflow/xcom/return.json'], **RESTRICTED)
    there = KubernetesPodOperator(
        task_id="there", namespace="${there.namespace}", arguments=["echo 42 > /airflow/xcom/return.json"],
        deferrable=True, poll_interval=2, **RESTRICTED)
    [here, there]


launching()
`;

onCluster('an Airflow whose tasks launch pods', () => {
  beforeAll(async () => {
    restrictedNamespace(there.namespace);
    await cluster.prepare('secret', { 'launching.py': DAG });
    const app = new App();
    const { namespace } = cluster;
    const chart = new Chart(app, 'airflow', { namespace });
    new AirflowKubernetesDeployment(chart, 'airflow', {
      image: AirflowImage.of('localhost/airflow:3.3'),
      images: { gitSync: 'localhost/git-sync:v4', xcomSidecar: 'localhost/busybox:1' },
      database: MetadataDatabase.postgres({ host: 'postgres', password: SecretRef.existing('airflow-database', 'password') }),
      dags: new GitSyncDags({ repo: 'http://git-server:8080/dags.git', ref: 'main', periodSeconds: 10 }),
      podLaunching: { deferrable: true, namespaces: [namespace, there.namespace] },
    });
    new DevPostgres(app, 'postgres', { namespace, image: 'localhost/postgres:15', secretName: 'airflow-database', clients: 'airflow' });
    kubectl(['apply', '-f', '-'], app.synthYaml());
    await cluster.booted();
  }, 700_000);

  afterAll(() => { [cluster.namespace, there.namespace].forEach(removeNamespace); });

  test('KubernetesPodOperator runs in restricted namespaces, ours and another, also deferred, and its XCom arrives', async () => {
    const workers = new Map<string, any>();
    const launched = new Map<string, any>();
    const state = await cluster.run('launching', 360, () => {
      cluster.pods('app.kubernetes.io/component=worker').forEach(pod => workers.set(pod.metadata.name, pod));
      [cluster, there].flatMap(one => one.pods('kubernetes_pod_operator=True')).forEach(pod => launched.set(pod.metadata.name, pod));
    });
    expect(state).toBe('success');
    expect(cluster.xcoms()).toEqual(['here|{"rows": 21}', 'there|42']);

    expect([...new Set([...launched.values()].map(({ metadata }) => `${metadata.namespace}/${metadata.labels.task_id}`))].sort())
      .toEqual([`${there.namespace}/there`, `${cluster.namespace}/here`]);
    for (const { spec } of launched.values()) {
      expect(spec.containers[1]).toMatchObject({
        name: 'airflow-xcom-sidecar', image: 'localhost/busybox:1', securityContext: { runAsUser: 50000, readOnlyRootFilesystem: true },
      });
    }

    // A task's pod has a token and still nothing of the control plane.
    expect(workers.size).toBeGreaterThanOrEqual(2);
    for (const { spec } of workers.values()) {
      expect(JSON.stringify(spec)).toContain('serviceAccountToken');
      expect(JSON.stringify(spec)).not.toMatch(/secretKeyRef|"secret"|SQL_ALCHEMY|FERNET/);
    }
  }, 600_000);

  test('what tasks and the triggerer may do ends there', () => {
    const can = (account: string, namespace: string, ...action: string[]) => {
      try {
        return kubectl(['auth', 'can-i', ...action, '-n', namespace, '--as', `system:serviceaccount:${cluster.namespace}:${account}`]).trim();
      } catch { return 'no'; }
    };
    for (const namespace of [cluster.namespace, there.namespace]) {
      expect(can('airflow-worker', namespace, 'create', 'pods')).toBe('yes');
      expect(can('airflow-worker', namespace, 'create', 'pods', '--subresource=exec')).toBe('yes');
      expect(can('airflow-worker', namespace, 'get', 'secrets')).toBe('no');
      expect(can('airflow-triggerer', namespace, 'get', 'pods')).toBe('yes');
      expect(can('airflow-triggerer', namespace, 'create', 'pods')).toBe('no');
      expect(can('airflow-triggerer', namespace, 'create', 'pods', '--subresource=exec')).toBe('no');
    }
    expect(can('airflow-worker', 'default', 'create', 'pods')).toBe('no');
    expect(can('airflow-scheduler', there.namespace, 'create', 'pods')).toBe('no');
  });
});
