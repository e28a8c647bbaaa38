import { Chart } from 'cdk8s';
import { pulledResults } from '../../pod/jinja';
import { AirflowTask } from '../airflow-task';

/** The tasks among which `task` waits for itself, in their order; undefined where it does not, and where another one of them tells it. */
export function circleOf(task: AirflowTask, tasks: readonly AirflowTask[]): string[] | undefined {
  const byId = new Map(tasks.filter(other => Chart.of(other) === Chart.of(task)).map(other => [other.taskId, other]));
  const from = new Map<string, string>();
  const open = [task.taskId];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const before of byId.get(id)?.dependsOn ?? []) {
      if (before === task.taskId) {
        const circle = [id];
        while (circle[0] !== task.taskId) { circle.unshift(from.get(circle[0])!); }
        return circle.every(other => other >= task.taskId) ? circle : undefined;
      }
      if (!from.has(before)) {
        from.set(before, id);
        open.push(before);
      }
    }
  }
  return undefined;
}

/** What a task waits for in vain, each with its repair. */
export function vainWaits(task: AirflowTask, texts: string, tasks: readonly AirflowTask[]): string[] {
  const named = (id: string) => tasks.filter(other => other.taskId === id);
  const missing = task.dependsOn.filter(id => named(id).length === 0);
  const pushesNone = (other: AirflowTask) => (other as any)._annotation?.doXcomPush === false;
  const silent = pulledResults(texts).filter(id => named(id).length > 0 && named(id).every(pushesNone));
  return [
    ...missing.map(id => `task '${task.taskId}' waits for '${id}', which is no task of this app, so that `
      + "'cdk8s-airflow run' and DagFile refuse it; add that task, or correct its id"),
    ...[...new Set(silent)].map(id => `the XCom of task '${id}' is pulled, but it pushes none; set 'doXcomPush: true' there`),
  ];
}
