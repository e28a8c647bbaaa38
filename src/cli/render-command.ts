import { document } from './document';
import type { Streams } from './exit';
import { templateContext, TemplateOptions } from './template-options';
import { checkNamespaces, namespaceOf, plan } from '../runtime/plan';
import { checkTemplates, instancesOf, objectOfOperator, objectOfTry } from '../runtime/render';

export interface RenderCommandOptions extends TemplateOptions {
  readonly task?: string[];
  readonly namespace?: string;
  readonly runId: string;
  readonly dagId?: string;
  readonly mapIndex?: number;
  readonly tryNumber: number;
  readonly airflowVersion: string;
  readonly output: 'json' | 'yaml' | 'name';
}

/** Prints the pods, Jobs and the like of a try of every task; a text that needs an XCom that nobody gave is printed as it is. */
export function renderCommand(path: string, options: RenderCommandOptions, { stdout, stderr }: Streams): void {
  const { runId, dagId, mapIndex, tryNumber, logicalDate, airflowVersion } = options;
  const context = templateContext(options);
  const planned = plan(path, options.task, dagId);
  planned.notes.forEach(note => stderr.write(`${note}\n`));
  const identity = { runId, dagId, tryNumber, logicalDate, airflowVersion };
  const tasks = checkTemplates(planned.tasks, { ...identity, context });
  checkNamespaces(tasks, options.namespace);
  const instances = tasks.flatMap(task => {
    const all = task.task.expand ? instancesOf(task, context) : [mapIndex === undefined ? task : { ...task, mapIndex }];
    if (!all) { stderr.write(`task '${task.task.taskId}' is mapped over an XCom that is not known: its pods are left out; give it as 'xcom' in '--context-file'\n`); }
    if (all && mapIndex !== undefined && task.task.expand && mapIndex >= all.length) {
      stderr.write(`task '${task.task.taskId}' has no map index ${mapIndex}, but ${all.length} of them from 0 on: it is left out\n`);
    }
    return (all ?? []).filter(instance => mapIndex === undefined || instance.mapIndex === mapIndex);
  });
  const objects = instances.map(task => {
    const namespace = namespaceOf(task, options.namespace);
    if (dagId === undefined) { return objectOfTry(task, { ...identity, context, namespace, xcom: () => undefined, placeholders: true }); }
    const object = objectOfOperator(task, { ...identity, mapIndex: task.mapIndex, taskId: task.task.taskId, inCluster: false }, context, true);
    return { ...object, metadata: { ...object.metadata, namespace } };
  });
  switch (options.output) {
    case 'name': stdout.write(objects.map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}\n`).join('')); break;
    case 'json': stdout.write(document({ apiVersion: 'v1', kind: 'List', items: objects }, 'json')); break;
    case 'yaml': stdout.write(objects.map(object => document(object, 'yaml')).join('---\n')); break;
  }
}
