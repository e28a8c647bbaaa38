import { document } from './document';
import type { Streams } from './main';
import { checkNamespaces, namespaceOf, plan } from '../runtime/plan';
import { renderPod } from '../runtime/render';

export interface RenderCommandOptions {
  readonly task?: string[];
  readonly namespace?: string;
  readonly runId: string;
  readonly output: 'json' | 'yaml' | 'name';
}

/** Prints the pods of the first try of every task; a text that needs an XCom is printed as it is. */
export function renderCommand(path: string, options: RenderCommandOptions, { stdout, stderr }: Streams): void {
  const { tasks, notes } = plan(path, options.task);
  checkNamespaces(tasks, options.namespace);
  notes.forEach(note => stderr.write(`${note}\n`));
  const pods = tasks.map(planned => renderPod(planned, {
    runId: options.runId, tryNumber: 1, namespace: namespaceOf(planned, options.namespace), xcom: () => undefined, placeholders: true,
  }));
  switch (options.output) {
    case 'name': stdout.write(pods.map(pod => `pod/${pod.metadata.name}\n`).join('')); break;
    case 'json': stdout.write(document({ apiVersion: 'v1', kind: 'List', items: pods }, 'json')); break;
    case 'yaml': stdout.write(pods.map(pod => document(pod, 'yaml')).join('---\n')); break;
  }
}
