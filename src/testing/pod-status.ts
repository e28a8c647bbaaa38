import { Container } from './container';
import { now } from './store';
import { Manifest } from '../pod/manifest';

/** What the kubelet knows beside the containers. */
export interface PodFacts {
  readonly startTime: string;
  readonly sandbox: boolean;
  /** Set where the pod failed by itself, whatever its containers say. */
  readonly failure?: { readonly reason: string; readonly message: string };
  /** True where no container starts any more. */
  readonly over: boolean;
}

/** The status of a pod as the kubelet writes it. */
export function podStatus(pod: Manifest, containers: Container[], facts: PodFacts): any {
  const phase = facts.failure && !containers.some(c => c.state.running) ? 'Failed' : podPhase(pod, containers, facts);
  const init = containers.filter(c => c.field === 'initContainers');
  const main = containers.filter(c => c.field === 'containers');
  return {
    observedGeneration: pod.metadata.generation,
    phase,
    conditions: conditions(pod, phase, init, main, facts),
    ...phase === 'Failed' && facts.failure,
    hostIP: '127.0.0.1',
    hostIPs: [{ ip: '127.0.0.1' }],
    ...facts.sandbox && { podIP: '127.0.0.1', podIPs: [{ ip: '127.0.0.1' }] },
    startTime: facts.startTime,
    ...init.length > 0 && { initContainerStatuses: init.map(containerStatus) },
    containerStatuses: [...main].sort((a, b) => a.name < b.name ? -1 : 1).map(containerStatus),
    qosClass: pod.status.qosClass,
  };
}

/** A regular init container that ended well, or a sidecar that runs (or ran, when the pod is over). */
function initialised(container: Container): boolean {
  return container.sidecar ? container.restartCount > 0 || container.id !== undefined : container.exitCode === 0;
}

function podPhase(pod: Manifest, containers: Container[], { over }: PodFacts): string {
  const main = containers.filter(c => c.field === 'containers');
  const restarts = (c: Container) => c.state.waiting?.reason === 'CrashLoopBackOff';
  const regularInit = containers.filter(c => c.field === 'initContainers' && !c.sidecar);
  if (pod.spec.restartPolicy === 'Never' && regularInit.some(c => c.exitCode !== undefined && c.exitCode !== 0)) { return 'Failed'; }
  const willRestart = (c: Container) => !over && (pod.spec.restartPolicy === 'Always' || (pod.spec.restartPolicy === 'OnFailure' && c.exitCode !== 0));
  if (main.every(c => c.exitCode !== undefined && !willRestart(c))) {
    if (containers.some(c => c.state.running)) { return 'Running'; }
    return main.every(c => c.exitCode === 0) ? 'Succeeded' : 'Failed';
  }
  if (over && !containers.some(c => c.state.running)) { return 'Failed'; }
  return main.some(c => c.state.waiting && !restarts(c)) ? 'Pending' : 'Running';
}

function containerStatus(container: Container): any {
  const { spec, id, state } = container;
  const running = state.running !== undefined;
  return {
    name: container.name,
    state,
    lastState: container.lastState,
    ready: running ? container.sidecar || container.field === 'containers' : container.field === 'initContainers' && !container.sidecar && container.exitCode === 0,
    restartCount: container.restartCount,
    image: spec.image,
    imageID: id === undefined ? '' : spec.image,
    ...id !== undefined && { containerID: id },
    started: running && (container.sidecar || container.field === 'containers'),
    ...id !== undefined && { ...spec.resources.requests && { allocatedResources: spec.resources.requests }, resources: spec.resources },
    ...spec.volumeMounts && { volumeMounts: spec.volumeMounts.map(mountStatus) },
  };
}

function mountStatus({ name, mountPath, readOnly }: any): any {
  return { name, mountPath, ...readOnly && { readOnly, recursiveReadOnly: 'Disabled' } };
}

function conditions(pod: Manifest, phase: string, init: Container[], main: Container[], facts: PodFacts): any[] {
  const ended = phase === 'Succeeded' || phase === 'Failed';
  const names = (list: Container[]) => `[${list.map(c => c.name).join(' ')}]`;
  const incomplete = init.filter(c => !initialised(c));
  // Sidecars count, other init containers do not.
  const unready = [...init.filter(c => c.sidecar), ...main].filter(c => !c.state.running);
  const ready = ended
    ? { status: 'False', reason: phase === 'Failed' ? 'PodFailed' : 'PodCompleted' }
    : unready.length > 0
      ? { status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: ${names(unready)}` }
      : { status: 'True' };
  const initStatus = incomplete.length > 0
    ? { status: 'False', reason: 'ContainersNotInitialized', message: `containers with incomplete status: ${names(incomplete)}` }
    : { status: 'True', ...phase === 'Succeeded' && { reason: 'PodCompleted' } };
  const wanted = [
    { type: 'PodReadyToStartContainers', status: facts.sandbox && !ended ? 'True' : 'False' },
    { type: 'Initialized', ...initStatus },
    { type: 'Ready', ...ready },
    { type: 'ContainersReady', ...ready },
    { type: 'PodScheduled', status: 'True' },
  ];
  return wanted.map(condition => mergeCondition(pod, condition));
}

/** The condition with the time of its last change. */
export function mergeCondition(pod: Manifest, condition: { readonly type: string; readonly status: string }): any {
  const before = pod.status?.conditions?.find((other: any) => other.type === condition.type);
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : now();
  return { observedGeneration: pod.metadata.generation, lastProbeTime: null, lastTransitionTime, ...condition };
}
