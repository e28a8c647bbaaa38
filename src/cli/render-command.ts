import { document } from './document';
import type { Streams } from './exit';
import { templateContext, TemplateOptions } from './template-options';
import { checkNamespaces, namespaceOf, plan } from '../runtime/plan';
import { checkTemplates, podOfOperator, podOfTry } from '../runtime/render';

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

/** Prints the pods of a try of every task; a text that needs an XCom that nobody gave is printed as it is. */
export function renderCommand(path: string, options: RenderCommandOptions, { stdout, stderr }: Streams): void {
  const { runId, dagId, mapIndex, tryNumber, logicalDate, airflowVersion } = options;
  const context = templateContext(options);
  const planned = plan(path, options.task);
  planned.notes.forEach(note => stderr.write(`${note}\n`));
  const identity = { runId, dagId, mapIndex, tryNumber, logicalDate, airflowVersion };
  const tasks = checkTemplates(planned.tasks, { ...identity, context });
  checkNamespaces(tasks, options.namespace);
  const pods = tasks.map(task => {
    const namespace = namespaceOf(task, options.namespace);
    if (dagId === undefined) { return podOfTry(task, { ...identity, context, namespace, xcom: () => undefined, placeholders: true }); }
    const pod = podOfOperator(task, { ...identity, taskId: task.task.taskId, inCluster: false }, context, true);
    return { ...pod, metadata: { ...pod.metadata, namespace } };
  });
  switch (options.output) {
    case 'name': stdout.write(pods.map(pod => `pod/${pod.metadata.name}\n`).join('')); break;
    case 'json': stdout.write(document({ apiVersion: 'v1', kind: 'List', items: pods }, 'json')); break;
    case 'yaml': stdout.write(pods.map(pod => document(pod, 'yaml')).join('---\n')); break;
  }
}
