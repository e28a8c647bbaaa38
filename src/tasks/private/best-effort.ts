import { hasJinja } from '../../pod/jinja';
import { podTexts } from '../../pod/pod-path';
import { qosClass } from '../../pod/qos';
import { constructsOf } from '../../private/complete-app';
import { warnWhenComplete } from '../../private/warnings';
import { AirflowTask } from '../airflow-task';

type TaskWithPods = AirflowTask & { readonly _bestEffort: boolean };

/** True for a pod that asks for neither CPU nor memory, and will not when its Jinja is rendered. */
export function isBestEffort(spec: any): boolean {
  const amounts = [...spec.containers, ...spec.initContainers ?? []].map(({ resources = {} }: any) => resources);
  return qosClass(spec) === 'BestEffort' && !podTexts(amounts).some(({ text }) => hasJinja(text));
}

/** One warning for all tasks of the app with such pods. */
export function warnBestEffort(task: TaskWithPods): void {
  warnWhenComplete(task, () => {
    const withPods = (x: any): x is TaskWithPods => AirflowTask.isAirflowTask(x) && '_bestEffort' in x;
    const tasks = constructsOf(task, withPods).filter(({ _bestEffort }) => _bestEffort);
    if (tasks[0] !== task) { return []; }
    const ids = tasks.slice(0, 5).map(({ taskId }) => `'${taskId}'`).join(', ');
    return [`${tasks.length === 1 ? `task ${ids} asks` : `tasks ${ids}${tasks.length > 5 ? ` and ${tasks.length - 5} more` : ''} ask`} for neither CPU nor memory: `
      + "BestEffort pods are the first that Kubernetes ends on a node that runs out of memory; set 'containerResources'"];
  });
}
