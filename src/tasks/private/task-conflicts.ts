import { Chart } from 'cdk8s';
import { circleOf } from './task-order';
import { constructsOf } from '../../private/complete-app';
import { AirflowTask } from '../airflow-task';

/** Tasks that wait for each other, other tasks of the chart with the same id, and others of the app with the same object name in the same namespace. */
export function taskConflicts(task: AirflowTask): string[] {
  const { taskId, name, namespace, renderAs } = task;
  const all = constructsOf(task, AirflowTask.isAirflowTask);
  const circle = task.dependsOn.length > 0 ? circleOf(task, all) : undefined;
  const others = all.filter(other => other !== task);
  const sameId = others.filter(other => other.taskId === taskId && Chart.of(other) === Chart.of(task));
  const sameName = others.filter(other => other.name === name && other.namespace === namespace
    && other.renderAs === renderAs && renderAs !== 'none' && !sameId.includes(other));
  return [
    ...(circle ? [`tasks wait for each other: ${circle.map(id => `'${id}'`).join(', ')}; take one 'dependsOn' or XCom out`] : []),
    ...sameId.map(other => `task id '${taskId}' is also that of '${other.node.path}'; give one of them another 'taskId'`),
    ...sameName.map(other => `the ${renderAs} is called '${name}', and so is that of '${other.node.path}' in the same namespace; ` +
      "give one of them another 'name'"),
  ];
}
