import { KubernetesApi } from './api';
import { followLog, readLog } from './logs';
import { CLEAN_UP_MS } from './try-object';
import { sleep } from './wait';

/** The last log lines that are kept as evidence, and how much of each. */
const TAIL_LINES = 50;
const TAIL_CHARACTERS = 2000;

export interface TryLogOptions {
  readonly api: KubernetesApi;
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
  readonly signal: AbortSignal;
  readonly onLine: (timestamp: string, line: string) => void;
  readonly onWarning: (warning: string) => void;
}

/** The log of the base container of one try: read while it runs, or its end only. */
export class TryLog {
  private readonly tail: string[] = [];
  private readonly stop = new AbortController();
  private reading?: Promise<void>;
  private markEnded!: () => void;
  private readonly ended = new Promise<void>(resolve => { this.markEnded = resolve; });

  constructor(private readonly options: TryLogOptions) {}

  /** Of an init container, too, whose end was the pod's. */
  public follow(container = this.options.container): void {
    const { api, namespace, name, onLine, onWarning, signal } = this.options;
    this.reading ??= followLog(api, {
      namespace,
      name,
      container,
      ended: this.ended,
      signal: AbortSignal.any([signal, this.stop.signal]),
      onLine: (timestamp, line) => {
        this.keep([line]);
        onLine(timestamp, line);
      },
    }).then(warning => { if (warning) { onWarning(warning); } }, error => onWarning(`the log is not complete: ${error.message}`));
  }

  /** To be told when the container has ended. */
  public containerEnded(): void {
    this.markEnded();
  }

  /** A log that does not come to its end does not hold up the result. */
  public async finish(): Promise<void> {
    if (!this.reading) { return; }
    const late = sleep(CLEAN_UP_MS, this.stop.signal).then(() => 'late', () => 'late');
    if (await Promise.race([this.reading, late]) === 'late') { this.options.onWarning('the log did not come to its end in time'); }
    this.close();
  }

  public close(): void {
    this.stop.abort();
  }

  /** The last lines of the container that spoke, read now where the log was not followed. */
  public async lastLines(container: string | undefined): Promise<string[]> {
    const { api, namespace, name, signal } = this.options;
    if (!this.reading && container !== undefined) {
      try {
        const log = await readLog(api, namespace, name, { container, tailLines: TAIL_LINES, limitBytes: 256 * 1024, patienceMs: 2_000, signal });
        this.keep(log.toString('utf8').replace(/\n$/, '').split('\n'));
      } catch (error) {
        this.options.onWarning(`the log could not be read: ${(error as Error).message}`);
      }
    }
    return [...this.tail];
  }

  private keep(lines: string[]): void {
    // Copies: a part of a text holds the whole in memory.
    this.tail.push(...lines.map(line => line.length > TAIL_CHARACTERS ? Buffer.from(line.slice(0, TAIL_CHARACTERS)).toString() : line));
    this.tail.splice(0, this.tail.length - TAIL_LINES);
  }
}
