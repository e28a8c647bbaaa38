import { Chart } from 'cdk8s';
import { constructsOf } from '../../private/complete-app';
import { AirflowTask } from '../airflow-task';

/** Other tasks of the chart with the same id, and others of the app with the same object name in the same namespace. */
export function taskConflicts(task: AirflowTask): string[] {
  const { taskId, name, namespace, renderAs } = task;
  const others = constructsOf(task, AirflowTask.isAirflowTask).filter(other => other !== task);
  const sameId = others.filter(other => other.taskId === taskId && Chart.of(other) === Chart.of(task));
  const sameName = others.filter(other => other.name === name && other.namespace === namespace
    && other.renderAs === renderAs && renderAs !== 'none' && !sameId.includes(other));
  return [
    ...sameId.map(other => `task id '${taskId}' is also that of '${other.node.path}'; give one of them another 'taskId'`),
    ...sameName.map(other => `the ${renderAs} is called '${name}', and so is that of '${other.node.path}' in the same namespace; ` +
      "give one of them another 'name'"),
  ];
}
