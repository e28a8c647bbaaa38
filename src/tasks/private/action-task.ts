import { ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { optionArgs } from './dag-operator';
import { PythonNames } from './dag-python';
import { dependencies } from './pod-task-parts';
import { TaskReader } from './task-reader';
import { AirflowVersion } from '../../airflow/version';
import { filled } from '../../pod/filled';
import { hasJinja } from '../../pod/jinja';
import { slug } from '../../pod/names';
import { PythonValue } from '../../pod/python';
import { TASK_ANNOTATION, TaskAction, TaskAnnotation } from '../../pod/task-annotation';
import { checkPropNames } from '../../private/known-props';
import { ActionTaskProps } from '../action-task-props';
import { DagTaskOptions } from '../dag-task-options';

/** The options of a DAG's task that an operator without a pod knows, beside those of its connection. */
const OPTIONS: readonly (keyof DagTaskOptions)[] = [
  'retryDelaySeconds', 'retryExponentialBackoff', 'executionTimeoutSeconds', 'pool', 'poolSlots', 'queue', 'priorityWeight', 'triggerRule', 'dependsOnPast',
  'maxActiveTisPerDag', 'executor',
];
const CONNECTION: { readonly [action in TaskAction]: readonly (keyof DagTaskOptions)[] } = {
  DeleteJob: ['kubernetesConnId', 'inCluster', 'configFile', 'clusterContext'],
  PatchJob: ['kubernetesConnId', 'inCluster', 'configFile', 'clusterContext'],
  CreateResource: ['kubernetesConnId', 'configFile'],
  DeleteResource: ['kubernetesConnId', 'configFile'],
};

/** What the constructs of actions are made of. */
export interface ActionTaskParts {
  readonly taskId: string;
  readonly name: string;
  readonly renderAs: string;
  readonly dependsOn: string[];
  readonly namespace?: string;
  readonly retries: number;
}

/** A reader for the props of an action, which refuses names that it does not have. */
export function actionReader(scope: Construct, props: ActionTaskProps, names: { readonly [prop: string]: true }, type: string): TaskReader {
  const read = new TaskReader(scope.node.path);
  read.guarded(() => checkPropNames(props, names, type.replace(/Props$/, ''), type));
  return read;
}

/**
 * Synthesises the ConfigMap of an action.
 *
 * @param data the operator's parameters, as texts
 */
export function actionTask(
  scope: Construct, read: TaskReader, action: TaskAction, props: ActionTaskProps, data: { [key: string]: string | undefined },
): ActionTaskParts {
  const taskId = read.taskId(props.taskId ?? scope.node.id);
  const renderAs = read.oneOf('renderAs', props.renderAs ?? 'ConfigMap', ['ConfigMap', 'none']);
  const dependsOn = dependencies(read, taskId, props.dependsOn, Object.values(data).join('\n'));
  const retries = read.wholeNumber('retries', props.retries ?? 0, 0);
  const ofChart = Chart.of(scope).namespace;
  const namespace = data.namespace || ofChart;
  // A namespace that only a run knows is no namespace of an object.
  const own = namespace !== undefined && hasJinja(namespace) ? ofChart : namespace;
  const name = slug(taskId);
  const annotation: TaskAnnotation = {
    version: 1, taskId, dependsOn, retries, doXcomPush: false, xcomMode: 'native', startupTimeoutSeconds: 120, onFinishAction: 'delete_pod', action,
  };
  if (renderAs === 'ConfigMap') {
    new ApiObject(scope, 'Resource', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, ...(own === undefined ? {} : { namespace: own }), annotations: { [TASK_ANNOTATION]: JSON.stringify(annotation) } },
      data: filled(data),
    });
  }
  return { taskId, name, renderAs, dependsOn, namespace, retries };
}

/** The arguments of the operator of an action that say how Airflow runs it. What is for pods alone is left out. */
export function actionOptionArgs(
  action: TaskAction, retries: number, options: DagTaskOptions, version: AirflowVersion, names: PythonNames,
): { [parameter: string]: PythonValue | undefined } {
  const known = [...OPTIONS, ...CONNECTION[action]];
  const own = Object.fromEntries(Object.entries(options).filter(([option]) => known.includes(option as keyof DagTaskOptions)));
  return { ...(retries === 0 ? {} : { retries }), ...optionArgs(own, version, names) };
}

/** A namespace for an operator that does not take that of the connection. @throws Error where there is none */
export function operatorNamespace({ namespace }: { readonly namespace?: string }): string {
  if (namespace === undefined) { throw new Error("it has no namespace, and its operator does not take that of the connection; set 'namespace' of the task or of its chart"); }
  return namespace;
}

/** The same for the operator that installs Kueue. */
export function installOptionArgs(
  retries: number, options: DagTaskOptions, version: AirflowVersion, names: PythonNames,
): { [parameter: string]: PythonValue | undefined } {
  const known = [...OPTIONS, 'kubernetesConnId'];
  const own = Object.fromEntries(Object.entries(options).filter(([option]) => known.includes(option)));
  return { ...(retries === 0 ? {} : { retries }), ...optionArgs(own, version, names) };
}
