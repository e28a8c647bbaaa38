import { PodSettings, Wire } from './component-graph';
import { hardenContainerContext, mergeContexts } from '../pod/hardening';
import { mergePods } from '../pod/merge';
import { unset } from '../pod/unset';

/** The handlers of a probe: it has one of them. */
const HANDLERS = ['exec', 'grpc', 'httpGet', 'tcpSocket'];

/** The pod of a component with what a user has set on it: the settings, over them the override, and without what is unset. */
export function withSettings(pod: Wire, settings: PodSettings): Wire {
  const added = layer(pod, settings);
  // Untouched unless there is something to merge: a merge drops what is empty.
  const own = added ? inOrder(mergePods([{ source: 'the deployment', pod }, { source: `'${settings.source}'`, pod: added }])) : pod;
  const merged = settings.override
    ? inOrder(mergePods([{ source: 'the deployment', pod: own }, { source: "'podOverride'", pod: withContexts(own, settings.override), replaces: true }])) : own;
  const whole = ordered(merged, pod);
  const rest = settings.unset ? unset(whole, settings.unset) : whole;
  const main = pod.spec.containers[0].name;
  if (rest.spec?.containers?.[0]?.name !== main) { throw new Error(`'${settings.source}.unset' must leave the container '${main}', which is the component`); }
  return rest;
}

/** An override whose security contexts hold what they say nothing of, too: to ask for another user must not drop all that Pod Security asks for. */
function withContexts(pod: Wire, override: Wire): Wire {
  const completed = (lower: Wire | undefined, upper: Wire) => (upper.securityContext === undefined ? upper
    : { ...upper, securityContext: mergeContexts(lower?.securityContext, upper.securityContext) });
  const spec = completed(pod.spec, override.spec ?? {});
  const containers = (field: 'containers' | 'initContainers') => (spec[field] === undefined ? {}
    : { [field]: spec[field].map((upper: Wire) => completed(pod.spec[field]?.find(({ name }: Wire) => name === upper.name), upper)) });
  return { ...override, spec: { ...spec, ...containers('initContainers'), ...containers('containers') } };
}

/** In the order in which they run, wherever the merge has put those that it added. */
function inOrder(pod: Wire): Wire {
  const { initContainers, containers, volumes, ...rest } = pod.spec;
  return { ...pod, spec: { ...rest, ...(initContainers ? { initContainers } : {}), containers, ...(volumes ? { volumes } : {}) } };
}

/**
 * Sidecars that a user has added come before the deployment's own init containers, which may need them: a proxy of the database, an agent of a mesh.
 * With them comes what the user has put in front of them.
 */
export function sidecarsFirst(own: Wire[], added: Wire[]): Wire[] {
  const count = added.map(({ restartPolicy }) => restartPolicy).lastIndexOf('Always') + 1;
  return [...added.slice(0, count), ...own, ...added.slice(count)];
}

function ordered(pod: Wire, { spec: { initContainers: own = [] } }: Wire): Wire {
  const { initContainers: all } = pod.spec;
  const isOwn = ({ name }: Wire) => own.some((container: Wire) => container.name === name);
  if (!all) { return pod; }
  const added = all.filter((container: Wire) => !isOwn(container));
  return { ...pod, spec: { ...pod.spec, initContainers: sidecarsFirst(all.filter(isOwn), added) } };
}

function layer(pod: Wire, settings: PodSettings): Wire | undefined {
  const [main] = pod.spec.containers;
  const { source, probes = {}, envFrom, lifecycle, volumes, volumeMounts } = settings;
  const taken = [...pod.spec.initContainers ?? [], ...pod.spec.containers].map(({ name }) => name);
  const added = (prop: 'containers' | 'initContainers') => settings[prop]?.map(container => {
    if (taken.includes(container.name)) {
      throw new Error(`'${source}.${prop}' holds '${container.name}', which the deployment has already; rename it, or change that one with 'podOverride'`);
    }
    return { ...container, securityContext: hardenContainerContext(container.securityContext) };
  });
  const [containers, initContainers] = [added('containers'), added('initContainers')];
  const changed = Object.fromEntries(Object.entries(probes).map(([name, given]) => [name, probe(`${source}.${name}`, main[name], given)]));
  const nothing = Object.keys(changed).length === 0;
  if (nothing && ![envFrom, lifecycle, volumes, volumeMounts, containers, initContainers].some(Boolean)) { return undefined; }
  const given = { envFrom, lifecycle, ...changed, volumeMounts };
  const base = { name: main.name, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
  return {
    spec: {
      ...(initContainers ? { initContainers } : {}),
      containers: [base, ...containers ?? []],
      ...(volumes ? { volumes } : {}),
    },
  };
}

/** A probe with the given fields over those of the component's own; another handler takes the place of its handler. */
function probe(path: string, own: Wire | undefined, given: Wire): Wire {
  const another = HANDLERS.some(handler => handler in given);
  const kept = Object.entries(own ?? {}).filter(([key]) => !another || !HANDLERS.includes(key));
  const merged = { ...Object.fromEntries(kept), ...given };
  if (!HANDLERS.some(handler => handler in merged)) {
    const allowed = HANDLERS.map(handler => `'${handler}'`).join(', ');
    throw new Error(`'${path}' asks for nothing, and the component has no such probe of its own; give it one of ${allowed}`);
  }
  return merged;
}
