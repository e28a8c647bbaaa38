import { CallOptions, Pod, PodList } from './api';
import { ApiError, UnreachableError } from './errors';
import { LineSplitter } from './lines';
import { backoff, linked, now, sleep } from './wait';

/** The part of the API that a watch needs. */
export interface PodSource {
  listPods(namespace: string, labelSelector: string, query: { continue?: string }, options?: CallOptions): Promise<PodList>;
  watchPods(namespace: string, labelSelector: string, query: { resourceVersion: string; timeoutSeconds: number }, options?: CallOptions):
  Promise<AsyncIterable<Buffer>>;
}

export interface PodWatchHandler {
  /** A pod as it is now; the same state may come twice, and an older one after a newer one. */
  pod(pod: Pod): void;
  /** A pod is no more. `knownSince`: only a pod known for longer than this moment ({@link now}) is meant. */
  gone(name: string, uid: string, knownSince: number): void;
  /** Nothing could be read since the given moment; called at each failed try. */
  trouble(error: unknown, since: number): void;
}

/** A healthy watch brings a bookmark about once a minute. */
const SILENCE_MS = 75_000;
/** Bounds the damage of any watch that lies. */
const RELIST_MS = 120_000;
/** Longer than any list of one run's pods. */
const MAX_EVENT_BYTES = 8 * 1024 * 1024;

/** One list+watch of the pods of a run in a namespace. */
export class PodWatch {
  private readonly stopped = new AbortController();
  private readonly known = new Map<string, string>();
  private resourceVersion = '';
  private loop?: Promise<void>;
  private failingSince?: number;
  private failures = 0;

  constructor(
    private readonly source: PodSource,
    private readonly namespace: string,
    private readonly selector: string,
    private readonly handler: PodWatchHandler,
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

  /** Lists all pages, hands the pods over, and reports as gone what was known before and is not there now. */
  private async list(signal?: AbortSignal): Promise<string> {
    const startedAt = now();
    const before = new Map(this.known);
    const seen = new Set<string>();
    let page: PodList;
    let next: string | undefined;
    do {
      page = await this.source.listPods(this.namespace, this.selector, next ? { continue: next } : {}, {
        signal: signal ? AbortSignal.any([signal, this.stopped.signal]) : this.stopped.signal, patienceMs: 10_000,
      });
      for (const pod of page.items) {
        seen.add(pod.metadata.uid);
        this.known.set(pod.metadata.uid, pod.metadata.name!);
        this.handler.pod(pod);
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
      const stream = await this.source.watchPods(this.namespace, this.selector,
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
        this.handler.pod(object);
        break;
      case 'DELETED':
        this.known.delete(object.metadata.uid);
        this.handler.pod(object);
        this.handler.gone(object.metadata.name, object.metadata.uid, now());
        break;
      case 'BOOKMARK':
        break;
      case 'ERROR':
        throw new ApiError({ verb: 'watch', resource: 'pods', namespace: this.namespace }, object?.code ?? 500, object?.reason ?? '', object?.message ?? '');
      default:
        throw new UnreachableError(`the watch brought an event of the unknown type '${type}'`);
    }
    this.resourceVersion = object.metadata.resourceVersion;
    this.failingSince = undefined;
    this.failures = 0;
  }
}
