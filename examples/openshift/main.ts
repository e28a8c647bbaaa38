import { ApiObject, App, Chart, Yaml } from 'cdk8s';
import { Construct } from 'constructs';
import {
  AirflowAuth, AirflowImage, AirflowKubernetesDeployment, ConfigMapDags, CreateResourceTask, DagFile, DeleteResourceTask, Exposure, MetadataDatabase,
  PodTask, SecretRef, TaskLogs,
} from 'cdk8s-airflow';

// These Secrets are in the namespace before the manifests are applied:
//   airflow-database  password
//   airflow-keycloak  client-secret
//   airflow-logs      access-key-id, secret-access-key
const secret = (name: string, key: string) => SecretRef.existing(name, key);

const NAMESPACE = 'airflow-openshift';

/** Airflow 3 on OpenShift: people log in at Keycloak and come in by a Route; a DAG has a volume of its own for each day. */
export class OpenShiftAirflow extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id, { namespace: NAMESPACE });

    // Pods name their user, who is not root; the default, `restricted-v2`, admits those of the namespace's own range alone.
    new ApiObject(this, 'security-context-constraints', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'nonroot-v2' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:openshift:scc:nonroot-v2' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: `system:serviceaccounts:${NAMESPACE}` }],
    });

    new AirflowKubernetesDeployment(this, 'airflow', {
      // With apache-airflow-providers-keycloak.
      image: AirflowImage.of('registry.example.com/data/airflow:3.3.2-keycloak', { pullSecrets: ['registry'] }),
      database: MetadataDatabase.postgres({ host: 'airflow-primary.databases.svc', password: secret('airflow-database', 'password'), sslMode: 'require' }),
      auth: AirflowAuth.keycloak({
        serverUrl: 'https://keycloak.example.com', realm: 'data', clientId: 'airflow', clientSecret: secret('airflow-keycloak', 'client-secret'), cidrs: ['10.20.2.0/24'],
      }),
      exposure: Exposure.openShiftRoute({ host: 'airflow.apps.example.com' }),
      logs: TaskLogs.s3({
        bucket: 'airflow',
        endpoint: 'https://s3.example.com',
        cidrs: ['10.20.3.0/24'],
        credentials: { accessKeyId: secret('airflow-logs', 'access-key-id'), secretAccessKey: secret('airflow-logs', 'secret-access-key') },
      }),
      dags: new ConfigMapDags({ ...this.nightly().files }),
      // The DAG makes claims, too.
      podLaunching: { extraRules: [{ apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['create', 'delete'] }] },
      apiServer: { replicas: 2 },
    });
  }

  /** A task makes a claim, another one works on its volume, and the last one deletes it. After a failure it stays, for whoever looks into it and clears the task. */
  private nightly(): DagFile {
    const claimName = 'nightly-{{ ds_nodash }}';
    const yamlConf = Yaml.stringify({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: claimName, namespace: NAMESPACE },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '50Gi' } } },
    });
    const claim = new CreateResourceTask(this, 'claim', { yamlConf, renderAs: 'none' });
    const sort = new PodTask(this, 'sort', {
      image: 'registry.example.com/data/sort:1',
      imagePullSecrets: [{ name: 'registry' }],
      arguments: ['--day', '{{ ds }}', '--folder', '/work'],
      volumes: [{ name: 'work', persistentVolumeClaim: { claimName } }],
      volumeMounts: [{ name: 'work', mountPath: '/work' }],
      containerResources: { requests: { cpu: '1', memory: '2Gi' }, limits: { memory: '2Gi' } },
      retries: 2,
      dependsOn: [claim],
      renderAs: 'none',
    });
    const release = new DeleteResourceTask(this, 'release', { yamlConf, dependsOn: [sort], renderAs: 'none' });
    return new DagFile({ dagId: 'nightly', schedule: '@daily', startDate: '2026-01-31', tasks: [claim, sort, release], maxActiveRuns: 1 });
  }
}

if (require.main === module) {
  const app = new App({ outdir: `${__dirname}/dist` });
  new OpenShiftAirflow(app, 'airflow');
  app.synth();
}
