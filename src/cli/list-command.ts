import { document } from './document';
import type { Streams } from './exit';
import { printable, table } from './text';
import { plan } from '../runtime/plan';

export interface ListOptions {
  readonly task?: string[];
  readonly output?: 'json' | 'yaml' | 'name';
}

/** Prints the tasks of manifests in the order in which they run. */
export function listCommand(path: string, options: ListOptions, { stdout, stderr }: Streams): void {
  const { tasks, notes } = plan(path, options.task);
  notes.forEach(note => stderr.write(`${note}\n`));
  if (options.output === 'name') {
    stdout.write(tasks.map(({ task }) => `${printable(task.taskId)}\n`).join(''));
  } else if (options.output) {
    const list = tasks.map(({ task, pod, upstream, source }) => ({
      name: task.taskId,
      dependsOn: upstream,
      namespace: pod.metadata.namespace ?? null,
      image: pod.spec.containers[0].image ?? null,
      doXcomPush: task.doXcomPush,
      xcomMode: task.doXcomPush ? task.xcomMode : null,
      retries: task.retries,
      onFinishAction: task.onFinishAction,
      source,
    }));
    stdout.write(document({ tasks: list }, options.output));
  } else {
    stdout.write(table(['task', 'waits for', 'xcom', 'retries', 'image'], tasks.map(({ task, pod, upstream }) => [
      task.taskId, upstream.join(',') || '-', task.doXcomPush ? task.xcomMode : '-', String(task.retries), pod.spec.containers[0].image ?? '-',
    ])));
  }
}
