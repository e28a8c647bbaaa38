import { Pod } from './api';
import { FailureClass } from './result';
import { Manifest } from '../pod/manifest';

/** What is known of one pod; made by {@link reduce} alone. */
export interface PodState {
  readonly pod: Pod;
  /** The pod is no more. */
  readonly gone: boolean;
  /** The base container has run. */
  readonly started: boolean;
  /** The pod was being deleted while the base container ran, as seen or by the server's times: what it then ended with is no result. */
  readonly interrupted: boolean;
  /** When the start-up clock began: at the first sight of the pod, and again when it was scheduled. */
  readonly clock: number;
  /** When the pod was first seen being deleted while its base container ran. */
  readonly deletingSince?: number;
  readonly scheduled: boolean;
  /** What keeps the pod from starting. */
  readonly problem: Problem | null;
  /** The last problem there was: between two tries the kubelet says nothing. */
  readonly lastProblem: Problem | null;
  /** How the task ended; once set it never changes. */
  readonly end: PodEnd | null;
}

export interface Problem {
  readonly failure: FailureClass;
  readonly reason: string;
  readonly message: string;
  readonly container: string;
  readonly since: number;
  /** Milliseconds after which the problem ends the task. */
  readonly grace: number;
}

export interface PodEnd {
  /** null for success. */
  readonly failure: FailureClass | null;
  readonly reason: string | null;
  readonly message: string | null;
  readonly exitCode: number | null;
  /** The container that the failure is about. */
  readonly container: string;
}

export interface ReducerSettings {
  /** The name of the container that runs the task. */
  readonly base: string;
  /** @see TaskAnnotation.startupTimeoutSeconds */
  readonly startupTimeoutSeconds: number;
  /** A start that fails is no end: a controller made the pod, and decides. */
  readonly patient?: boolean;
}

export interface Observation {
  /** Milliseconds of a monotonic clock. */
  readonly now: number;
  readonly pod?: Pod;
  readonly gone?: boolean;
}

const SECOND = 1000;
/** How long a node may be silent beyond the grace period of a pod. */
const NODE_LOST_SECONDS = 120;
/** What the end of a pod may take beyond its grace period. */
const KILL_SECONDS = 10;
/** Reasons of waiting containers that end a task, with the time they are given to pass. */
const WAITING: { [reason: string]: { failure: FailureClass; grace: number } } = {
  InvalidImageName: { failure: 'image', grace: 0 },
  ErrImageNeverPull: { failure: 'image', grace: 0 },
  ErrImagePull: { failure: 'image', grace: 60 * SECOND },
  ImagePullBackOff: { failure: 'image', grace: 60 * SECOND },
  ImageInspectError: { failure: 'image', grace: 60 * SECOND },
  RegistryUnavailable: { failure: 'image', grace: 60 * SECOND },
  CreateContainerConfigError: { failure: 'config', grace: 10 * SECOND },
  CreateContainerError: { failure: 'config', grace: 60 * SECOND },
  RunContainerError: { failure: 'config', grace: 60 * SECOND },
  CrashLoopBackOff: { failure: 'app', grace: 60 * SECOND },
};
/** A registry that says so has answered: trying again brings the same. */
const IMAGE_IS_MISSING = /not found|manifest unknown|does not exist|access denied|unauthorized|authorization failed|forbidden/i;

/** The state after an observation. Observations may come twice, late and out of order. */
export function reduce(state: PodState | undefined, seen: Observation, settings: ReducerSettings): PodState {
  if (state === undefined && seen.pod === undefined) { throw new Error('the first observation of a pod must bring the pod'); }
  const pod = newerPod(state?.pod, seen.pod);
  const base = containerStatus(pod, settings.base);
  const started = (state?.started ?? false) || base?.state?.running !== undefined || ran(base);
  const gone = (state?.gone ?? false) || seen.gone === true;
  const interrupted = (state?.interrupted ?? false) || (started && pod.metadata.deletionTimestamp !== undefined && !endedBeforeDeletion(pod, base));
  const isScheduled = condition(pod, 'PodScheduled')?.status === 'True' || pod.spec.nodeName !== undefined;
  const scheduled = (state?.scheduled ?? false) || isScheduled;
  const clock = state === undefined || (scheduled && !state.scheduled) ? seen.now : state.clock;
  const problem = started ? null : findProblem(pod, state?.problem ?? null, seen.now);
  const lastProblem = problem ?? state?.lastProblem ?? null;
  const deletingSince = state?.deletingSince ?? (interrupted ? seen.now : undefined);
  const next: PodState = { deletingSince, pod, gone, started, interrupted, clock, scheduled, problem, lastProblem, end: state?.end ?? null };
  return next.end ? next : { ...next, end: ending(next, base, seen.now, settings) };
}

/** The moment at which {@link reduce} would say something new although nothing happened; undefined where it never would. */
export function deadline(state: PodState, settings: ReducerSettings): number | undefined {
  if (state.end) { return undefined; }
  if (state.deletingSince !== undefined) { return state.deletingSince + lostAfter(state.pod); }
  if (state.started || settings.patient) { return undefined; }
  const startup = state.clock + settings.startupTimeoutSeconds * SECOND;
  return state.problem ? Math.min(startup, state.problem.since + state.problem.grace) : startup;
}

/** Milliseconds after which a pod that is being deleted must have ended, if its node is alive. */
function lostAfter({ metadata, spec }: Pod): number {
  return ((metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30) + NODE_LOST_SECONDS) * SECOND;
}

/** The status of a container or init container. */
export function containerStatus(pod: Pod, name: string): any {
  return [...pod.status?.containerStatuses ?? [], ...pod.status?.initContainerStatuses ?? []].find((status: any) => status.name === name);
}

/** True where nothing of the pod runs or will run. */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

function condition(pod: Pod, type: string): any {
  return pod.status?.conditions?.find((c: any) => c.type === type);
}

/**
 * True where the base container had surely ended when the deletion was asked for. Both are known to the second; and when the pod's containers have ended, the
 * kubelet deletes once more, with no grace, which moves the time forward to then.
 */
function endedBeforeDeletion({ metadata, spec }: Pod, base: any): boolean {
  const grace = metadata.deletionGracePeriodSeconds || (spec.terminationGracePeriodSeconds ?? 30) + KILL_SECONDS;
  return Date.parse(base?.state?.terminated?.finishedAt) < Date.parse(metadata.deletionTimestamp!) - grace * SECOND;
}

/** A relist may bring an older state than the watch did. */
function newerPod(known: Pod | undefined, seen: Pod | undefined): Pod {
  return known && seen && isFinished(known) && !isFinished(seen) ? known : newer(known, seen);
}

/** The newer one of two states of an object. */
export function newer<T extends Manifest>(known: T | undefined, seen: T | undefined): T {
  if (!known || !seen) { return (seen ?? known)!; }
  const [a, b] = [known, seen].map(object => Number(object.metadata.resourceVersion));
  return Number.isSafeInteger(a) && Number.isSafeInteger(b) && b < a ? known : seen;
}

function ran(status: any): boolean {
  const terminated = status?.state?.terminated ?? status?.lastState?.terminated;
  return terminated !== undefined && terminated.reason !== 'StartError' && terminated.reason !== 'ContainerCannotRun';
}

function ending(state: PodState, base: any, time: number, settings: ReducerSettings): PodEnd | null {
  const { pod } = state;
  const terminated = base?.state?.terminated;
  const name = settings.base;
  const disrupted = disruption(pod);
  if (terminated) {
    const { exitCode } = terminated;
    if (terminated.reason === 'StartError' || terminated.reason === 'ContainerCannotRun') {
      return failed('config', terminated.reason, terminated.message ?? 'the container could not be started', name, exitCode);
    }
    if (state.interrupted) {
      return failed('infra-after-start', disrupted?.reason ?? 'PodDeleted',
        disrupted?.message ?? `the pod was deleted while the task ran (the container then ended with ${exitCode})`, name, exitCode);
    }
    // The kubelet ended the pod, and the program made the best of its TERM: that is no result. A pod may also be Failed for another of its containers.
    if (exitCode === 0 && pod.status?.phase === 'Failed' && disrupted) { return failed(disrupted.failure, disrupted.reason, disrupted.message, name, exitCode); }
    if (exitCode === 0) { return { failure: null, reason: null, message: null, exitCode: 0, container: name }; }
    // A container that was killed along with its pod says 137 or 143, or nothing at all; why is written on the pod.
    if (disrupted && (terminated.reason === 'ContainerStatusUnknown' || exitCode === 137 || exitCode === 143)) {
      return failed(disrupted.failure, disrupted.reason, disrupted.message, name, terminated.reason === 'ContainerStatusUnknown' ? null : exitCode);
    }
    if (terminated.reason === 'OOMKilled') { return failed('app', 'OOMKilled', `the container used more memory than its limit (exit code ${exitCode})`, name, exitCode); }
    if (terminated.reason === 'ContainerStatusUnknown') {
      return failed('infra-after-start', 'ContainerStatusUnknown', 'the node does not know how the container ended', name, null);
    }
    return failed('app', terminated.reason ?? 'Error', `the container ended with exit code ${exitCode}${signalName(exitCode)}`, name, exitCode);
  }
  if (pod.status?.phase === 'Succeeded') { return { failure: null, reason: null, message: null, exitCode: 0, container: name }; }
  if (pod.status?.phase === 'Failed') {
    if (disrupted) { return failed(state.started ? disrupted.failure : beforeStart(disrupted.failure), disrupted.reason, disrupted.message, name); }
    const init = pod.status.initContainerStatuses?.find((s: any) => (s.state?.terminated?.exitCode ?? 0) !== 0);
    if (init) {
      const { exitCode, reason, message } = init.state.terminated;
      return failed(reason === 'StartError' ? 'config' : 'app', reason ?? 'Error', `init container '${init.name}' ended with exit code ${exitCode}${message ? `: ${message}` : ''}`, init.name, exitCode);
    }
    return failed(state.started ? 'infra-after-start' : 'infra-before-start', pod.status.reason ?? 'PodFailed', pod.status.message ?? 'the pod failed without a container status', name);
  }
  if (state.gone) {
    return failed(state.started ? 'infra-after-start' : 'infra-before-start', disrupted?.reason ?? 'PodDeleted',
      disrupted?.message ?? `the pod was deleted ${state.started ? 'while the task ran' : 'before the task started'}`, name);
  }
  if (state.deletingSince !== undefined && time >= state.deletingSince + lostAfter(pod)) {
    return failed('infra-after-start', disrupted?.reason ?? 'NodeLost',
      `the pod was deleted and node '${pod.spec.nodeName}' has not said how it ended; it may still run there`, name);
  }
  return state.started || settings.patient ? null : startFailure(state, time, settings);
}

/** The container whose log tells of the end: the base container, or the init container that failed before it. */
export function speakerOf({ end, started }: PodState): string | undefined {
  return end && (started || end.exitCode !== null) ? end.container : undefined;
}

/** What keeps the pod from starting, once its time is up. */
function startFailure(state: PodState, time: number, settings: ReducerSettings): PodEnd | null {
  const { problem, pod } = state;
  if (problem && time >= problem.since + problem.grace) { return failed(problem.failure, problem.reason, problem.message, problem.container); }
  if (time < state.clock + settings.startupTimeoutSeconds * SECOND) { return null; }
  if (state.lastProblem) {
    const { failure, reason, message, container } = state.lastProblem;
    return failed(failure, reason, message, container);
  }
  const seconds = settings.startupTimeoutSeconds;
  if (!state.scheduled) {
    const unscheduled = condition(pod, 'PodScheduled');
    return failed('capacity', unscheduled?.reason ?? 'Unschedulable', `no node took the pod within ${seconds} s${unscheduled?.message ? `: ${unscheduled.message}` : ''}`, settings.base);
  }
  const waiting = [...pod.status?.initContainerStatuses ?? [], ...pod.status?.containerStatuses ?? []].find((s: any) => s.state?.waiting?.reason);
  const { reason, message } = waiting?.state.waiting ?? {};
  const why = waiting ? `; container '${waiting.name}' waits: ${reason}${message ? `: ${message}` : ''}` : '';
  return failed('timeout', 'StartupTimeout', `the pod did not start within ${seconds} s after it was scheduled to node '${pod.spec.nodeName}'${why}`, settings.base);
}

function findProblem(pod: Pod, before: Problem | null, time: number): Problem | null {
  for (const status of [...pod.status?.initContainerStatuses ?? [], ...pod.status?.containerStatuses ?? []]) {
    const waiting = status.state?.waiting;
    const known = waiting?.reason && WAITING[waiting.reason];
    if (!known) { continue; }
    const same = before?.container === status.name && before?.failure === known.failure ? before : undefined;
    // ImagePullBackOff repeats what ErrImagePull said, in fewer words.
    const { reason, message } = same && waiting.reason === 'ImagePullBackOff' ? same : { reason: waiting.reason, message: waiting.message ?? waiting.reason };
    const grace = known.failure === 'image' && IMAGE_IS_MISSING.test(message) ? Math.min(known.grace, 15 * SECOND) : known.grace;
    return { failure: known.failure, reason, message, container: status.name, since: same?.since ?? time, grace };
  }
  return null;
}

/** Why the cluster took the pod away; undefined where it did not. */
function disruption(pod: Pod): { failure: FailureClass; reason: string; message: string } | undefined {
  const { reason, message } = pod.status ?? {};
  if (reason === 'DeadlineExceeded') {
    return { failure: 'timeout', reason, message: `the pod ran longer than its activeDeadlineSeconds (${pod.spec.activeDeadlineSeconds} s)` };
  }
  if (reason) { return { failure: 'infra-after-start', reason, message: message ?? reason }; }
  const target = condition(pod, 'DisruptionTarget');
  if (target?.status === 'True') { return { failure: 'infra-after-start', reason: target.reason, message: target.message ?? target.reason }; }
  return undefined;
}

function beforeStart(failure: FailureClass): FailureClass {
  return failure === 'infra-after-start' ? 'infra-before-start' : failure;
}

function failed(failure: FailureClass, reason: string, message: string, container: string, exitCode: number | null = null): PodEnd {
  return { failure, reason, message, exitCode, container };
}

function signalName(exitCode: number): string {
  const names: { [code: number]: string } = { 129: 'SIGHUP', 130: 'SIGINT', 134: 'SIGABRT', 137: 'SIGKILL', 139: 'SIGSEGV', 143: 'SIGTERM' };
  return names[exitCode] ? ` (${names[exitCode]})` : '';
}
