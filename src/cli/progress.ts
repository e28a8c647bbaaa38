import { painter, printable, taskName } from './text';
import { LiveState, RunEvent } from '../runtime/events';
import { RunResult, TaskResult } from '../runtime/result';

const COLORS: { [state in LiveState]?: 'green' | 'red' | 'yellow' | 'gray' } = {
  success: 'green', failed: 'red', upstream_failed: 'red', cancelled: 'yellow', skipped: 'yellow', up_for_retry: 'yellow', pending: 'gray',
};

/** What a run tells while it goes on: a line for each change and each line of a log. */
export class Progress {
  /** `-n NAME`, or nothing before the namespace is known. */
  public namespaces = '';
  private readonly paint;
  private width = 0;

  constructor(private readonly stream: NodeJS.WritableStream) {
    this.paint = painter(stream);
  }

  public show(event: RunEvent): void {
    switch (event.type) {
      case 'run':
        this.width = Math.max(...event.tasks.map(task => printable(task).length));
        this.namespaces = ` -n ${event.namespaces[0]}`;
        this.line(`run ${printable(event.runId)} in namespace ${event.namespaces.join(', ')} of ${event.server}`);
        break;
      case 'task': {
        const message = event.message ? `: ${event.message.slice(0, 300)}` : '';
        const attempt = event.attempt > 1 ? ` (try ${event.attempt})` : '';
        this.line(`${taskName(event.task, event.mapIndex).padEnd(this.width)}  ${this.paint(COLORS[event.state] ?? 'gray', event.state)}${attempt}${printable(message)}`);
        break;
      }
      case 'log':
        this.line(`${this.paint('gray', `[${taskName(event.task, event.mapIndex)}]`)} ${printable(event.line)}`);
        break;
      case 'note':
        this.line(`${event.task ? `${taskName(event.task, event.mapIndex).padEnd(this.width)}  ` : ''}note: ${printable(event.message)}`);
        break;
    }
  }

  /** Why tasks did not succeed, and what to do. */
  public failures(result: RunResult, logsShown: boolean): void {
    for (const task of result.tasks) {
      task.warnings.forEach(warning => this.line(`${taskName(task.name, task.mapIndex).padEnd(this.width)}  ${this.paint('yellow', 'warning')}: ${printable(warning)}`));
    }
    const failed = result.tasks.filter(task => task.state === 'failed');
    // A cluster that is away fails all tasks in the same words.
    const told = new Set<TaskResult>();
    for (const task of failed) {
      const same = failed.filter(other => other.message === task.message && other.pod === null && task.pod === null);
      if (!told.has(task)) { this.failure(task, (same.length > 1 ? same : [task]).map(({ name, mapIndex }) => taskName(name, mapIndex)), logsShown); }
      same.forEach(other => told.add(other));
    }
  }

  private failure(task: TaskResult, names: string[], logsShown: boolean): void {
    this.line('');
    const who = `task${names.length > 1 ? 's' : ''} ${names.join(', ')} failed`;
    this.line(`${this.paint('red', who)} (${task.failure}): ${task.reason}: ${printable(task.message ?? '')}`);
    const { evidence } = task;
    evidence?.events.forEach(event => this.line(`  event: ${printable(event)}`));
    if (evidence && !logsShown) { evidence.logTail.forEach(line => this.line(`  log: ${printable(line)}`)); }
    if (task.nextStep) { this.line(`  next: ${printable(task.nextStep)}`); }
  }

  private line(text: string): void {
    this.stream.write(`${text}\n`);
  }
}
