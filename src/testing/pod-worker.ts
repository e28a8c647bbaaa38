import * as fs from 'node:fs';
import * as path from 'node:path';
import { Container, ContainerContext } from './container';
import { ConfigError } from './environment';
import { EventRecorder } from './event-recorder';
import { imageNameError } from './image-name';
import { PodFacts, podStatus } from './pod-status';
import { now } from './store';
import { timeout } from './timeout';
import { makeVolumes, MountError } from './volumes';
import { Manifest } from '../pod/manifest';

/** What the workers of all pods share. */
export interface KubeletContext extends ContainerContext {
  readonly events: EventRecorder;
  /** Where the folders of pods are. */
  readonly root: string;
  /** The content of a projected service account token. */
  readonly token: string;
  readonly images: (image: string) => boolean;
}

/** After the grace period of its pod, how long a sidecar still has, in milliseconds. */
const SIDECAR_GRACE = 2000;
const FIRST_BACK_OFF = 10_000;
const MAX_BACK_OFF = 300_000;

/** Brings one scheduled pod to its end, as the kubelet does. */
export class PodWorker {
  private readonly containers: Container[];
  private readonly ending = new AbortController();
  private readonly folder: string;
  private facts: PodFacts = { startTime: now(), sandbox: false, over: false };
  private stopping: Promise<void> | undefined;

  public constructor(private readonly context: KubeletContext, private readonly pod: Manifest) {
    this.folder = path.join(context.root, pod.metadata.uid);
    this.containers = (['initContainers', 'containers'] as const).flatMap(field => (pod.spec[field] ?? [])
      .map((spec: any) => new Container(pod, spec, field, path.join(this.folder, 'containers', spec.name), context)));
  }

  public container(name: string): Container | undefined {
    return this.containers.find(container => container.name === name);
  }

  public async run(): Promise<void> {
    const { activeDeadlineSeconds } = this.pod.spec;
    if (activeDeadlineSeconds !== undefined) {
      void timeout(activeDeadlineSeconds * 1000, this.ending.signal).then(() => this.ending.signal.aborted ? undefined : this.exceeded());
    }
    this.publish();
    const volumes = await this.volumes();
    if (!volumes) { return; }
    this.facts = { ...this.facts, sandbox: true };
    for (const container of this.containers.filter(c => c.field === 'initContainers')) {
      if (!await this.start(container, volumes)) { return; }
      const end = this.supervise(container, volumes);
      if (container.sidecar) {
        void end;
        continue;
      }
      await end;
      if (this.ending.signal.aborted) { return; }
      if (container.exitCode !== 0) { return this.stop(this.grace()); }
    }
    const main = this.containers.filter(c => c.field === 'containers');
    for (const container of main) {
      if (container.state.waiting) { container.state = { waiting: { reason: 'ContainerCreating' } }; }
    }
    await Promise.all(main.map(async container => await this.start(container, volumes) && this.supervise(container, volumes)));
    if (!this.ending.signal.aborted) { await this.stop(this.grace()); }
  }

  /** TERM, then KILL after the grace period: main containers first, then sidecars from the last to the first. Afterwards nothing starts any more. */
  public async stop(graceSeconds: number): Promise<void> {
    this.ending.abort();
    const until = Date.now() + graceSeconds * 1000;
    const left = () => Math.max(0, until - Date.now());
    const first = this.stopping === undefined;
    const before = this.stopping;
    const stopped = (async () => {
      await Promise.all(this.containers.filter(c => !c.sidecar).map(c => c.process?.stop(left())));
      for (const sidecar of this.containers.filter(c => c.sidecar).reverse()) { await sidecar.process?.stop(Math.max(left(), SIDECAR_GRACE)); }
      await before;
    })();
    this.stopping = stopped;
    await stopped;
    if (!first) { return; }
    await Promise.all(this.containers.map(c => c.ended()));
    this.facts = { ...this.facts, over: true };
    this.publish();
  }

  public kill(): void {
    this.ending.abort();
    for (const container of this.containers) { container.killAll(); }
  }

  /** Removes what the pod wrote. */
  public async remove(): Promise<void> {
    await fs.promises.rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  private grace(): number { return this.pod.spec.terminationGracePeriodSeconds; }

  private exceeded(): Promise<void> {
    this.facts = { ...this.facts, failure: { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' } };
    this.context.events.kubelet(this.pod, 'Normal', 'DeadlineExceeded', this.facts.failure!.message);
    return this.stop(this.grace());
  }

  private async volumes(): Promise<Map<string, string> | undefined> {
    return this.retry(() => makeVolumes(this.context.store, this.pod, path.join(this.folder, 'volumes'), this.context.token), error => {
      if (!(error instanceof MountError)) { throw error; }
      this.context.events.kubelet(this.pod, 'Warning', 'FailedMount', error.message);
    });
  }

  /** Starts a container, waiting for what it needs. @returns false where the pod ended first */
  private async start(container: Container, volumes: Map<string, string>): Promise<boolean> {
    if (imageNameError(container.spec.image) !== undefined || !this.context.images(container.spec.image)) {
      await this.noImage(container);
      return false;
    }
    const started = await this.retry(async () => {
      await container.start(volumes);
      return true;
    }, error => {
      if (!(error instanceof ConfigError)) { throw error; }
      this.wait(container, 'CreateContainerConfigError', error.message);
      this.event(container, 'Warning', 'Failed', `Error: ${error.message}`);
    });
    if (!started) { return false; }
    if (container.process) {
      this.event(container, 'Normal', 'Pulled', `Container image "${container.spec.image}" already present on machine`);
      this.event(container, 'Normal', 'Created', `Created container: ${container.name}`);
      this.event(container, 'Normal', 'Started', `Started container ${container.name}`);
    } else {
      this.event(container, 'Warning', 'Failed', `Error: ${container.state.terminated.message}`);
    }
    // The pod may have ended while the process was starting.
    if (this.ending.signal.aborted) { container.killAll(); }
    if (container.process || container.restartCount > 0) { this.publish(); }
    return true;
  }

  /** Waits for the container's end and starts it again as its restart policy says. */
  private async supervise(container: Container, volumes: Map<string, string>): Promise<void> {
    const own = this.pod.spec.restartPolicy;
    const restarts = () => container.sidecar || own === 'OnFailure' && container.exitCode !== 0
      || own === 'Always' && (container.field === 'containers' || container.exitCode !== 0);
    for (let pause = 0; ; pause = Math.min(MAX_BACK_OFF, pause === 0 ? FIRST_BACK_OFF : pause * 2)) {
      await container.ended();
      if (this.ending.signal.aborted || !restarts()) {
        if (!this.isLast(container)) { this.publish(); }
        return;
      }
      this.publish();
      if (pause > 0) {
        const { name, namespace, uid } = this.pod.metadata;
        const where = `${name}_${namespace}(${uid})`;
        container.lastState = container.state;
        this.wait(container, 'CrashLoopBackOff', `back-off ${pause / 1000}s restarting failed container=${container.name} pod=${where}`);
        this.event(container, 'Warning', 'BackOff', `Back-off restarting failed container ${container.name} in pod ${where}`);
        await timeout(pause, this.ending.signal);
      }
      if (this.ending.signal.aborted) { return; }
      if (container.state.terminated) { container.lastState = container.state; }
      container.restartCount += 1;
      if (!await this.start(container, volumes)) { return; }
    }
  }

  /** True for the end that stop() publishes: without sidecars to wait for, the pod's phase changes in the same version. */
  private isLast(container: Container): boolean {
    return container.field === 'containers' && this.containers.every(c => !c.state.running && !(c.field === 'containers' && c.state.waiting));
  }

  /** Says why there is no image, then waits for the pod's end. */
  private async noImage(container: Container): Promise<void> {
    const { image, imagePullPolicy } = container.spec;
    const malformed = imageNameError(image);
    if (malformed !== undefined) {
      this.event(container, 'Warning', 'InspectFailed', malformed);
      this.event(container, 'Warning', 'Failed', 'Error: InvalidImageName');
      this.wait(container, 'InvalidImageName', malformed);
    } else if (imagePullPolicy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      this.event(container, 'Warning', 'ErrImageNeverPull', message);
      this.event(container, 'Warning', 'Failed', 'Error: ErrImageNeverPull');
      this.wait(container, 'ErrImageNeverPull', message);
    } else {
      const error = `failed to pull and unpack image "${image}": the embedded cluster was told that this image cannot be pulled: not found`;
      this.event(container, 'Normal', 'Pulling', `Pulling image "${image}"`);
      this.event(container, 'Warning', 'Failed', `Failed to pull image "${image}": ${error}`);
      this.event(container, 'Warning', 'Failed', 'Error: ErrImagePull');
      this.wait(container, 'ErrImagePull', error);
      this.event(container, 'Normal', 'BackOff', `Back-off pulling image "${image}"`);
      this.event(container, 'Warning', 'Failed', 'Error: ImagePullBackOff');
      this.wait(container, 'ImagePullBackOff', `Back-off pulling image "${image}": ErrImagePull: ${error}`);
    }
    await new Promise<void>(resolve => {
      if (this.ending.signal.aborted) { return resolve(); }
      this.ending.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** Tries until it works, again after each change of a Secret or ConfigMap. @returns undefined where the pod ended first */
  private async retry<T>(attempt: () => T | Promise<T>, failed: (error: unknown) => void): Promise<T | undefined> {
    while (!this.ending.signal.aborted) {
      try {
        return await attempt();
      } catch (error) {
        failed(error);
      }
      await new Promise<void>(resolve => {
        const done = () => {
          off();
          this.ending.signal.removeEventListener('abort', done);
          resolve();
        };
        const off = this.context.store.onChange(change => {
          if (change.resource === 'secrets' || change.resource === 'configmaps') { done(); }
        });
        this.ending.signal.addEventListener('abort', done, { once: true });
      });
    }
    return undefined;
  }

  private wait(container: Container, reason: string, message: string): void {
    container.state = { waiting: { reason, message } };
    this.publish();
  }

  private event(container: Container, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.context.events.kubelet(this.pod, type, reason, message, `spec.${container.field}{${container.name}}`);
  }

  private publish(): void {
    const { name, namespace, uid } = this.pod.metadata;
    const current = this.context.store.find('pods', namespace, name!);
    // A pod that was deleted by force has no status to write.
    if (current?.metadata.uid !== uid) { return; }
    this.context.store.update('pods', current!, draft => { draft.status = podStatus(draft, this.containers, this.facts); });
  }
}
