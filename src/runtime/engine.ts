import { ActionAttempt } from './action-attempt';
import { KubernetesApi } from './api';
import { Attempt, AttemptOptions, AttemptOutcome, inNamespace, Stopped } from './attempt';
import { diagnoseError } from './diagnose';
import { ApiError, ManifestError } from './errors';
import { LiveState, RunEvent } from './events';
import { Journal, JournalEntry } from './journal';
import { JsonNode, parseJson } from './json';
import { deleteLeftovers } from './leftovers';
import { ObjectAttempt } from './object-attempt';
import { objectKindOf } from './object-kind';
import { Plan, PlannedTask } from './plan';
import { RESULT_KEY, TASK_LABEL, TRY_LABEL, TryOptions } from './render';
import { FailureClass, RunResult, RunState, TaskResult } from './result';
import { NamespaceScope } from './scope';
import { Semaphore, timerMs } from './wait';
import { Manifest } from '../pod/manifest';
import { safeLabelValue } from '../pod/names';

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
  readonly templates?: Pick<TryOptions, 'context' | 'logicalDate'>;
  readonly signal?: AbortSignal;
  readonly timeoutSeconds?: number;
  readonly logs: boolean;
  readonly concurrency: number;
  readonly emit: (event: RunEvent) => void;
}

/** Runs the tasks of a plan, each after those it waits for. */
export class Engine {
  private readonly scopes = new Map<string, NamespaceScope>();
  private readonly results = new Map<string, TaskResult>();
  /** By task id and key. */
  private readonly xcoms = new Map<string, Map<string, JsonNode | null>>();
  /** What is left to do when all tasks have ended. */
  private readonly atEnd: [PlannedTask, (state: RunState) => Promise<string[]>][] = [];
  private readonly stop = new AbortController();
  private journal?: Journal;
  private readonly slots: Semaphore;

  constructor(private readonly options: EngineOptions) {
    this.slots = new Semaphore(options.concurrency);
  }

  public async run(): Promise<RunResult> {
    const { plan, options } = { ...this.options, options: this.options };
    options.emit({
      type: 'run', runId: options.runId, server: options.api.server, namespaces: [...new Set(plan.tasks.map(options.namespaceOf))], tasks: plan.tasks.map(({ task }) => task.taskId),
    });
    plan.notes.forEach(message => options.emit({ type: 'note', task: null, message }));
    const release = this.listen();
    try {
      await this.openJournal();
      const left = plan.tasks.filter(({ task }) => !this.results.has(task.taskId));
      await this.tidy(plan.tasks.filter(planned => !left.includes(planned)), left);
      if (left.length > 0 && await this.open(left)) {
        await this.runAll(left);
        await this.finish(plan.tasks);
      }
    } finally {
      release();
      await this.close();
    }
    const tasks = plan.tasks.map(({ task }) => this.results.get(task.taskId)!);
    return { runId: options.runId, state: this.state(tasks), tasks };
  }

  /** Turns the caller's signal and the deadline into one stop. */
  private listen(): () => void {
    const { signal, timeoutSeconds } = this.options;
    const cancel = () => this.stop.abort(new Stopped('cancelled', 'the run was cancelled'));
    if (signal?.aborted) { cancel(); }
    signal?.addEventListener('abort', cancel, { once: true });
    const timer = timeoutSeconds === undefined ? undefined
      : setTimeout(() => this.stop.abort(new Stopped('timeout', `the run took longer than its ${timeoutSeconds} s`)), timerMs(timeoutSeconds * 1000));
    return () => { signal?.removeEventListener('abort', cancel); clearTimeout(timer); };
  }

  private async openJournal(): Promise<void> {
    const { journal, runId, api, emit } = this.options;
    if (!journal) { return; }
    try {
      await journal.open(runId, api.server);
      this.journal = journal;
    } catch (error) {
      if (error instanceof ManifestError) { throw error; }
      emit({ type: 'note', task: null, message: `there is no journal, so a restarted run cannot know what is done and deleted: ${(error as Error).message}` });
      return;
    }
    const { tasks } = this.options.plan;
    for (const { task: { taskId }, fingerprint } of tasks) {
      const entries = journal.of(taskId).filter(entry => entry.type === 'result');
      if (entries.length > 0 && !entries.some(entry => entry.spec === fingerprint)) {
        throw new ManifestError(`task '${taskId}' was done in run '${runId}', but with another manifest`,
          "the manifests changed since the run began: choose another '--run-id'");
      }
    }
    const done = tasks.filter(planned => this.learn(planned)).map(({ task }) => this.results.get(task.taskId)!);
    if (done.length === 0) { return; }
    emit({ type: 'note', task: null, message: `${done.length} of ${tasks.length} tasks were done before, see ${journal.file}` });
    const failed = done.filter(({ state }) => state === 'failed').map(({ name }) => `'${name}'`);
    if (failed.length > 0) { emit({ type: 'note', task: null, message: `${failed.join(', ')} failed then and will not be run again in this run: another '--run-id' runs all tasks again` }); }
  }

  /** Takes over the result of a task that this or another runner of the run has written down for the same manifest. False where there is none. */
  private learn(planned: PlannedTask): boolean {
    const { taskId } = planned.task;
    const entry = this.journal?.of(taskId).find(item => item.type === 'result' && item.spec === planned.fingerprint);
    if (entry?.type !== 'result') { return false; }
    this.keep(taskId, entry.xcom === null ? null : parseJson(entry.xcom), entry.xcoms);
    const { result } = entry;
    const nextStep = result.state === 'failed' ? `${result.nextStep}; then run again with another '--run-id': under this one the failure stands` : result.nextStep;
    this.settle(planned, { ...result, nextStep }, result.attempts);
    return true;
  }

  private keep(taskId: string, result: JsonNode | null, others: { readonly [key: string]: string } = {}): void {
    const keys = Object.entries(others).map(([key, text]): [string, JsonNode] => [key, parseJson(text)]);
    this.xcoms.set(taskId, new Map([[RESULT_KEY, result], ...keys]));
  }

  /** Does what waited for the end of all tasks. */
  private async finish(tasks: PlannedTask[]): Promise<void> {
    const state = this.state(tasks.map(({ task }) => this.results.get(task.taskId)!));
    for (const [{ task: { taskId } }, work] of this.atEnd) {
      const warnings = await work(state);
      const result = this.results.get(taskId)!;
      this.results.set(taskId, { ...result, warnings: [...result.warnings, ...warnings] });
    }
  }

  /** Cleans up after a runner that died before it had. What cannot be had is no reason to stop. */
  private async tidy(done: PlannedTask[], left: PlannedTask[]): Promise<void> {
    const { api, runId, namespaceOf, emit } = this.options;
    for (const namespace of new Set(done.map(namespaceOf))) {
      const here = (tasks: PlannedTask[]) => tasks.filter(planned => namespaceOf(planned) === namespace);
      const results = here(done).map((planned): [PlannedTask, TaskResult] => [planned, this.results.get(planned.task.taskId)!]);
      await deleteLeftovers(api, namespace, runId, results, here(left).length === 0, this.stop.signal).catch(error => {
        emit({ type: 'note', task: null, message: `pods that an earlier runner left in namespace '${namespace}' could not be deleted: ${(error as Error).message}` });
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
      const warnings = await Promise.all([...this.scopes.values()].map(scope => scope.open(this.stop.signal)));
      warnings.flat().forEach(message => emit({ type: 'note', task: null, message }));
      if (this.journal?.fresh && [...this.scopes.values()].some(scope => scope.takenUp)) {
        emit({ type: 'note', task: null, message: `this run was begun elsewhere: journal ${this.journal.file} knows nothing of it, so a task whose pod is gone runs again` });
      }
      return true;
    } catch (error) {
      for (const planned of tasks) {
        const stopped = this.stop.signal.aborted ? this.stop.signal.reason as Stopped : undefined;
        this.settle(planned, stopped ? unstarted(planned, 'cancelled', stoppedBy(stopped))
          : unstarted(planned, 'failed', diagnoseError(error, inNamespace(planned.object, namespaceOf(planned)))));
      }
      return false;
    }
  }

  private async checkVersion(tasks: PlannedTask[]): Promise<void> {
    const version = await this.options.api.version({ signal: this.stop.signal, patienceMs: FIRST_ANSWER_MS }).catch(error => {
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
      running.set(planned.task.taskId, Promise.all(upstream).then(() => this.start(planned)));
    }
    await Promise.all(running.values());
  }

  private async start(planned: PlannedTask): Promise<void> {
    const upstream = planned.upstream.map(id => this.results.get(id)!);
    const stopped = () => (this.stop.signal.aborted ? this.stop.signal.reason as Stopped : undefined);
    if (stopped()) { return this.settle(planned, unstarted(planned, 'cancelled', stoppedBy(stopped()!))); }
    const failed = upstream.filter(result => result.state !== 'success');
    if (failed.length > 0) {
      return this.settle(planned, unstarted(planned, 'upstream_failed', {
        failure: null, reason: 'UpstreamFailed', message: `it waits for ${failed.map(result => `'${result.name}'`).join(', ')}, which did not succeed`, nextStep: null,
      }));
    }
    return this.slots.run(async () => {
      if (stopped()) { return this.settle(planned, unstarted(planned, 'cancelled', stoppedBy(stopped()!))); }
      return this.execute(planned);
    });
  }

  private async execute(planned: PlannedTask): Promise<void> {
    const { taskId, retries } = planned.task;
    const kind = objectKindOf(planned.object);
    let known: ReadonlyMap<string, Manifest> = new Map();
    if (kind) {
      try {
        known = await this.scopes.get(this.options.namespaceOf(planned))!.objectsOf(kind, this.stop.signal);
      } catch (error) {
        const stopped = this.stop.signal.aborted ? this.stop.signal.reason as Stopped : undefined;
        return this.settle(planned, stopped ? unstarted(planned, 'cancelled', stoppedBy(stopped))
          : unstarted(planned, 'failed', diagnoseError(error, inNamespace(planned.object, this.options.namespaceOf(planned)))));
      }
    }
    for (let tryNumber = this.firstTry(planned, known); ; tryNumber++) {
      if (this.learn(planned)) { return; }
      const outcome = await this.attempt(planned, tryNumber, known);
      // Another runner of this run may have been quicker, and have deleted the pod.
      if (this.learn(planned)) { return; }
      const { result } = outcome;
      const again = result.state === 'failed' && tryNumber <= retries && !NO_RETRY.includes(result.failure!) && !this.stop.signal.aborted;
      if (again) {
        await this.write({ type: 'ended', task: taskId, try: tryNumber, outcome: 'retry' });
        this.announce(planned, 'up_for_retry', tryNumber, `${result.reason}: ${result.message}`);
      } else if (result.state === 'cancelled') {
        if (!outcome.left) { await this.write({ type: 'ended', task: taskId, try: tryNumber, outcome: 'cancelled' }); }
      } else if ((result.pod || result.object) && result.failure !== 'unreachable') {
        // What failed before there was a pod is tried anew: nothing was done, and the reason may have gone.
        await this.write({ type: 'result', task: taskId, spec: planned.fingerprint, result, xcom: outcome.xcom?.text ?? null, ...(outcome.xcoms ? { xcoms: outcome.xcoms } : {}) });
      }
      const warnings = await outcome.cleanUp();
      if (outcome.atEnd) { this.atEnd.push([planned, outcome.atEnd]); }
      if (again) { continue; }
      this.keep(taskId, outcome.xcom?.node ?? null, outcome.xcoms);
      return this.settle(planned, { ...result, warnings: [...result.warnings, ...warnings] }, tryNumber);
    }
  }

  private attempt(planned: PlannedTask, tryNumber: number, known: ReadonlyMap<string, Manifest>): Promise<AttemptOutcome> {
    const { api, runId, logs, emit, namespaceOf } = this.options;
    const { taskId } = planned.task;
    const before = (this.journal?.of(taskId) ?? []).filter(entry => entry.type !== 'result' && entry.try === tryNumber);
    const common = {
      api,
      planned,
      runId,
      tryNumber,
      // A key that the task does not push is None.
      xcom: (id: string, key: string) => this.xcoms.has(id) ? this.xcoms.get(id)!.get(key) ?? null : undefined,
      templates: this.options.templates ?? {},
      stop: this.stop.signal,
      emit,
    };
    if (planned.task.action !== undefined) { return new ActionAttempt({ ...common, namespace: namespaceOf(planned) }).run(); }
    const options: AttemptOptions = {
      ...common,
      scope: this.scopes.get(namespaceOf(planned))!,
      logs,
      startedBefore: before.some(entry => entry.type === 'started'),
      // A runner that went on with it and died has started it once more.
      cancelledBefore: before.at(-1)?.type === 'ended',
      started: ({ metadata }) => this.write({ type: 'started', task: taskId, try: tryNumber, namespace: metadata.namespace!, pod: metadata.name!, uid: metadata.uid }),
    };
    const kind = objectKindOf(planned.object);
    return kind ? new ObjectAttempt(options, kind, known).run() : new Attempt(options).run();
  }

  /** The try to begin with: where an earlier runner of this run left off. */
  private firstTry(planned: PlannedTask, objects: ReadonlyMap<string, Manifest>): number {
    const { taskId } = planned.task;
    const journaled = (this.journal?.of(taskId) ?? []).flatMap(entry => (entry.type === 'ended' ? [entry.outcome === 'retry' ? entry.try + 1 : entry.try] : entry.type === 'started' ? [entry.try] : []));
    const label = safeLabelValue(taskId);
    const pods = this.scopes.get(this.options.namespaceOf(planned))?.pods.values() ?? [];
    const own = [...pods, ...objects.values()].filter(object => object.metadata.labels?.[TASK_LABEL] === label);
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
    this.results.set(planned.task.taskId, result);
    this.announce(planned, result.state, tryNumber, result.message, result.pod?.name);
  }

  private announce(planned: PlannedTask, state: LiveState, attempt: number, message: string | null, pod: string | null = null): void {
    this.options.emit({ type: 'task', task: planned.task.taskId, state, attempt, pod, message });
  }

  private async close(): Promise<void> {
    for (const scope of this.scopes.values()) {
      await scope.close().catch(error => {
        this.options.emit({ type: 'note', task: null, message: `ConfigMap '${scope.ownerName}' could not be deleted: ${(error as Error).message}` });
      });
    }
    await this.journal?.close();
  }

  private state(tasks: TaskResult[]): RunState {
    if (tasks.every(task => task.state === 'success')) { return 'success'; }
    return this.stop.signal.aborted ? (this.stop.signal.reason as Stopped).why : 'failed';
  }
}

/** The result of a task that no pod was started for. */
function unstarted(planned: PlannedTask, state: TaskResult['state'], why: Pick<TaskResult, 'failure' | 'reason' | 'message' | 'nextStep'>): TaskResult {
  const { failure, reason, message, nextStep } = why;
  return {
    name: planned.task.taskId,
    state,
    attempts: 0,
    exitCode: null,
    xcom: null,
    failure,
    reason,
    message,
    nextStep,
    evidence: null,
    warnings: [],
    pod: null,
  };
}

function stoppedBy(stopped: Stopped): Pick<TaskResult, 'failure' | 'reason' | 'message' | 'nextStep'> {
  return { failure: stopped.why, reason: stopped.why === 'timeout' ? 'RunTimeout' : 'Cancelled', message: stopped.message, nextStep: null };
}
