import {
  AirflowAuth, AirflowKubernetesDeployment, AirflowKubernetesDeploymentProps, AirflowVersion, Executor, GitSyncDags, MetadataDatabase, SecretRef,
} from '../../src';
import { chart, find, synth } from '../util';

export const database = MetadataDatabase.postgres({ host: 'pg', password: SecretRef.existing('db', 'password') });

/** The objects of a deployment, and some of their parts. */
export class Deployed {
  public readonly airflow: AirflowKubernetesDeployment;
  public readonly objects: any[];
  private found?: { [component: string]: any };

  constructor(props: Partial<AirflowKubernetesDeploymentProps> = {}) {
    const scope = chart({ namespace: 'ns' });
    this.airflow = new AirflowKubernetesDeployment(scope, 'airflow', { database, ...props });
    this.objects = synth(scope);
  }

  public find(kind: string, name?: string): any {
    return find(this.objects, kind, name);
  }

  /** The Deployment, StatefulSet, Job or CronJob of a component. */
  public workload(component: string): any {
    return this.objects.find(({ kind, metadata }) =>
      ['Deployment', 'StatefulSet', 'Job', 'CronJob'].includes(kind) && metadata.labels['app.kubernetes.io/component'] === component);
  }

  /** The main container of a component. */
  public container(component: string): any {
    return podOf(this.workload(component)).spec.containers[0];
  }

  /** The environment of a component's main container: a literal, or Secret/key. */
  public env(component: string): { [name: string]: string } {
    return envOf(this.container(component));
  }

  /** airflow.cfg, as section.key → value. */
  public get config(): { [option: string]: string } {
    const lines = this.airflow.configMap.toJson().data['airflow.cfg'].split('\n');
    let section = '';
    const found: { [option: string]: string } = {};
    for (const line of lines) {
      if (line.startsWith('[')) { section = line.slice(1, -1); }
      const [, key, value] = /^(\w+) =(?: (.*))?$/.exec(line) ?? [];
      if (key) { found[`${section}.${key}`] = value ?? ''; }
    }
    return found;
  }

  /** Metadata and spec of every pod, those that Airflow makes included, by component. */
  public get pods(): { [component: string]: any } {
    return this.found ??= Object.fromEntries([
      ...this.objects.map(podOf).filter(Boolean),
      ...(this.airflow.workerPodTemplate ? [this.airflow.workerPodTemplate.toJson()] : []),
    ].map(pod => [pod.metadata.labels['app.kubernetes.io/component'], pod]));
  }
}

/** The pod of a workload: metadata and spec. */
export function podOf(object: any): any {
  return (object.spec?.jobTemplate ?? object).spec?.template;
}

export function envOf(container: any): { [name: string]: string } {
  return Object.fromEntries((container.env ?? []).map((e: any) =>
    [e.name, e.value ?? `${e.valueFrom.secretKeyRef.name}/${e.valueFrom.secretKeyRef.key}`]));
}

export const dags = () => new GitSyncDags({ repo: 'https://git.example.com/dags.git', ref: 'main' });

/** Every shape of a deployment. */
export const SHAPES: [string, () => Partial<AirflowKubernetesDeploymentProps>][] = [
  ['3.3, KubernetesExecutor', () => ({})],
  ['3.3, KubernetesExecutor, git-sync', () => ({ dags: dags() })],
  ['3.3, LocalExecutor, git-sync', () => ({ executor: Executor.local(), dags: dags() })],
  ['2.11, KubernetesExecutor, git-sync', () => ({ version: AirflowVersion.V2_11, dags: dags() })],
  ['2.11, KubernetesExecutor, DAG processor', () => ({ version: AirflowVersion.V2_11, dags: dags(), dagProcessor: {} })],
  ['2.11, LocalExecutor', () => ({ version: AirflowVersion.V2_11, executor: Executor.local() })],
  ['3.3, users, objects, clean-up, an autoscaler, Argo CD', () => ({
    auth: AirflowAuth.fab({ users: [{ username: 'ada', email: 'ada@example.com', password: SecretRef.existing('mine', 'password') }] }),
    objects: { variables: { team: 'data' }, connections: { dwh: { connType: 'postgres', login: SecretRef.existing('mine', 'login') } } },
    podCleanup: {},
    databaseCleanup: {},
    apiServer: { autoscaling: { maxReplicas: 3 } },
    delivery: 'argocd',
  })],
  ['2.11, LDAP', () => ({
    version: AirflowVersion.V2_11,
    auth: AirflowAuth.fab({ ldap: { server: 'ldaps://ldap.example.com', search: 'dc=a', bindUser: 'cn=a', bindPassword: SecretRef.existing('mine', 'bind') } }),
  })],
];
