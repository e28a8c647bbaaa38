import { ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { dependencies } from './pod-task-parts';
import { taskConflicts } from './task-conflicts';
import { TaskReader } from './task-reader';
import { filled } from '../../pod/filled';
import { hasJinja } from '../../pod/jinja';
import { jinjaProblem } from '../../pod/jinja-syntax';
import { slug } from '../../pod/names';
import { throwProblems } from '../../pod/problems';
import { PythonValue } from '../../pod/python';
import { named } from '../../pod/rules/words';
import { TASK_ANNOTATION, TaskAction, TaskAnnotation } from '../../pod/task-annotation';
import { checkPropNames, PropNames, withoutNull } from '../../private/known-props';
import { ActionTaskProps } from '../action-task-props';
import { AirflowTask } from '../airflow-task';

/** What the constructs of actions are made of. */
export interface ActionTaskParts {
  readonly action: TaskAction;
  readonly taskId: string;
  readonly name: string;
  readonly renderAs: string;
  readonly dependsOn: string[];
  readonly namespace?: string;
  /** The arguments of its operator that every operator has. */
  readonly args: { readonly [parameter: string]: PythonValue };
}

/** The props of an action, and a reader for them, which refuses names that it does not have. */
export function readAction<T extends ActionTaskProps>(
  scope: Construct, written: T, names: PropNames<any>, type: string,
): { readonly read: TaskReader; readonly props: T } {
  const read = new TaskReader(scope.node.path);
  const props = withoutNull(written);
  read.guarded(() => checkPropNames(props, names, type.replace(/Props$/, ''), type));
  return { read, props };
}

/**
 * Synthesises the ConfigMap of an action.
 *
 * @param data the operator's parameters, as texts
 */
export function actionTask(
  scope: AirflowTask, read: TaskReader, action: TaskAction, props: ActionTaskProps, data: { [key: string]: string | undefined },
): ActionTaskParts {
  const taskId = read.taskId(props.taskId ?? scope.node.id);
  read.guarded(() => throwProblems([...named('name', data.name, 'name'), ...named('namespace', data.namespace, 'label'), ...Object.entries(data).flatMap(broken)]));
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
  scope.node.addValidation({ validate: () => taskConflicts(scope) });
  return { action, taskId, name, renderAs, dependsOn, namespace, args: { task_id: taskId, ...(retries === 0 ? {} : { retries }) } };
}

function broken([key, text]: [string, string | undefined]): string[] {
  const problem = text === undefined ? undefined : jinjaProblem(text);
  return problem === undefined ? [] : [`the Jinja of '${key}' cannot be read: ${problem}`];
}

/** A namespace for an operator that does not take that of the connection. @throws Error where there is none */
export function operatorNamespace({ namespace }: { readonly namespace?: string }): string {
  if (namespace === undefined) { throw new Error("it has no namespace, and its operator does not take that of the connection; set 'namespace' of the task or of its chart"); }
  return namespace;
}
