import { CallOptions, ObjectList } from './api';
import { ApiError, UnreachableError } from './errors';
import { LineSplitter } from './lines';
import { backoff, linked, now, sleep } from './wait';
import { Manifest } from '../pod/manifest';

/** The part of the API that a watch needs, for the objects of one kind. */
export interface WatchSource<T extends Manifest = Manifest> {
  /** As RBAC names the kind, such as `pods`. */
  readonly resource: string;
  list(namespace: string, labelSelector: string, query: { continue?: string }, options?: CallOptions): Promise<ObjectList<T>>;
  watch(namespace: string, labelSelector: string, query: { resourceVersion: string; timeoutSeconds: number }, options?: CallOptions):
  Promise<AsyncIterable<Buffer>>;
}

export interface WatchHandler<T extends Manifest = Manifest> {
  /** An object as it is now; the same state may come twice, and an older one after a newer one. */
  seen(object: T): void;
  /** An object is no more. `knownSince`: only one known for longer than this moment ({@link now}) is meant. */
  gone(name: string, uid: string, knownSince: number): void;
  /** Nothing could be read since the given moment; called at each failed try. */
  trouble(error: unknown, since: number): void;
}

/** A healthy watch brings a bookmark about once a minute. */
const SILENCE_MS = 75_000;
/** Bounds the damage of any watch that lies. */
const RELIST_MS = 120_000;
/** Longer than any list of one run's objects. */
const MAX_EVENT_BYTES = 8 * 1024 * 1024;

/** One list+watch of the objects of a kind that a run has in a namespace. */
export class ObjectWatch<T extends Manifest = Manifest> {
  private readonly stopped = new AbortController();
  private readonly known = new Map<string, string>();
  private resourceVersion = '';
  private loop?: Promise<void>;
  private failingSince?: number;
  private failures = 0;

  constructor(
    private readonly source: WatchSource<T>,
    private readonly namespace: string,
    private readonly selector: string,
    private readonly handler: WatchHandler<T>,
  ) {}

  /** Resolves when the first list has been handed over; after that the watch keeps itself alive until {@link stop}. */
  public async start(signal?: AbortSignal): Promise<void> {
    this.resourceVersion = await this.list(signal);
    this.loop = this.follow();
  }

  public async stop(): Promise<void> {
    this.stopped.abort(new Error('the watch was stopped'));
    await this.loop;
  }

  private async follow(): Promise<void> {
    const relist = setInterval(() => { void this.list().catch(() => {}); }, RELIST_MS);
    try {
      while (!this.stopped.signal.aborted) {
        try {
          if (this.resourceVersion === '') { this.resourceVersion = await this.list(); }
          await this.watch();
        } catch (error) {
          if (this.stopped.signal.aborted) { return; }
          if (error instanceof ApiError && error.status === 410) {
            this.resourceVersion = '';
            // The first relist is for free; a server that answers 410 for ever is not to be hammered.
            if (this.failures++ === 0) { continue; }
          } else {
            this.failingSince ??= now();
            this.failures++;
            this.handler.trouble(error, this.failingSince);
          }
          await sleep(backoff(this.failures), this.stopped.signal).catch(() => {});
        }
      }
    } finally {
      clearInterval(relist);
    }
  }

  /** Lists all pages, hands the objects over, and reports as gone what was known before and is not there now. */
  private async list(signal?: AbortSignal): Promise<string> {
    const startedAt = now();
    const before = new Map(this.known);
    const seen = new Set<string>();
    let page: ObjectList<T>;
    let next: string | undefined;
    do {
      page = await this.source.list(this.namespace, this.selector, next ? { continue: next } : {}, {
        signal: signal ? AbortSignal.any([signal, this.stopped.signal]) : this.stopped.signal, patienceMs: 10_000,
      });
      for (const object of page.items) {
        seen.add(object.metadata.uid);
        this.known.set(object.metadata.uid, object.metadata.name!);
        this.handler.seen(object);
      }
      next = page.metadata.continue;
    } while (next);
    for (const [uid, name] of before) {
      if (!seen.has(uid) && this.known.delete(uid)) { this.handler.gone(name, uid, startedAt); }
    }
    // Who can list is not blind, whatever the watch says.
    this.failingSince = undefined;
    return page.metadata.resourceVersion;
  }

  private async watch(): Promise<void> {
    const { controller, dispose } = linked(this.stopped.signal);
    const silence = () => setTimeout(() => controller.abort(new UnreachableError(`nothing heard from the watch for ${SILENCE_MS / 1000} s`)), SILENCE_MS);
    let timer = silence();
    try {
      const timeoutSeconds = 240 + Math.floor(Math.random() * 60);
      const stream = await this.source.watch(this.namespace, this.selector,
        { resourceVersion: this.resourceVersion, timeoutSeconds }, { signal: controller.signal, patienceMs: 0 });
      const openedAt = now();
      const lines = new LineSplitter(MAX_EVENT_BYTES);
      for await (const chunk of stream) {
        clearTimeout(timer);
        timer = silence();
        for (const line of lines.push(chunk)) { this.event(line); }
      }
      // A server that closes at once must not be asked again at once.
      if (now() - openedAt < 1000) { await sleep(backoff(++this.failures), this.stopped.signal); }
    } catch (error) {
      throw controller.signal.aborted ? controller.signal.reason : error;
    } finally {
      clearTimeout(timer);
      dispose();
      controller.abort();
    }
  }

  private event(line: Buffer): void {
    if (line.length === 0) { return; }
    const { type, object } = JSON.parse(line.toString('utf8'));
    switch (type) {
      case 'ADDED':
      case 'MODIFIED':
        this.known.set(object.metadata.uid, object.metadata.name);
        this.handler.seen(object);
        break;
      case 'DELETED':
        this.known.delete(object.metadata.uid);
        this.handler.seen(object);
        this.handler.gone(object.metadata.name, object.metadata.uid, now());
        break;
      case 'BOOKMARK':
        break;
      case 'ERROR':
        throw new ApiError({ verb: 'watch', resource: this.source.resource, namespace: this.namespace }, object?.code ?? 500, object?.reason ?? '', object?.message ?? '');
      default:
        throw new UnreachableError(`the watch brought an event of the unknown type '${type}'`);
    }
    this.resourceVersion = object.metadata.resourceVersion;
    this.failingSince = undefined;
    this.failures = 0;
  }
}
