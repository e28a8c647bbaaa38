import { createHash } from 'node:crypto';
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ManifestError } from './errors';
import { TaskResult } from './result';

/** A line of the journal. */
export type JournalEntry =
  | { readonly type: 'run'; readonly runId: string; readonly server: string }
  /** A pod, or the Job and the like of a task, was created or adopted. */
  | { readonly type: 'started'; readonly task: string; readonly mapIndex?: number; readonly try: number; readonly namespace: string; readonly pod: string; readonly uid: string }
  /** A try ended and another one follows, or was cancelled and may begin again. */
  | { readonly type: 'ended'; readonly task: string; readonly mapIndex?: number; readonly try: number; readonly outcome: 'retry' | 'cancelled' }
  /** The last word on a task. `xcom` is the JSON text as it was written, `xcoms` are those of other keys. */
  | {
    readonly type: 'result';
    readonly task: string;
    readonly mapIndex?: number;
    readonly spec: string;
    readonly result: TaskResult;
    readonly xcom: string | null;
    readonly xcoms?: { readonly [key: string]: string };
  };

export type TaskEntry = Exclude<JournalEntry, { type: 'run' }>;

/**
 * What a run has come to, one line for each step, written through to the disk before the next step depends on it.
 *
 * A line is a checksum and JSON: a line torn by a crash is dropped.
 */
export class Journal {
  /** True where the journal held nothing when it was opened. */
  public fresh = true;
  private handle?: FileHandle;
  private readonly entries: JournalEntry[] = [];
  private readonly byTask = new Map<string, TaskEntry[]>();
  /** Bytes of the file that {@link entries} was read from. */
  private known = 0;
  private writing: Promise<void> = Promise.resolve();

  constructor(public readonly file: string) {}

  /** The entries so far, those of another runner of the same run among them. What follows a damaged line is still read. */
  public read(): readonly JournalEntry[] {
    if (!existsSync(this.file) || statSync(this.file).size <= this.known) { return this.entries; }
    const bytes = bytesFrom(this.file, this.known);
    const end = bytes.lastIndexOf(0x0a) + 1;
    for (const line of bytes.subarray(0, end).toString('utf8').split('\n')) {
      const [sum, text] = [line.slice(0, 8), line.slice(9)];
      if (text === '' || checksum(text) !== sum) { continue; }
      const entry: JournalEntry = JSON.parse(text);
      this.entries.push(entry);
      if (entry.type !== 'run') { this.byTask.set(entry.task, [...this.byTask.get(entry.task) ?? [], entry]); }
    }
    this.known += end;
    return this.entries;
  }

  /** The entries about a task. */
  public of(taskId: string): readonly TaskEntry[] {
    this.read();
    return this.byTask.get(taskId) ?? [];
  }

  /** @throws ManifestError where the journal is another run's. */
  public async open(runId: string, server: string): Promise<void> {
    const entries = this.read();
    const run = entries.find(entry => entry.type === 'run');
    this.fresh = run === undefined;
    if (run && (run.runId !== runId || run.server !== server)) {
      throw new ManifestError(`journal ${this.file} is that of run '${run.runId}' on ${run.server}, not of '${runId}' on ${server}`,
        "choose another '--run-id', or remove the journal if that run is over");
    }
    mkdirSync(dirname(this.file), { recursive: true });
    this.handle = await open(this.file, 'a+');
    // A torn last line must not swallow the next one.
    const { size } = await this.handle.stat();
    if (size > 0 && (await this.handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer[0] !== 0x0a) { await this.handle.appendFile('\n'); }
    if (!run) { await this.append({ type: 'run', runId, server }); }
  }

  /** Resolves when the entry is on the disk. */
  public append(entry: JournalEntry): Promise<void> {
    const text = JSON.stringify(entry);
    const write = this.writing.then(async () => {
      await this.handle!.appendFile(`${checksum(text)} ${text}\n`);
      await this.handle!.datasync();
    });
    this.writing = write.catch(() => {});
    return write;
  }

  public async close(): Promise<void> {
    await this.writing;
    await this.handle?.close();
  }
}

/** What a file holds from there on: what came before, megabytes of XComs perhaps, is known. */
function bytesFrom(file: string, start: number): Buffer {
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(handle).size - start));
    return bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, start));
  } finally {
    closeSync(handle);
  }
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
