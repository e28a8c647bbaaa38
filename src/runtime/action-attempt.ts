import { ApiResource, KubernetesApi } from './api';
import { resourceOfKind } from './api-kind';
import { AttemptOptions, AttemptOutcome } from './attempt';
import { Diagnosis, diagnoseError, diagnoseStop } from './diagnose';
import { ApiError, ManifestError, RuntimeError, Stopped } from './errors';
import { JOB } from './job-kind';
import { parseJson } from './json';
import { parseManifests } from './manifests';
import { objectOfTry, RUN_LABEL, runLabels, TASK_LABEL } from './render';
import { TaskResult, taskResult } from './result';
import { backoff, now, sleep, unlessAborted } from './wait';
import { ObjectWatch } from './watch';
import { XComValue } from './xcom';
import { Manifest } from '../pod/manifest';
import { safeLabelValue } from '../pod/names';

export interface ActionAttemptOptions extends Pick<AttemptOptions, 'api' | 'planned' | 'runId' | 'tryNumber' | 'xcom' | 'templates' | 'stop' | 'emit'> {
  readonly namespace: string;
}

/** What an action did: to which object, and the result that the operator pushes. */
interface Done {
  readonly object?: TaskResult['object'];
  readonly value?: unknown;
}

/** How long a change may take to get through. */
const PATIENCE_MS = 300_000;
/** How long a kind may take to be known, once it is defined. */
const KIND_MS = 10_000;

/** One try of a task that makes no object of its own: it does something to one, and may do it twice without harm. */
export class ActionAttempt {
  /** The resources of versions of APIs, as far as they were asked for. */
  private readonly versions = new Map<string, ApiResource[] | undefined>();

  constructor(private readonly options: ActionAttemptOptions) {}

  public async run(): Promise<AttemptOutcome> {
    const { planned, namespace, emit, tryNumber, stop } = this.options;
    emit({ type: 'task', task: planned.task.taskId, state: 'running', attempt: tryNumber, pod: null, message: null });
    try {
      const { data } = objectOfTry(planned, { ...this.options, ...this.options.templates });
      const done = await this.act(data, data.namespace || namespace);
      return this.outcome(null, done);
    } catch (error) {
      if (stop.aborted) {
        const outcome = this.outcome(diagnoseStop(stop.reason as Stopped), {});
        return { ...outcome, result: { ...outcome.result, state: 'cancelled' } };
      }
      const warnings = error instanceof RuntimeError ? [] : [String((error as Error).stack)];
      return this.outcome(this.diagnose(error), {}, warnings);
    }
  }

  private act(data: { [key: string]: string }, namespace: string): Promise<Done> {
    switch (this.options.planned.task.action!) {
      case 'DeleteJob': return this.deleteJob(data, namespace);
      case 'PatchJob': return this.patchJob(data, namespace);
      case 'CreateResource': return this.createResources(data.yamlConf, namespace);
      case 'DeleteResource': return this.deleteResources(data.yamlConf, namespace);
    }
  }

  private async deleteJob({ name, deleteOnStatus, waitForCompletion }: { [key: string]: string }, namespace: string): Promise<Done> {
    const object = { kind: 'Job', name, namespace };
    const found = await this.jobNow(name, namespace);
    const job = found && waitForCompletion === 'true' ? await this.jobAtEnd(name, namespace) : found;
    if (job === undefined) {
      this.note(`Job '${name}' does not exist in namespace '${namespace}': nothing to delete`);
      return { object };
    }
    const status = (type: string) => job.status?.conditions?.some((c: any) => c.type === type && c.status === 'True');
    if (deleteOnStatus && !status(deleteOnStatus)) {
      this.note(`Job '${name}' is not ${deleteOnStatus}, so it stays, as 'deleteOnStatus' says`);
      return { object };
    }
    await this.api.deleteObject(JOB, namespace, name, { uid: job.metadata.uid, propagationPolicy: 'Background' }, this.limits);
    return { object };
  }

  private async jobNow(name: string, namespace: string): Promise<Manifest | undefined> {
    try {
      return await this.api.getObject(JOB, namespace, name, this.limits);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) { return undefined; }
      throw error;
    }
  }

  /** The Job when it has ended; undefined where it is no more. */
  private async jobAtEnd(name: string, namespace: string): Promise<Manifest | undefined> {
    const { stop } = this.options;
    let seen: Manifest | undefined;
    let settle!: (job: Manifest | undefined) => void;
    let fail!: (error: unknown) => void;
    const ended = new Promise<Manifest | undefined>((resolve, reject) => { settle = resolve; fail = reject; });
    ended.catch(() => {});
    const watch = new ObjectWatch({
      resource: JOB.plural,
      list: (where, fieldSelector, query, options) => this.api.listObjects(JOB, where, '', { fieldSelector, ...query }, options),
      watch: (where, fieldSelector, query, options) => this.api.watchObjects(JOB, where, '', { fieldSelector, ...query }, options),
    }, namespace, `metadata.name=${name}`, {
      seen: job => {
        seen = job;
        if (JOB.reading(job).end) { settle(job); }
      },
      gone: () => settle(undefined),
      trouble: (error, since) => { if (now() - since > PATIENCE_MS) { fail(error); } },
    });
    try {
      await watch.start(stop);
      return seen === undefined ? undefined : await unlessAborted(ended, stop);
    } finally {
      await watch.stop();
    }
  }

  private async patchJob({ name, body }: { [key: string]: string }, namespace: string): Promise<Done> {
    const job = await this.api.patchObject(JOB, namespace, name, JSON.parse(body), this.limits);
    return { object: { kind: 'Job', name, namespace }, value: JOB.xcoms(job).job };
  }

  private async createResources(yaml: string, namespace: string): Promise<Done> {
    const objects = objectsOf(yaml);
    // What is misspelt is found before anything is made, but for kinds that an object before them brings.
    for (const [i, object] of objects.entries()) {
      if (!objects.slice(0, i).some(before => kindsOf(before).some(kind => isOfKind(object, kind)))) { await this.resourceOf(object); }
    }
    for (const given of objects) {
      const { resource, object, where } = await this.located(given, namespace);
      const { taskId } = this.options.planned.task;
      // Who finds it there knows whether it is this task's own: a lost answer and a second try are no conflict.
      const mark = { [RUN_LABEL]: runLabels(this.options.runId)[RUN_LABEL], [TASK_LABEL]: safeLabelValue(taskId) };
      const marked = { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...mark } } };
      try {
        await this.api.createObject(resource, where, marked, this.limits);
      } catch (error) {
        if (!(error instanceof ApiError && error.reason === 'AlreadyExists')) { throw error; }
        const { metadata } = await this.api.getObject(resource, where, object.metadata.name!, this.limits);
        if (!Object.entries(mark).every(([key, value]) => metadata.annotations?.[key] === value)) { throw error; }
      }
      await this.untilServed(object);
    }
    return { object: target(await this.located(objects[0], namespace)) };
  }

  private async deleteResources(yaml: string, namespace: string): Promise<Done> {
    const objects: Located[] = [];
    for (const object of objectsOf(yaml)) { objects.push(await this.located(object, namespace)); }
    for (const { resource, object, where } of objects) {
      const there = await this.api.deleteObject(resource, where, object.metadata.name!, { propagationPolicy: 'Background' }, this.limits);
      if (!there) { this.note(`${object.kind} '${object.metadata.name}' does not exist: nothing to delete`); }
    }
    return { object: target(objects[0]) };
  }

  /** An object with the place where the server keeps its kind. */
  private async located(object: Manifest, namespace: string): Promise<Located> {
    const resource = await this.resourceOf(object);
    const where = object.metadata.namespace ?? namespace;
    return { resource, where, object: resource.namespaced ? { ...object, metadata: { ...object.metadata, namespace: where } } : object };
  }

  /** @throws ManifestError where the server has no such kind */
  private async resourceOf(kind: Kind): Promise<ApiResource> {
    const { apiVersion } = kind;
    if (!this.versions.has(apiVersion)) { this.versions.set(apiVersion, await this.api.resourcesOf(apiVersion, this.limits)); }
    return resourceOfKind(kind, this.versions.get(apiVersion));
  }

  /** What a CustomResourceDefinition brings is there a moment later: for the objects that follow, and for the tasks that do. */
  private async untilServed(definition: Manifest): Promise<void> {
    const late = now() + KIND_MS;
    for (const kind of kindsOf(definition)) {
      for (let tries = 0; ; tries++) {
        const known = await this.api.resourcesOf(kind.apiVersion, this.limits);
        this.versions.set(kind.apiVersion, known);
        if (known?.some(resource => isOfKind(resource, kind))) { break; }
        if (now() > late) {
          throw new ManifestError(`the cluster has no kind '${kind.kind}' in ${kind.apiVersion} ${KIND_MS / 1000} s after its CustomResourceDefinition '${definition.metadata.name}' was made`,
            `kubectl describe crd ${definition.metadata.name} says why`);
        }
        await sleep(backoff(Math.min(tries, 3)), this.options.stop);
      }
    }
  }

  private get api(): KubernetesApi {
    return this.options.api;
  }

  private get limits() {
    return { signal: this.options.stop, patienceMs: PATIENCE_MS };
  }

  private diagnose(error: unknown): Diagnosis {
    const diagnosis = diagnoseError(error, { ...this.options.planned.object, metadata: { namespace: this.options.namespace } });
    if (!(error instanceof ApiError) || diagnosis.failure !== 'unknown') { return diagnosis; }
    const steps: { [status: number]: string } = {
      404: 'check its name and namespace: it must be there when the task runs',
      409: 'it was there before: delete it first, give it another name, or leave the task out',
    };
    return { ...diagnosis, failure: 'config', nextStep: steps[error.status] ?? 'correct what the message names' };
  }

  private outcome(diagnosis: Diagnosis | null, { object, value }: Done, warnings: string[] = []): AttemptOutcome {
    const { planned, tryNumber } = this.options;
    const text = value === undefined ? undefined : JSON.stringify(value);
    const xcom: XComValue | null = text === undefined ? null : { value, text, node: parseJson(text) };
    return {
      xcom,
      cleanUp: async () => [],
      result: taskResult(planned, diagnosis, { attempts: tryNumber, xcom: value ?? null, warnings, ...(object ? { object } : {}) }),
    };
  }

  private note(message: string): void {
    this.options.emit({ type: 'note', task: this.options.planned.task.taskId, message });
  }
}

type Kind = Pick<Manifest, 'apiVersion' | 'kind'>;

interface Located {
  readonly resource: ApiResource;
  readonly object: Manifest;
  /** The namespace; means nothing for a kind without. */
  readonly where: string;
}

/** The objects of a text. @throws ManifestError */
function objectsOf(yaml: string): Manifest[] {
  const objects = parseManifests(yaml, "'yamlConf'").map(({ manifest }) => manifest);
  if (objects.length === 0) { throw new ManifestError("'yamlConf' holds no object"); }
  const nameless = objects.find(({ metadata }) => !metadata.name);
  if (nameless) { throw new ManifestError(`an object of kind '${nameless.kind}' in 'yamlConf' has no 'metadata.name'`, 'give it one: by its name it is found again'); }
  return objects;
}

/** The kinds that a CustomResourceDefinition brings; none for any other object. */
function kindsOf({ apiVersion, kind, spec }: Manifest): Kind[] {
  if (kind !== 'CustomResourceDefinition' || !apiVersion.startsWith('apiextensions.k8s.io/')) { return []; }
  // What is wrong with one is for the server to say.
  const { group, names, versions = [] } = spec ?? {};
  return [versions].flat().filter(version => version?.served).map(({ name }) => ({ apiVersion: `${group}/${name}`, kind: names?.kind }));
}

function isOfKind(object: Kind, { apiVersion, kind }: Kind): boolean {
  return object.apiVersion === apiVersion && object.kind === kind;
}

function target({ resource, object, where }: Located): TaskResult['object'] {
  return { kind: object.kind, name: object.metadata.name!, ...(resource.namespaced ? { namespace: where } : {}) };
}
