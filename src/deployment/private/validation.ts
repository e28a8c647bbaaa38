import { ApiObject, Chart } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import { NetworkPeer } from '../../airflow/deployment-identity';
import { AirflowVersion } from '../../airflow/version';
import { shown } from '../../private/prop-types';
import { PodTask } from '../../tasks/pod-task';
import type { AirflowKubernetesDeployment } from '../airflow-kubernetes-deployment';
import type { AirflowKubernetesDeploymentProps } from '../airflow-kubernetes-deployment-props';
import { Executor } from '../executor';

/** So that the longest name, a Job's with its hash, is still a label value. */
const NAME_LENGTH = 35;

/** The construct ids below the chart. */
export function defaultName(deployment: Construct): string {
  const chart = Chart.of(deployment);
  const below = deployment.node.scopes.slice(chart.node.scopes.length).map(scope => scope.node.id);
  return below.join('-').toLowerCase();
}

/** Throws where object names could not begin with a name. */
export function assertName(name: string, given: boolean): void {
  if (name.length > NAME_LENGTH || !/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
    throw new Error(`'releaseName' must be at most ${NAME_LENGTH} lower-case letters, digits and '-', and begin with a letter, got '${name}'`
      + (given ? '' : ' from the construct ids; set it'));
  }
}

/** Throws where a name could not be that of a Secret. */
export function assertPullSecrets(names: string[] = []): void {
  names.forEach((name, i) => {
    if (typeof name !== 'string' || name.length > 253 || !/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name)) {
      throw new Error(`'imagePullSecrets[${i}]' must be the name of a Secret, lower-case letters, digits, '-' and '.', got ${shown(name)}`);
    }
  });
}

/** Throws where a prop means nothing to the version or the executor. */
export function assertKnownProps(props: AirflowKubernetesDeploymentProps, version: AirflowVersion, executor: Executor): void {
  if (!props.database) {
    throw new Error("'database' is missing; give one, such as MetadataDatabase.postgres({ host: 'postgres', password: SecretRef.existing('airflow-database', 'password') })");
  }
  executor._assertKnownTo(version);
  const refuse = (prop: string, why: string) => { throw new Error(`'${prop}' ${why}`); };
  if (!version._features.apiServer && props.apiServer) { refuse('apiServer', `does not exist in Airflow ${version}; its user interface is 'webserver'`); }
  if (!version._features.webserver && props.webserver) { refuse('webserver', `does not exist in Airflow ${version}; its user interface is 'apiServer'`); }
  if (!version._features.jwt && props.jwtSecret) { refuse('jwtSecret', `does not exist in Airflow ${version}; remove it, or use Airflow 3`); }
  if (!executor._celery && props.flower) {
    refuse('flower', `shows the workers of CeleryExecutor, the executor is ${executor.name}; remove it, or set 'executor: Executor.celery({ … })'`);
  }
  if (!executor._celery?.broker._own && props.redis) {
    refuse('redis', "is the pod of CeleryBroker.developmentRedis(), which is not the broker; remove it, or set 'broker' of Executor.celery to that");
  }
  if (!executor._runs('KubernetesExecutor') && props.podCleanup) {
    refuse('podCleanup', `deletes the pods of KubernetesExecutor, the executor is ${executor.name}; remove it, or set 'executor: Executor.kubernetes()'`);
  }
  if (!executor._runs('KubernetesExecutor') && props.workers) {
    refuse('workers', `are the pods of KubernetesExecutor, the executor is ${executor.name}; ${executor._celery
      ? "those of Celery are an argument of it: 'workers: [{ … }]'" : "remove it, or set 'executor: Executor.kubernetes()'"}`);
  }
}

/** True for a host outside of the cluster whose addresses are not known; a Service has none that stay. */
export function isExternalName(peer: NetworkPeer): boolean {
  return peer.cidrs === undefined && /\..*\./.test(peer.host) && !/\.svc(\.|$)/.test(peer.host);
}

/** What is to be said where the tag of an image names another Airflow than the version, whose components and configuration are made. */
export function otherVersion(reference: string, version: AirflowVersion): string[] {
  const [, major, minor] = /airflow:v?([23])\.(\d+)\.\d+/.exec(reference) ?? [];
  const wanted = version.version.split('.');
  return major === undefined || (major === wanted[0] && minor === wanted[1]) ? []
    : [`the image '${reference}' is of Airflow ${major}.${minor} by its tag, and the manifests are of ${version}; set 'version' to that of the image`];
}

/** What can only be seen when the app is complete: `tasks` and `deployments` are all of them in it. */
export function conflicts(deployment: AirflowKubernetesDeployment, tasks: PodTask[], deployments: AirflowKubernetesDeployment[]): string[] {
  const twins = deployments.filter(other => other !== deployment
    && other.releaseName === deployment.releaseName && other.namespace === deployment.namespace);
  const ours = [deployment.namespace, ...deployment.taskNamespaces];
  const guests = deployments.filter(other => other !== deployment && other.releaseName === deployment.releaseName && !twins.includes(other))
    .flatMap(other => other.taskNamespaces.filter(name => ours.includes(name)).map(name => ({ other, name })));
  const own: { [alike: string]: Set<string> } = {};
  // Names begin with that of the release: only such deployments can have one in common, and those of one name elsewhere only what is of the cluster.
  const shared = deployments.filter(other => other !== deployment && !twins.includes(other) && !guests.some(guest => guest.other === other))
    .filter(({ releaseName: name }) => `${name}-`.startsWith(`${deployment.releaseName}-`) || `${deployment.releaseName}-`.startsWith(`${name}-`))
    .flatMap(other => {
      const alike = other.releaseName === deployment.releaseName;
      const mine = own[String(alike)] ??= new Set(objectsIn(alike ? deployment.node.children : deployment.node.findAll()));
      return objectsIn(alike ? other.node.children : other.node.findAll()).filter(name => mine.has(name)).slice(0, 1).map(name => ({ other, name }));
    });
  const pods = tasks.filter(task => task.renderAs === 'Pod' && Chart.of(task) === Chart.of(deployment));
  return [
    ...twins.map(twin => `the objects are called '${deployment.releaseName}-…' in namespace '${deployment.namespace}', and so are those of `
      + `'${twin.node.path}'; give one of them another 'releaseName' or 'namespace'`),
    ...guests.map(({ other, name }) => `the objects for task pods in namespace '${name}' are called '${deployment.releaseName}-…', and so are those of `
      + `'${other.node.path}' there; give one of them another 'releaseName', or other 'workers.namespaces'`),
    ...shared.map(({ other, name }) => `'${other.node.path}' makes the ${name}, too; give one of them another 'releaseName'`),
    ...pods.map(pod => `applying this chart would run the task '${pod.taskId}' (${pod.node.path}) each time Airflow is deployed; `
      + "put it in a chart of its own, or set its 'renderAs' to 'PodTemplate' or 'none'"),
  ];
}

/** What a deployment makes, in words: kind, name and namespace. */
function objectsIn(nodes: IConstruct[]): string[] {
  return nodes.filter((node): node is ApiObject => ApiObject.isApiObject(node))
    .map(({ kind, name, metadata }) => `${kind} '${name}' of ${kind === 'PriorityClass' ? 'the whole cluster' : `namespace '${metadata.namespace}'`}`);
}

/** KubernetesExecutor finds its pods by labels that do not tell which Airflow they belong to: two in a namespace adopt and delete each other's. */
export function sharedNamespace(deployment: AirflowKubernetesDeployment, deployments: AirflowKubernetesDeployment[]): string[] {
  return deployments.filter(other => other !== deployment)
    .flatMap(other => other.taskNamespaces.filter(name => deployment.taskNamespaces.includes(name)).slice(0, 1).map(name => ({ other, name })))
    .map(({ other, name }) => `its task pods share the namespace '${name}' with those of '${other.node.path}', and KubernetesExecutor may adopt or delete `
      + "the other's; give one of them another 'namespace'");
}
