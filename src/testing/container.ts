import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ContainerLog } from './container-log';
import { ContainerProcess, Launch, StartError } from './container-process';
import { environment, expand } from './environment';
import { pathRewrite, Rewrite } from './paths';
import { Reaper } from './reaper';
import { now, Store } from './store';
import { mountTargets } from './volumes';
import { Manifest } from '../pod/manifest';

const NO_COMMAND = 'the embedded cluster runs no images, so the entrypoint of image %s is unknown: set the command '
  + "('cmds' of a PodTask), or run this pod on a real cluster";
const RUNC = 'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ';
/** What the kubelet keeps of one message, of all messages of a pod, and of the log where it stands in for a message. */
const MESSAGE_BYTES = 4096;
const POD_MESSAGE_BYTES = 12 * 1024;
const LOG_LINES = 80;
const LOG_BYTES = 2048;

/** What all containers share. */
export interface ContainerContext {
  readonly store: Store;
  readonly reaper: Reaper;
  /** A folder of programs that this machine may lack. */
  readonly tools: string;
}

/** A container of a pod: its state as the status shows it, and its process. */
export class Container {
  public state: any;
  public lastState: any = {};
  public restartCount = 0;
  public id: string | undefined;
  public log: ContainerLog | undefined;
  public previousLog: ContainerLog | undefined;
  public process: ContainerProcess | undefined;
  private readonly executed = new Set<ContainerProcess>();
  private settings: (Pick<Launch, 'env' | 'cwd' | 'reaper'> & { readonly rewrite: Rewrite }) | undefined;
  private command: string[] = [];

  public constructor(
    public readonly pod: Manifest,
    public readonly spec: any,
    public readonly field: 'initContainers' | 'containers',
    private readonly folder: string,
    private readonly context: ContainerContext,
  ) {
    this.state = { waiting: { reason: pod.spec.initContainers ? 'PodInitializing' : 'ContainerCreating' } };
  }

  public get name(): string { return this.spec.name; }
  public get sidecar(): boolean { return this.field === 'initContainers' && this.spec.restartPolicy === 'Always'; }
  public get exitCode(): number | undefined { return this.state.terminated?.exitCode; }

  /**
   * Starts the process. One that cannot be started is terminated with StartError, as under containerd.
   *
   * @throws ConfigError where a Secret or ConfigMap of its variables is missing
   */
  public async start(volumes: Map<string, string>): Promise<void> {
    const { store, reaper, tools } = this.context;
    const variables = environment(store, this.pod, this.spec);
    const targets = mountTargets(this.spec, volumes, variables);
    for (const name of ['home', 'tmp', 'work']) { fs.mkdirSync(path.join(this.folder, name), { recursive: true }); }
    fs.writeFileSync(this.messageFile, '');
    targets.set(this.spec.terminationMessagePath, this.messageFile);
    const rewrite = pathRewrite(targets);
    const words = [...this.spec.command ?? [], ...this.spec.args ?? []].map(word => rewrite(expand(word, variables)));
    const cwd = rewrite(this.spec.workingDir ?? '');
    this.settings = {
      rewrite,
      reaper,
      // The image's folders are not here: a working directory that is missing is an empty one.
      cwd: cwd !== '' && fs.existsSync(cwd) ? cwd : path.join(this.folder, 'work'),
      env: {
        PATH: `${process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin'}:${tools}`,
        HOME: path.join(this.folder, 'home'),
        TMPDIR: path.join(this.folder, 'tmp'),
        ...Object.fromEntries([...variables].map(([name, value]) => [name, rewrite(value)])),
      },
    };
    this.command = words;
    this.previousLog = this.log;
    const log = new ContainerLog();
    this.log = log;
    this.id = `embedded://${randomBytes(32).toString('hex')}`;
    try {
      if (!this.spec.command?.length) { throw new StartError(NO_COMMAND.replace('%s', this.spec.image)); }
      this.process = await ContainerProcess.start({ ...this.settings, command: words, onOutput: (stream, chunk) => log.write(stream, chunk) });
      this.state = { running: { startedAt: now() } };
    } catch (error) {
      if (!(error instanceof StartError)) { throw error; }
      log.end();
      const message = this.spec.command?.length ? `${RUNC}${error.message}: unknown` : error.message;
      this.terminated({ exitCode: 128, reason: 'StartError', message, startedAt: '1970-01-01T00:00:00Z' });
    }
  }

  /** Resolves when the process has ended and the state says so. */
  public async ended(): Promise<void> {
    if (!this.process) { return; }
    const exitCode = await this.process.exited;
    if (this.process === undefined) { return; }
    this.process = undefined;
    this.killAll();
    this.log!.end();
    const message = this.terminationMessage(exitCode);
    this.terminated({ exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', ...message && { message }, startedAt: this.state.running.startedAt });
  }

  /** Runs another program in the container. @throws StartError */
  public async exec(command: string[], onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void, stdin = false): Promise<ContainerProcess> {
    const { rewrite, ...settings } = this.settings!;
    // Pids are this machine's, so a script that looks through /proc sees the container's own process alone.
    const inContainer = pathRewrite(new Map([['/proc', this.procFolder()]]));
    const process = await ContainerProcess.start({ ...settings, command: command.map(word => inContainer(rewrite(word))), onOutput, stdin });
    this.executed.add(process);
    void process.exited.then(() => this.executed.delete(process));
    return process;
  }

  public killAll(): void {
    this.process?.killGroup();
    for (const other of this.executed) { other.killGroup(); }
  }

  private get messageFile(): string { return path.join(this.folder, 'termination-log'); }

  /** A folder like /proc with the main process alone. */
  private procFolder(): string {
    const proc = path.join(this.folder, 'proc');
    fs.rmSync(proc, { recursive: true, force: true });
    const own = path.join(proc, String(this.process!.pid));
    fs.mkdirSync(own, { recursive: true });
    fs.writeFileSync(path.join(own, 'cmdline'), this.command.map(word => `${word}\0`).join(''));
    return proc;
  }

  private terminated(state: any): void {
    this.state = { terminated: { ...state, finishedAt: now(), containerID: this.id } };
  }

  private terminationMessage(exitCode: number): string {
    const share = Math.floor(POD_MESSAGE_BYTES / ((this.pod.spec.initContainers?.length ?? 0) + this.pod.spec.containers.length));
    const file = fs.existsSync(this.messageFile) ? fs.readFileSync(this.messageFile) : Buffer.alloc(0);
    const fallback = file.length === 0 && exitCode !== 0 && this.spec.terminationMessagePolicy === 'FallbackToLogsOnError';
    const message = fallback ? Buffer.from(this.log!.tail(LOG_LINES, LOG_BYTES)) : file.subarray(0, MESSAGE_BYTES);
    return message.subarray(0, share).toString();
  }
}
