import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { certificate } from './certificate';
import { EventRecorder } from './event-recorder';
import { Kubelet } from './kubelet';
import { Reaper } from './reaper';
import { Interceptor, Server } from './server';
import { Store } from './store';
import { Connection } from '../runtime/connection';

/** Options of {@link EmbeddedCluster.start}. */
export interface EmbeddedClusterOptions {
  /** The namespace of {@link EmbeddedCluster.connection}. @default 'default' */
  readonly namespace?: string;
  /** The namespaces that exist beside the connection's; to create anything in another one gives 404, as on a real cluster. @default - any namespace exists when it is used */
  readonly namespaces?: string[];
  /** Says whether an image can be pulled; one that cannot gives ErrImagePull, then ImagePullBackOff. @default - every image can be pulled */
  readonly images?: (image: string) => boolean;
  /** Labels of the one node beside its host name, for node selectors and affinities. @default - none */
  readonly nodeLabels?: { readonly [key: string]: string };
  /** What the node has for requests, as quantities; nothing limits what a process uses. @default { cpu: '8', memory: '32Gi' } */
  readonly nodeCapacity?: { readonly cpu: string; readonly memory: string };
}

const NODE = 'embedded';

/**
 * A Kubernetes API server in this process, whose pods are local processes: for tests and first steps on a machine without a cluster.
 *
 * Images and isolation are not applied. A container's command runs with the programs of this machine, as the current user, with the variables of
 * the manifest and this machine's PATH. Volumes are temporary folders: mount paths in command, args and variables are rewritten to them (a path that
 * a program builds itself is not). Probes, lifecycle hooks, security contexts, networks and limits are not applied. Processes are not PID 1: TERM
 * ends one that does not handle it.
 */
export class EmbeddedCluster {
  public static async start(options: EmbeddedClusterOptions = {}): Promise<EmbeddedCluster> {
    const { key, cert } = certificate();
    const token = randomBytes(24).toString('hex');
    const store = new Store(options.namespaces === undefined);
    const namespace = options.namespace ?? 'default';
    for (const name of [namespace, ...options.namespaces ?? []]) { store.ensureNamespace(name); }
    const root = temporaryFolder();
    const reaper = new Reaper(root);
    const node = {
      name: NODE,
      labels: { 'kubernetes.io/hostname': NODE, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': os.arch() === 'x64' ? 'amd64' : os.arch(), ...options.nodeLabels },
      capacity: options.nodeCapacity ?? { cpu: '8', memory: '32Gi' },
    };
    const shared = { store, events: new EventRecorder(store, NODE), reaper, root, tools: makeTools(root), token };
    const kubelet = new Kubelet({ ...shared, images: options.images ?? (() => true) }, node);
    const server = await Server.listen({ key, cert }, token, store, kubelet);
    return new EmbeddedCluster({ server: server.url, ca: cert, token, namespace }, server, kubelet, store, reaper);
  }

  private stopped: Promise<void> | undefined;

  private constructor(
    /** How to reach the API server. */
    public readonly connection: Connection,
    private readonly server: Server,
    private readonly kubelet: Kubelet,
    private readonly store: Store,
    private readonly reaper: Reaper,
  ) {}

  /**
   * Puts a fault in the way of requests: the interceptor sees each one before it is answered and gives undefined to let it pass. Several are asked in their order.
   *
   * @returns a function that takes it away again
   */
  public intercept(interceptor: Interceptor): () => void {
    return this.server.intercept(interceptor);
  }

  /** Cuts every open connection: watches, followed logs, execs and idle ones. */
  public disconnect(): void {
    this.server.disconnect();
  }

  /** Forgets the history of changes: a watch that resumes from an older version gets 410 Expired. */
  public compact(): void {
    this.store.compact();
  }

  /** Kills all processes, removes all folders and closes the server. */
  public stop(): Promise<void> {
    this.stopped ??= this.shutDown();
    return this.stopped;
  }

  private async shutDown(): Promise<void> {
    await this.server.stop();
    await this.kubelet.stop();
    await this.reaper.finish();
  }
}

/** The one program of the XCom scripts that macOS may lack. @returns its folder */
function makeTools(root: string): string {
  const tools = path.join(root, 'tools');
  fs.mkdirSync(tools);
  fs.writeFileSync(path.join(tools, 'sha256sum'), '#!/bin/sh\nexec shasum -a 256 "$@"\n', { mode: 0o755 });
  return tools;
}

/** A path that scripts can use without quotes, without symbolic links. */
function temporaryFolder(): string {
  const real = fs.realpathSync(os.tmpdir());
  return fs.mkdtempSync(path.join(/^[\w/.-]+$/.test(real) ? real : '/tmp', 'cdk8s-airflow-'));
}
