import { at, nameOf } from './manifests';
import { Check, Finding } from './violation';
import { podSecurityViolations } from '../../pod/pod-security';

/** Pods satisfy Pod Security `restricted`. */
export const podSecurity: Check = ({ pods }) => pods.flatMap(pod => podSecurityViolations(pod.spec, 'restricted').map(reason => ({
  object: nameOf(pod.object), path: at(pod.path, 'spec'), reason, repair: 'do what Pod Security asks for; a namespace that enforces it refuses the pod',
})));

/** Containers say what they need, and what they run is the same tomorrow. */
export const resourcesAndImages: Check = ({ containers }) => containers.flatMap(({ pod, container, path }) => {
  const found: [boolean, string, string, string][] = [
    [!container.resources?.requests?.cpu, 'resources.requests.cpu', 'there is no CPU request', 'set one'],
    [!container.resources?.requests?.memory, 'resources.requests.memory', 'there is no memory request', 'set one'],
    [!container.resources?.limits?.memory, 'resources.limits.memory', 'there is no memory limit', 'set one, so that it cannot take the memory of others'],
    [!isPinned(container.image), 'image', `the image '${container.image}' may change`, 'give it a tag other than latest, or a digest'],
  ];
  return found.filter(([wrong]) => wrong).map(([, key, reason, repair]): Finding => ({ object: nameOf(pod.object), path: `${path}.${key}`, reason, repair }));
});

/** A probe ends before the next one begins, and a hook before the container is killed. */
export const probeTimes: Check = ({ containers }) => containers.flatMap(({ pod, container, path }) => {
  const object = nameOf(pod.object);
  const late = ['startupProbe', 'livenessProbe', 'readinessProbe'].filter(name => {
    const probe = container[name];
    return probe && (probe.timeoutSeconds ?? 1) > (probe.periodSeconds ?? 10);
  });
  const grace = pod.spec.terminationGracePeriodSeconds ?? 30;
  const sleeps = preStopSeconds(container.lifecycle?.preStop);
  return [
    ...late.map((name): Finding => ({
      object,
      path: `${path}.${name}.timeoutSeconds`,
      reason: `it is ${container[name].timeoutSeconds ?? 1}, and the next probe begins after ${container[name].periodSeconds ?? 10}`,
      repair: "raise 'periodSeconds', or lower 'timeoutSeconds'",
    })),
    ...(sleeps >= grace ? [{
      object,
      path: `${path}.lifecycle.preStop`,
      reason: `it takes ${sleeps} seconds, and the container is killed after ${grace}`,
      repair: "raise 'terminationGracePeriodSeconds' above it",
    }] : []),
  ];
});

function isPinned(image: unknown): boolean {
  return typeof image === 'string' && (/@sha256:[0-9a-f]{64}$/.test(image) || /:(?!latest$)[\w][\w.-]*$/.test(image));
}

function preStopSeconds(hook: any): number {
  const [, slept] = /\bsleep (\d+)/.exec((hook?.exec?.command ?? []).join(' ')) ?? [];
  return Number(hook?.sleep?.seconds ?? slept ?? 0);
}
