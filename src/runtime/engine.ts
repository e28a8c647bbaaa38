import { ActionAttempt } from './action-attempt';
import { KubernetesApi } from './api';
import { Attempt, AttemptOptions, AttemptOutcome, inNamespace } from './attempt';
import { PodCallbacks } from './callbacks';
import { MappedXCom, XComSource } from './context';
import { diagnoseError } from './diagnose';
import { ApiError, ManifestError, Stopped } from './errors';
import { LiveState, RunEvent } from './events';
import { mapIndexes, mappedOver, unmappable } from './expand';
import { Journal, JournalEntry, TaskEntry } from './journal';
import { JsonNode, parseJson } from './json';
import { deleteLeftovers } from './leftovers';
import { ObjectAttempt } from './object-attempt';
import { objectKindOf } from './object-kind';
import { Plan, PlannedTask } from './plan';
import { RESULT_KEY, taskLabels, TRY_LABEL, TryOptions, withNamesOfTry } from './render';
import { FailureClass, RunResult, RunState, TaskResult, taskResult } from './result';
import { NamespaceScope } from './scope';
import { CLEAN_UP_MS } from './try-object';
import { Semaphore } from './wait';
import { Manifest } from '../pod/manifest';

/** What another try would not change. */
const NO_RETRY: FailureClass[] = ['config', 'forbidden', 'unreachable', 'cancelled'];
/** Native sidecars are on by default since this minor version. */
const NATIVE_SIDECARS = 29;
/** How long the first request may take to get through. */
const FIRST_ANSWER_MS = 5_000;

export interface EngineOptions {
  readonly plan: Plan;
  readonly api: KubernetesApi;
  readonly runId: string;
  /** The namespace of a task. */
  readonly namespaceOf: (planned: PlannedTask) => string;
  readonly journal?: Journal;
  /** What templates may name. @default - nothing beside the run, the task and XComs */
  readonly templates?: Pick<TryOptions, 'context' | 'logicalDate' | 'dagId'>;
  readonly callbacks?: readonly PodCallbacks[];
  /** Ends the run; its reason is a {@link Stopped}. @default - nothing does */
  readonly stop?: AbortSignal;
  readonly logs: boolean;
  readonly concurrency: number;
  readonly emit: (event: RunEvent) => void;
}

/** Runs the tasks of a plan, each after those it waits for. */
export class Engine {
  private readonly scopes = new Map<string, NamespaceScope>();
  /** By task id; of a mapped task by map index. */
  private readonly results = new Map<string, TaskResult[]>();
  /** By task id, map index or 0, and key. */
  private readonly xcoms = new Map<string, Map<string, JsonNode | null>[]>();
  /** Tasks that have ended, with all of their map indexes. */
  private readonly ended = new Set<string>();
  /** Tasks whose XComs others are mapped over. */
  private readonly mappedOver: Set<string>;
  /** What is left to do when all tasks have ended. */
  private readonly atEnd: [PlannedTask, (state: RunState) => Promise<string[]>][] = [];
  private readonly stop: AbortSignal;
  private journal?: Journal;
  private readonly slots: Semaphore;

  constructor(private readonly options: EngineOptions) {
    this.stop = options.stop ?? new AbortController().signal;
    this.slots = new Semaphore(options.concurrency);
    this.mappedOver = mappedOver(options.plan.tasks);
  }

  public async run(): Promise<RunResult> {
    const { plan, options } = { ...this.options, options: this.options };
    options.emit({
      type: 'run', runId: options.runId, server: options.api.server, namespaces: [...new Set(plan.tasks.map(options.namespaceOf))], tasks: plan.tasks.map(({ task }) => task.taskId),
    });
    plan.notes.forEach(message => options.emit({ type: 'note', task: null, message }));
    let tidy: PlannedTask[] = [];
    try {
      const done = await this.openJournal();
      const left = plan.tasks.filter(({ task }) => !this.ended.has(task.taskId));
      await this.tidy(done, left, this.stop);
      if (left.length > 0 && await this.open(left)) {
        await this.runAll(left);
        await this.finish(plan.tasks);
        const shared = [...this.scopes.values()].some(scope => scope.shared);
        // What the tasks that were left might have asked for; another runner may still.
        tidy = shared ? [] : done;
      }
      // What stops the run now comes too late to have been its end.
      const tasks = plan.tasks.flatMap(({ task }) => this.results.get(task.taskId)!);
      return { runId: options.runId, state: this.state(tasks), tasks };
    } finally {
      await this.close(tidy);
    }
  }

  /** @returns what was done before: tasks, and map indexes of tasks */
  private async openJournal(): Promise<PlannedTask[]> {
    const { journal, runId, api, emit } = this.options;
    if (!journal) { return []; }
    try {
      await journal.open(runId, api.server);
      this.journal = journal;
    } catch (error) {
      if (error instanceof ManifestError) { throw error; }
      emit({ type: 'note', task: null, message: `there is no journal, so a restarted run cannot know what is done and deleted: ${(error as Error).message}` });
      return [];
    }
    const { tasks } = this.options.plan;
    for (const { task: { taskId }, fingerprint } of tasks) {
      const entries = journal.of(taskId).filter(entry => entry.type === 'result');
      if (entries.length > 0 && !entries.some(entry => entry.spec === fingerprint)) {
        throw new ManifestError(`task '${taskId}' was done in run '${runId}', but with another manifest`,
          "the manifests changed since the run began: choose another '--run-id'");
      }
    }
    const done = tasks.flatMap(planned => {
      const instances = this.knownInstances(planned);
      const learned = instances?.filter(instance => this.learn(instance)) ?? [];
      if (instances && instances.length > 0 && learned.length === instances.length) { this.ended.add(planned.task.taskId); }
      return learned;
    });
    if (done.length === 0) { return []; }
    emit({ type: 'note', task: null, message: `${this.ended.size} of ${tasks.length} tasks were done before, see ${journal.file}` });
    const failed = tasks.filter(({ task }) => this.results.get(task.taskId)?.some(({ state }) => state === 'failed')).map(({ task }) => `'${task.taskId}'`);
    if (failed.length > 0) { emit({ type: 'note', task: null, message: `${failed.join(', ')} failed then and will not be run again in this run: another '--run-id' runs all tasks again` }); }
    return done;
  }

  /** A task for each map index; the task itself where it is not mapped. Undefined where what it is mapped over is not known, or is wrong. */
  private knownInstances(planned: PlannedTask): PlannedTask[] | undefined {
    if (!planned.task.expand) { return [planned]; }
    try {
      return mapIndexes(planned, this.xcom);
    } catch {
      return undefined;
    }
  }

  /** The XComs of tasks that have ended. A key that a task does not push is None. */
  private readonly xcom: XComSource = (taskId, key) => {
    if (!this.ended.has(taskId)) { return undefined; }
    const items = (this.xcoms.get(taskId) ?? []).map(keys => keys.get(key) ?? null);
    const mapped = this.options.plan.tasks.some(({ task }) => task.taskId === taskId && task.expand);
    return mapped ? new MappedXCom(items) : items[0] ?? null;
  };

  /** Takes over the result of a task that this or another runner of the run has written down for the same manifest. False where there is none. */
  private learn(planned: PlannedTask): boolean {
    const entry = this.entriesOf(planned).find(item => item.type === 'result' && item.spec === planned.fingerprint);
    if (entry?.type !== 'result') { return false; }
    this.keep(planned, entry.xcom === null ? null : parseJson(entry.xcom), entry.xcoms);
    const { result } = entry;
    const nextStep = result.state === 'failed' ? `${result.nextStep}; then run again with another '--run-id': under this one the failure stands` : result.nextStep;
    this.settle(planned, { ...result, nextStep }, result.attempts);
    return true;
  }

  /** What the journal has of a task, or of one of its map indexes. */
  private entriesOf({ task, mapIndex }: PlannedTask): TaskEntry[] {
    return (this.journal?.of(task.taskId) ?? []).filter(entry => entry.mapIndex === mapIndex);
  }

  private keep({ task: { taskId }, mapIndex = 0 }: PlannedTask, result: JsonNode | null, others: { readonly [key: string]: string } = {}): void {
    const keys = Object.entries(others).map(([key, text]): [string, JsonNode] => [key, parseJson(text)]);
    const all = this.xcoms.get(taskId) ?? [];
    all[mapIndex] = new Map([[RESULT_KEY, result], ...keys]);
    this.xcoms.set(taskId, all);
  }

  /** Does what waited for the end of all tasks. */
  private async finish(tasks: PlannedTask[]): Promise<void> {
    const state = this.state(tasks.flatMap(({ task }) => this.results.get(task.taskId)!));
    for (const [{ task: { taskId }, mapIndex = 0 }, work] of this.atEnd) {
      const warnings = await work(state);
      const results = this.results.get(taskId)!;
      results[mapIndex] = { ...results[mapIndex], warnings: [...results[mapIndex].warnings, ...warnings] };
    }
  }

  /** Cleans up after a runner that died before it had. What cannot be had is no reason to stop. */
  private async tidy(done: PlannedTask[], left: PlannedTask[], signal: AbortSignal): Promise<void> {
    const { api, runId, namespaceOf, emit } = this.options;
    for (const namespace of new Set(done.map(namespaceOf))) {
      const here = (tasks: PlannedTask[]) => tasks.filter(planned => namespaceOf(planned) === namespace);
      const resultOf = ({ task, mapIndex = 0 }: PlannedTask) => this.results.get(task.taskId)![mapIndex];
      const results = here(done).map((planned): [PlannedTask, TaskResult] => [planned, resultOf(planned)]);
      await deleteLeftovers(api, namespace, runId, results, here(left).length === 0, signal).catch(error => {
        emit({ type: 'note', task: null, message: `what an earlier runner left in namespace '${namespace}' could not be deleted: ${(error as Error).message}` });
      });
    }
  }

  /** Says whether the cluster can be worked with; where it cannot, every task has its result. */
  private async open(tasks: PlannedTask[]): Promise<boolean> {
    const { api, namespaceOf, emit, runId } = this.options;
    try {
      await this.checkVersion(tasks);
      const making = tasks.filter(({ task }) => task.action === undefined);
      for (const namespace of new Set(making.map(namespaceOf))) { this.scopes.set(namespace, new NamespaceScope(api, namespace, runId)); }
      const warnings = await Promise.all([...this.scopes.values()].map(scope => scope.open(this.stop)));
      warnings.flat().forEach(message => emit({ type: 'note', task: null, message }));
      if (this.journal?.fresh && [...this.scopes.values()].some(scope => scope.takenUp)) {
        emit({ type: 'note', task: null, message: `this run was begun elsewhere: journal ${this.journal.file} knows nothing of it, so a task whose pod is gone runs again` });
      }
      return true;
    } catch (error) {
      for (const planned of tasks) {
        this.settle(planned, this.notBegun(planned, error));
      }
      return false;
    }
  }

  private async checkVersion(tasks: PlannedTask[]): Promise<void> {
    const version = await this.options.api.version({ signal: this.stop, patienceMs: FIRST_ANSWER_MS }).catch(error => {
      // Some clusters tell their version to nobody; then the answer to the create has to do.
      if (error instanceof ApiError && error.status === 403) { return undefined; }
      throw error;
    });
    if (!version) { return; }
    const minor = parseInt(version.minor, 10);
    const native = tasks.find(({ task }) => task.doXcomPush && task.xcomMode === 'native');
    if (native && version.major === '1' && minor < NATIVE_SIDECARS) {
      throw new ManifestError(`task '${native.task.taskId}' has xcomMode 'native', which needs Kubernetes 1.${NATIVE_SIDECARS}; this cluster is ${version.gitVersion}`,
        "set xcomMode 'airflow' or 'termination' and synthesise again");
    }
  }

  private async runAll(tasks: PlannedTask[]): Promise<void> {
    const running = new Map<string, Promise<void>>();
    for (const planned of tasks) {
      const upstream = planned.upstream.map(id => running.get(id));
      running.set(planned.task.taskId, Promise.all(upstream).then(() => this.start(planned)).then(() => { this.ended.add(planned.task.taskId); }));
    }
    await Promise.all(running.values());
  }

  private async start(planned: PlannedTask): Promise<void> {
    const upstream = planned.upstream.flatMap(id => this.results.get(id)!);
    const stopped = () => (this.stop.aborted ? this.stop.reason as Stopped : undefined);
    if (stopped()) { return this.settle(planned, cancelled(planned, stopped()!)); }
    const failed = [...new Set(upstream.filter(result => result.state !== 'success' && result.state !== 'skipped').map(({ name }) => name))];
    if (failed.length > 0) {
      const message = `it waits for ${failed.map(name => `'${name}'`).join(', ')}, which did not succeed`;
      return this.settle(planned, taskResult(planned, { failure: null, reason: 'UpstreamFailed', message, nextStep: null }, { state: 'upstream_failed' }));
    }
    const skipped = upstream.find(result => result.state === 'skipped');
    if (skipped) { return this.settle(planned, skip(planned, `it waits for '${skipped.name}', which was skipped`)); }
    let instances = [planned];
    if (planned.task.expand) {
      try {
        instances = mapIndexes(planned, this.xcom);
      } catch (error) {
        return this.settle(planned, this.notBegun(planned, error));
      }
      if (instances.length === 0) { return this.settle(planned, skip(planned, 'it is mapped over an empty list')); }
    }
    await Promise.all(instances.map(instance => this.slots.run(async () => {
      if (stopped()) { return this.settle(instance, cancelled(instance, stopped()!)); }
      return this.execute(instance);
    })));
  }

  private async execute(planned: PlannedTask): Promise<void> {
    const { retries, taskId } = planned.task;
    const { mapIndex } = planned;
    const kind = objectKindOf(planned.object);
    let known: ReadonlyMap<string, Manifest> = new Map();
    if (kind) {
      try {
        known = await this.scopes.get(this.options.namespaceOf(planned))!.objectsOf(kind, this.stop);
      } catch (error) {
        return this.settle(planned, this.notBegun(planned, error));
      }
    }
    for (let tryNumber = this.firstTry(planned, known); ; tryNumber++) {
      if (this.learn(planned)) { return; }
      const outcome = await this.attempt(planned, tryNumber, known);
      // Another runner of this run may have been quicker, and have deleted the pod.
      if (this.learn(planned)) { return; }
      const result = this.judged(planned, outcome);
      const again = result.state === 'failed' && tryNumber <= retries && !NO_RETRY.includes(result.failure!) && !this.stop.aborted;
      if (again) {
        await this.write({ type: 'ended', task: taskId, mapIndex, try: tryNumber, outcome: 'retry' });
        this.announce(planned, 'up_for_retry', tryNumber, `${result.reason}: ${result.message}`);
      } else if (result.state === 'cancelled') {
        if (!outcome.left) { await this.write({ type: 'ended', task: taskId, mapIndex, try: tryNumber, outcome: 'cancelled' }); }
      } else if ((result.pod || result.object) && result.failure !== 'unreachable') {
        // What failed before there was a pod is tried anew: nothing was done, and the reason may have gone.
        await this.write({ type: 'result', task: taskId, mapIndex, spec: planned.fingerprint, result, xcom: outcome.xcom?.text ?? null, ...(outcome.xcoms ? { xcoms: outcome.xcoms } : {}) });
      }
      const warnings = await outcome.cleanUp();
      if (outcome.atEnd) { this.atEnd.push([planned, outcome.atEnd]); }
      if (again) { continue; }
      this.keep(planned, outcome.xcom?.node ?? null, outcome.xcoms);
      return this.settle(planned, { ...result, warnings: [...result.warnings, ...warnings] }, tryNumber);
    }
  }

  /** The result of a try, as a failure where other tasks cannot be mapped over what it pushed. */
  private judged(planned: PlannedTask, { result, xcom }: AttemptOutcome): TaskResult {
    const feeds = result.state === 'success' && planned.mapIndex === undefined && this.mappedOver.has(result.name);
    const problem = feeds ? unmappable(xcom?.node ?? null) : undefined;
    return problem ? { ...result, state: 'failed', ...diagnoseError(problem, planned.object) } : result;
  }

  private async attempt(template: PlannedTask, tryNumber: number, known: ReadonlyMap<string, Manifest>): Promise<AttemptOutcome> {
    const { api, runId, logs, namespaceOf, templates } = this.options;
    const { taskId } = template.task;
    let planned: PlannedTask;
    try {
      planned = withNamesOfTry(template, { runId, tryNumber, namespace: namespaceOf(template), xcom: this.xcom, ...templates });
    } catch (error) {
      return { xcom: null, cleanUp: async () => [], result: { ...this.notBegun(template, error), attempts: tryNumber - 1 } };
    }
    const before = this.entriesOf(planned).filter(entry => entry.type !== 'result' && entry.try === tryNumber);
    const common = {
      api,
      planned,
      runId,
      tryNumber,
      xcom: this.xcom,
      templates: templates ?? {},
      callbacks: this.options.callbacks ?? [],
      stop: this.stop,
      emit: this.emitOf(planned),
    };
    if (planned.task.action !== undefined) { return new ActionAttempt({ ...common, namespace: namespaceOf(planned) }).run(); }
    const options: AttemptOptions = {
      ...common,
      scope: this.scopes.get(namespaceOf(planned))!,
      logs,
      startedBefore: before.some(entry => entry.type === 'started'),
      // A runner that went on with it and died has started it once more.
      cancelledBefore: before.at(-1)?.type === 'ended',
      started: ({ metadata }) => this.write({ type: 'started', task: taskId, mapIndex: planned.mapIndex, try: tryNumber, namespace: metadata.namespace!, pod: metadata.name!, uid: metadata.uid }),
    };
    const kind = objectKindOf(planned.object);
    return kind ? new ObjectAttempt(options, kind, known).run() : new Attempt(options).run();
  }

  /** The try to begin with: where an earlier runner of this run left off. */
  private firstTry(planned: PlannedTask, objects: ReadonlyMap<string, Manifest>): number {
    const journaled = this.entriesOf(planned).flatMap(entry => (entry.type === 'ended' ? [entry.outcome === 'retry' ? entry.try + 1 : entry.try] : entry.type === 'started' ? [entry.try] : []));
    const labels = Object.entries(taskLabels(planned));
    const pods = this.scopes.get(this.options.namespaceOf(planned))?.pods.values() ?? [];
    const own = [...pods, ...objects.values()].filter(object => labels.every(([key, value]) => object.metadata.labels?.[key] === value));
    return Math.max(1, ...journaled, ...own.map(object => Number(object.metadata.labels![TRY_LABEL])));
  }

  private async write(entry: JournalEntry): Promise<void> {
    try {
      await this.journal?.append(entry);
    } catch (error) {
      this.options.emit({ type: 'note', task: null, message: `the journal cannot be written any more: ${(error as Error).message}` });
      this.journal = undefined;
    }
  }

  private settle(planned: PlannedTask, result: TaskResult, tryNumber = 0): void {
    const { task: { taskId }, mapIndex = 0 } = planned;
    const results = this.results.get(taskId) ?? [];
    results[mapIndex] = result;
    this.results.set(taskId, results);
    this.announce(planned, result.state, tryNumber, result.message, result.pod?.name);
  }

  private announce(planned: PlannedTask, state: LiveState, attempt: number, message: string | null, pod: string | null = null): void {
    this.emitOf(planned)({ type: 'task', task: planned.task.taskId, state, attempt, pod, message });
  }

  /** Tells of a task, or of one of its map indexes. */
  private emitOf({ mapIndex }: PlannedTask): (event: RunEvent) => void {
    const { emit } = this.options;
    return mapIndex === undefined ? emit : event => emit({ ...event, mapIndex } as RunEvent);
  }

  /** The result of a task of which nothing was begun: the run was stopped, or for what the error says. */
  private notBegun(planned: PlannedTask, error: unknown): TaskResult {
    const { aborted, reason } = this.stop;
    const object = inNamespace(planned.object, this.options.namespaceOf(planned));
    return aborted ? cancelled(planned, reason) : taskResult(planned, diagnoseError(error, object));
  }

  private async close(done: PlannedTask[]): Promise<void> {
    for (const scope of this.scopes.values()) {
      await scope.close().catch(error => {
        this.options.emit({ type: 'note', task: null, message: `ConfigMap '${scope.ownerName}' could not be deleted: ${(error as Error).message}` });
      });
    }
    await this.tidy(done, [], AbortSignal.timeout(CLEAN_UP_MS));
    // One that could not be written any more, too.
    await this.options.journal?.close();
  }

  private state(tasks: TaskResult[]): RunState {
    if (tasks.every(task => task.state === 'success' || task.state === 'skipped')) { return 'success'; }
    return this.stop.aborted ? (this.stop.reason as Stopped).why : 'failed';
  }
}

function cancelled(planned: PlannedTask, { why, message }: Stopped): TaskResult {
  return taskResult(planned, { failure: why, reason: why === 'timeout' ? 'RunTimeout' : 'Cancelled', message, nextStep: null }, { state: 'cancelled' });
}

function skip(planned: PlannedTask, message: string): TaskResult {
  return taskResult(planned, { failure: null, reason: 'Skipped', message, nextStep: null }, { state: 'skipped' });
}
