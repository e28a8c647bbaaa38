import { EventEmitter } from 'node:events';

/** One record of the log, as containerd writes it: a line, or a piece of a long one. */
export interface LogRecord {
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly data: Buffer;
  /** True where the line goes on in the next record. */
  readonly partial: boolean;
}

export interface LogQuery {
  readonly follow: boolean;
  readonly timestamps: boolean;
  /** Nanoseconds since 1970: what is older is left out. */
  readonly since?: bigint;
  readonly tailLines?: number;
  readonly limitBytes?: number;
}

const PIECE = 16 * 1024;
/** What the kubelet keeps before it rotates a log. */
const MAX_BYTES = 10 * 1024 * 1024;
const started = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
let last = 0n;

/** Later than every time that was given before, so that no two records share one. */
function timestamp(): bigint {
  const time = started + process.hrtime.bigint();
  last = time > last ? time : last + 1n;
  return last;
}

/** The output of one run of a container, stdout and stderr together, in memory. */
export class ContainerLog {
  private records: LogRecord[] = [];
  private bytes = 0;
  private ended = false;
  private readonly grown = new EventEmitter().setMaxListeners(0);
  private readonly rests = new Map<string, Buffer>();

  public write(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    let rest = Buffer.concat([this.rests.get(stream) ?? Buffer.alloc(0), chunk]);
    for (;;) {
      const end = rest.subarray(0, PIECE).indexOf(0x0a);
      if (end < 0 && rest.length < PIECE) { break; }
      const cut = end < 0 ? PIECE : end + 1;
      this.add(rest.subarray(0, cut), end < 0);
      rest = rest.subarray(cut);
    }
    this.rests.set(stream, rest);
    this.grown.emit('grown');
  }

  public end(): void {
    for (const rest of this.rests.values()) {
      if (rest.length > 0) { this.add(rest, true); }
    }
    this.rests.clear();
    this.ended = true;
    this.grown.emit('grown');
  }

  /** The last lines, as FallbackToLogsOnError takes them. */
  public tail(lines: number, bytes: number): string {
    const from = this.indexOfTail(lines);
    const text = Buffer.concat(this.records.slice(from).map(record => record.data));
    return text.subarray(Math.max(0, text.length - bytes)).toString();
  }

  /** The chunks that a query gives; with `follow` until the container ends or the signal aborts. */
  public async *read(query: LogQuery, signal: AbortSignal): AsyncGenerator<Buffer> {
    let index = query.tailLines === undefined ? 0 : this.indexOfTail(query.tailLines);
    let left = query.limitBytes ?? Infinity;
    let freshLine = true;
    let lastTime = 0n;
    for (;;) {
      for (; index < this.records.length; index++) {
        const { time, data, partial } = this.records[index];
        lastTime = time;
        if (time < (query.since ?? 0n)) { continue; }
        const prefix = query.timestamps && freshLine ? `${formatTime(time)} ` : '';
        const chunk = Buffer.concat([Buffer.from(prefix), data]).subarray(0, left);
        left -= chunk.length;
        freshLine = !partial;
        yield chunk;
        if (left <= 0) { return; }
      }
      if (!query.follow || this.ended || signal.aborted) { return; }
      await new Promise<void>(resolve => {
        const done = () => {
          this.grown.off('grown', done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        this.grown.once('grown', done);
        signal.addEventListener('abort', done, { once: true });
      });
      // Old records may have gone meanwhile.
      index = this.records.findIndex(record => record.time > lastTime);
      if (index < 0) { index = this.records.length; }
    }
  }

  private add(data: Buffer, partial: boolean): void {
    this.records.push({ time: timestamp(), data, partial });
    this.bytes += data.length;
    if (this.bytes > MAX_BYTES) {
      // Half at a time: one by one would be slow.
      this.records = this.records.slice(Math.ceil(this.records.length / 2));
      this.bytes = this.records.reduce((sum, record) => sum + record.data.length, 0);
    }
  }

  private indexOfTail(lines: number): number {
    let index = this.records.length;
    for (let left = lines; index > 0; index--) {
      const startsLine = index === this.records.length || !this.records[index - 1].partial;
      if (startsLine && left-- === 0) { break; }
    }
    return index;
  }
}

/** RFC 3339 with nine digits, as the kubelet writes it. */
function formatTime(time: bigint): string {
  const seconds = new Date(Number(time / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(time % 1_000_000_000n).padStart(9, '0')}Z`;
}
