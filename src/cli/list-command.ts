import { document } from './document';
import type { Streams } from './exit';
import { printable, table } from './text';
import { Manifest } from '../pod/manifest';
import { qosClass } from '../pod/qos';
import { objectKindOf } from '../runtime/object-kind';
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
    const list = tasks.map(({ task, object, upstream, source }) => ({
      name: task.taskId,
      dependsOn: upstream,
      kind: task.action ?? object.kind,
      mapped: task.expand !== undefined,
      namespace: object.metadata.namespace ?? null,
      image: imageOf(object) ?? null,
      qosClass: qosOf(object) ?? null,
      doXcomPush: task.doXcomPush,
      xcomMode: task.doXcomPush ? task.xcomMode : null,
      retries: task.retries,
      onFinishAction: task.onFinishAction,
      source,
    }));
    stdout.write(document({ tasks: list }, options.output));
  } else {
    stdout.write(table(['task', 'kind', 'waits for', 'xcom', 'retries', 'qos', 'image'], tasks.map(({ task, object, upstream }) => [
      task.taskId, task.action ?? (task.expand ? `${object.kind}, mapped` : object.kind), upstream.join(',') || '-', task.doXcomPush ? task.xcomMode : '-', String(task.retries), qosOf(object) ?? '-', imageOf(object) ?? '-',
    ])));
  }
}

function imageOf(object: Manifest): string | undefined {
  const kind = objectKindOf(object);
  return kind ? kind.image(object) : object.spec?.containers[0].image;
}

/** The class of service of the task's pods; undefined where they are another program's matter, or there are none. */
function qosOf({ kind, spec }: Manifest): string | undefined {
  const pod = kind === 'Job' ? spec.template.spec : kind === 'Pod' ? spec : undefined;
  return pod && qosClass(pod);
}
