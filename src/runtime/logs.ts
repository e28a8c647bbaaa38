import { LogOptions } from './api';
import { ApiError, UnreachableError } from './errors';
import { LineSplitter } from './lines';
import { backoff, linked, sleep } from './wait';

export interface LogSource {
  podLog(namespace: string, name: string, options: LogOptions & { patienceMs?: number }): Promise<AsyncIterable<Buffer>>;
}

export interface FollowOptions {
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
  readonly onLine: (timestamp: string, line: string) => void;
  /** Resolves when the container has ended. */
  readonly ended: Promise<unknown>;
  readonly signal: AbortSignal;
}

/** What comes in the place of a log that the node has no more. */
const LOST = /^unable to retrieve container logs for \S+$/;
/** Tries that bring nothing, after the container's end. */
const TRIES = 4;
/** How long a log may take that is there. */
const READ_MS = 60_000;

/**
 * Follows a container's log to its end, over any number of cuts without loss and without repetition.
 *
 * @returns a warning where lines may be missing
 */
export async function followLog(source: LogSource, options: FollowOptions): Promise<string | undefined> {
  const resume = new Resume(options.onLine);
  let ended = false;
  const end = options.ended.then(() => { ended = true; });
  let failures = 0;
  let gap: string | undefined;
  for (;;) {
    try {
      const stream = await source.podLog(options.namespace, options.name, {
        container: options.container, follow: true, timestamps: true, sinceTime: resume.sinceTime(), signal: options.signal, patienceMs: 2_000,
      });
      const lines = new LineSplitter();
      for await (const chunk of stream) {
        failures = 0;
        for (const line of lines.push(chunk)) { gap = resume.take(line) ?? gap; }
      }
      const rest = lines.end();
      if (rest) { gap = resume.take(rest) ?? gap; }
      // A stream that the server ends is complete if the container's end explains it; the news of that may take a moment longer.
      if (!ended) { await Promise.race([end, sleep(2_000, options.signal)]); }
      if (ended) { return gap; }
    } catch (error) {
      if (options.signal.aborted) { return gap; }
      const hopeless = error instanceof ApiError && (error.lacksRight || (ended && (error.status === 404 || error.status === 400)));
      if (hopeless || (ended && ++failures >= TRIES)) { return `the log is not complete: ${(error as Error).message}`; }
      if (!ended) { failures++; }
    }
    try { await sleep(Math.max(100, backoff(failures)), options.signal); } catch { return gap; }
  }
}

/** The log of a container as it is now. A server that falls silent within it does not hold whoever reads. */
export async function readLog(source: LogSource, namespace: string, name: string, options: Parameters<LogSource['podLog']>[2]): Promise<Buffer> {
  const { controller: { signal }, dispose } = linked(options.signal, { ms: READ_MS, reason: () => new UnreachableError(`the log of pod '${name}' did not come to its end within ${READ_MS / 1000} s`) });
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of await source.podLog(namespace, name, { ...options, signal })) { chunks.push(chunk); }
    return Buffer.concat(chunks);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    dispose();
  }
}

/** Where a log was left, and how to find that place again. */
export class Resume {
  private last = '';
  /** Lines with the stamp {@link last}. */
  private count = 0;
  /** Lines with that stamp still to be seen again; 0 when the place was found. */
  private missing = 0;

  constructor(private readonly onLine: (timestamp: string, line: string) => void) {}

  /**
   * The point to ask from, a second before the last line. The server cuts it to whole seconds, and where it falls into a line longer than 16 KiB the tail
   * of that line comes back as a line of its own: so everything is dropped until the last line has come again.
   */
  public sinceTime(): string | undefined {
    if (this.last === '') { return undefined; }
    this.missing = this.count;
    return `${new Date(Date.parse(this.last) - 1000).toISOString().slice(0, 19)}Z`;
  }

  /** @returns a warning where the place is not there any more */
  public take(bytes: Buffer): string | undefined {
    const text = bytes.toString('utf8');
    const space = text.indexOf(' ');
    const stamp = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(text.slice(0, space < 0 ? undefined : space)) ? text.slice(0, space < 0 ? undefined : space) : '';
    let warning: string | undefined;
    if (this.missing > 0) {
      if (stamp === this.last) { this.missing--; return undefined; }
      if (stamp === '' || order(stamp) < order(this.last)) { return undefined; }
      // The lines that came with the last stamp have all been seen, or they were rotated away.
      if (this.missing === this.count) { warning = `lines of the log are missing after ${this.last}`; }
      this.missing = 0;
    }
    // The kubelet's own words, where a line of the container has its stamp.
    if (stamp === '' && this.last === '' && LOST.test(text)) { return `the log is lost: ${text}`; }
    if (stamp === this.last) { this.count++; } else if (stamp !== '') { this.last = stamp; this.count = 1; }
    this.onLine(stamp, stamp === '' ? text : space < 0 ? '' : text.slice(space + 1));
    return warning;
  }
}

/** Stamps have up to nine digits after the point, trailing zeros left out. */
function order(stamp: string): string {
  const fraction = /\.(\d+)/.exec(stamp)?.[1] ?? '';
  return `${new Date(Date.parse(stamp)).toISOString().slice(0, 19)}.${fraction.padEnd(9, '0')}`;
}
