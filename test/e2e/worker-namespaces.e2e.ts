import { ApiObject, App, Chart } from 'cdk8s';
import { AirflowOnCluster, timed } from './airflow';
import { appliedAgain, kubectl, onCluster, removeNamespace, restrictedNamespace } from './kubectl';
import { DevPostgres } from '../../examples/airflow/database';
import { AirflowImage, AirflowKubernetesDeployment, AirflowVersion, ConfigMapDags, MetadataDatabase, SecretRef } from 'cdk8s-airflow';

const cluster = new AirflowOnCluster('af-namespaces');
const there = new AirflowOnCluster('af-namespaces-etl');

const DAG = `
from datetime import datetime

from kubernetes.client import models as k8s

try:
    from airflow.sdk import dag, task
except ImportError:
    from airflow.decorators import dag, task


@dag(schedule=None, start_date=datetime(2024, 1, 1), catchup=False, is_paused_upon_creation=False)
def places():
    @task
    def here():
        import my_plugin

        return my_plugin.WORD + "${cluster.namespace}"

    @task(executor_config={"pod_override": k8s.V1Pod(metadata=k8s.V1ObjectMeta(namespace="${there.namespace}"))})
    def there(before):
        return before + ", ${there.namespace}"

    there(here())


places()
`;

const VERSIONS: [string, AirflowVersion, string[], [string, string]][] = [
  ['3.3', AirflowVersion.V3_3, ['api-server', 'dag-processor', 'scheduler', 'triggerer'], ['triggerer', 'capacity']],
  ['2.11', AirflowVersion.V2_11, ['scheduler', 'triggerer', 'webserver'], ['triggerer', 'default_capacity']],
];

describe.each(VERSIONS)('Airflow %s', (image, version, components, [section, key]) => {
  const manifests = (config: { [section: string]: { [key: string]: any } }): string => {
    const app = new App();
    const { namespace } = cluster;
    const chart = new Chart(app, 'airflow', { namespace });
    const resources = { requests: { cpu: '20m', memory: '256Mi' }, limits: { memory: '2Gi' } };
    const settings = { resources, podOverride: { spec: { initContainers: [{ name: 'wait-for-airflow-migrations', resources }] } } };
    const userInterface = version.major === 2 ? { webserver: settings } : { apiServer: settings, dagProcessor: settings };
    new AirflowKubernetesDeployment(chart, 'airflow', {
      ...userInterface,
      scheduler: settings,
      triggerer: settings,
      migration: { resources },
      version,
      config,
      image: AirflowImage.of(`localhost/airflow:${image}`),
      database: MetadataDatabase.postgres({ host: `postgres.${namespace}.svc.cluster.local`, password: SecretRef.existing('airflow-database', 'password') }),
      // What tasks of Airflow 2 read must be the same in both namespaces.
      ...(version.major === 2 ? { fernetKey: SecretRef.existing('keys', 'fernet'), secretKey: SecretRef.existing('keys', 'secret') } : {}),
      dags: new ConfigMapDags({ 'places.py': DAG }),
      workers: { namespaces: [there.namespace], resources },
      airflowLocalSettings: 'def pod_mutation_hook(pod):\n    pod.metadata.labels["seen-by"] = "local-settings"\n',
      plugins: { 'my_plugin.py': 'WORD = "from "\n' },
    });
    new DevPostgres(app, 'postgres', { namespace, image: 'localhost/postgres:15', secretName: 'airflow-database', clients: 'airflow' });
    if (version.major === 2) {
      const pods = { podSelector: { matchLabels: { 'app.kubernetes.io/component': 'worker' } } };
      new ApiObject(new Chart(app, 'tasks', { namespace }), 'Policy', {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'tasks-to-postgres' },
        spec: {
          podSelector: { matchLabels: { app: 'postgres' } },
          ingress: [{ ports: [{ protocol: 'TCP', port: 5432 }], from: [pods, { ...pods, namespaceSelector: {} }] }],
        },
      });
    }
    return app.synthYaml();
  };
  const apply = (text: string) => kubectl(['apply', '-f', '-'], text).trim().split('\n').filter(line => !line.endsWith(' unchanged'));
  /** Component → the pods of its workload. */
  const uids = () => Object.fromEntries(components.map(component =>
    [component, cluster.pods(`app.kubernetes.io/component=${component}`).filter(pod => !pod.metadata.deletionTimestamp).map(pod => pod.metadata.uid).join()]));

  onCluster('with task pods in another namespace', () => {
    beforeAll(async () => {
      [cluster, there].forEach(({ namespace }) => restrictedNamespace(namespace));
      for (const one of [cluster, there]) {
        one.kubectl('create', 'secret', 'generic', 'airflow-database', '--from-literal=password=secret');
        one.kubectl('create', 'secret', 'generic', 'keys', '--from-literal=fernet=cmF0aGVyLWxvbmctZmVybmV0LWtleS1mb3ItdGVzdHM=', '--from-literal=secret=s3cret');
      }
      apply(manifests({}));
      await cluster.booted();
    }, 900_000);

    afterAll(() => { [cluster, there].forEach(({ namespace }) => removeNamespace(namespace)); });

    test('a task has its pod there, from the same template and with the plugins and hooks, and reaches Airflow', async () => {
      const seen = new Map<string, any>();
      const state = await cluster.run('places', 300, () => {
        [cluster, there].flatMap(one => one.pods('app.kubernetes.io/component=worker')).forEach(pod => seen.set(pod.metadata.namespace, pod));
      });
      expect(state).toBe('success');
      expect(cluster.xcoms()).toEqual([`here|"from ${cluster.namespace}"`, `there|"from ${cluster.namespace}, ${there.namespace}"`]);
      expect([...seen.keys()].sort()).toEqual([cluster.namespace, there.namespace]);
      expect(seen.get(there.namespace).spec.serviceAccountName).toBe('airflow-worker');
      expect([...seen.values()].map(pod => pod.metadata.labels['seen-by'])).toEqual(['local-settings', 'local-settings']);
    }, 500_000);

    test('applied twice nothing changes, and one changed key replaces the pods of those who read it', async () => {
      expect(appliedAgain(['-f', '-'], manifests({}))).toEqual([]);
      const before = uids();
      const changed = apply(manifests({ [section]: { [key]: 7 } }));
      expect(changed.filter(line => !line.startsWith('configmap/'))).toEqual(['statefulset.apps/airflow-triggerer configured']);
      await timed('rolled', () => cluster.kubectl('rollout', 'status', 'statefulset/airflow-triggerer', '--timeout=300s'));
      const after = uids();
      expect(components.filter(component => after[component] !== before[component])).toEqual(['triggerer']);
      expect(cluster.kubectl('exec', 'statefulset/airflow-triggerer', '-c', 'triggerer', '--', 'grep', key, '/opt/airflow/airflow.cfg')).toContain(`${key} = 7`);
    }, 400_000);
  });
});
