import { ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import { Reaper } from './reaper';
import { MAX_TIMER, timeout } from './timeout';

/** What becomes a process. */
export interface Launch {
  readonly command: string[];
  readonly env: { readonly [name: string]: string };
  readonly cwd: string;
  /** Where the process group is known as long as it lives. */
  readonly reaper: Reaper;
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
  /** Something is written to its stdin. @default - stdin is empty */
  readonly stdin?: boolean;
}

/** The program is not there or cannot be executed. */
export class StartError extends Error {}

/** After a process ended, how long output of what it left behind is waited for, in milliseconds. */
const DRAIN = 1000;

/** A local process in a process group of its own, so that a signal to the group reaches its children. */
export class ContainerProcess {
  /** @throws StartError in runc's words */
  public static start(launch: Launch): Promise<ContainerProcess> {
    const [program, ...args] = launch.command;
    const child = spawn(program, args, { cwd: launch.cwd, env: launch.env, detached: true, stdio: [launch.stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'] });
    child.stdin?.on('error', () => {});
    return new Promise((resolve, reject) => {
      child.once('error', error => reject(new StartError(startMessage(program, error as NodeJS.ErrnoException, launch.env.PATH))));
      child.once('spawn', () => {
        launch.reaper.add(child.pid!);
        resolve(new ContainerProcess(child, launch));
      });
    });
  }

  /** Resolves with the exit code when the process has ended, its children are killed and its output is read. */
  public readonly exited: Promise<number>;
  private running = true;

  private constructor(private readonly child: ChildProcess, launch: Launch) {
    child.stdout!.on('data', (chunk: Buffer) => launch.onOutput('stdout', chunk));
    child.stderr!.on('data', (chunk: Buffer) => launch.onOutput('stderr', chunk));
    const closed = new Promise<void>(resolve => child.once('close', () => resolve()));
    this.exited = new Promise<number>(resolve => {
      child.once('exit', (code, signal) => {
        this.running = false;
        this.killGroup();
        launch.reaper.remove(child.pid!);
        void Promise.race([closed, timeout(DRAIN)]).then(() => {
          child.stdout!.destroy();
          child.stderr!.destroy();
          resolve(code ?? 128 + os.constants.signals[signal!]);
        });
      });
    });
  }

  public get pid(): number { return this.child.pid!; }

  public write(chunk: Buffer): void {
    this.child.stdin?.write(chunk);
  }

  public endInput(): void {
    this.child.stdin?.end();
  }

  /** TERM to the process, as the kubelet does; KILL to its whole group when the time is up. */
  public async stop(graceMilliseconds: number): Promise<void> {
    if (!this.running) { return; }
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.killGroup(), Math.min(graceMilliseconds, MAX_TIMER));
    await this.exited;
    clearTimeout(timer);
  }

  public killGroup(): void {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // No process of the group is left.
    }
  }
}

function startMessage(program: string, error: NodeJS.ErrnoException, folders = ''): string {
  const path = program.includes('/');
  // A folder of PATH that this user may not search gives EACCES for whatever is found nowhere.
  const absent = error.code === 'ENOENT' || (error.code === 'EACCES' && !path && !folders.split(':').some(folder => fs.existsSync(`${folder}/${program}`)));
  if (absent) { return `exec: ${JSON.stringify(program)}: ${path ? `stat ${program}: no such file or directory` : 'executable file not found in $PATH'}`; }
  return `exec: ${JSON.stringify(program)}: ${error.code === 'EACCES' ? 'permission denied' : error.message}`;
}
