import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Chart } from 'cdk8s';
import { PodMutation, PodMutationProps, PodTask } from '../../src';
import { TASK_ANNOTATION } from '../../src/pod/task-annotation';
import { PodIdentity, RenderContext, renderPod } from '../../src/runtime';
import { chart, synth } from '../util';

/** A pod asked of KubernetesPodOperator, and in the same words of PodTask. */
export interface KpoCase {
  readonly id: string;
  /** Its parameters under their own names; Kubernetes objects as wire JSON. */
  readonly kwargs: { [parameter: string]: any };
  /** Whether the operator gets Kubernetes objects as models, or as dictionaries where it takes those. */
  readonly objects?: 'model' | 'dict';
  /** Files that `kwargs` name. */
  readonly files?: { [name: string]: string };
  /** Why PodTask differs here, where it does on purpose. */
  readonly deviation?: string;
  /** The same, where it may be nothing but an error. */
  readonly mayRefuse?: string;
  /** The run of a task for which both pods are rendered; without it Jinja stays text in both. */
  readonly run?: { readonly identity: PodIdentity; readonly context: RenderContext };
  /** Layers that the operator does not have; what they say is done to its finished pod. */
  readonly over?: { readonly podOverride?: any; readonly unset?: string[]; readonly podMutations?: PodMutationProps[] };
  /** Lists that the task is mapped over; `kwargs` are those of the map index of `run`. */
  readonly expand?: { readonly [parameter: string]: any[] };
  /** Ours is hardened: it must be the operator's pod but for what hardening adds. */
  readonly hardening?: boolean;
}

const camel = (text: string) => text.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

/** The pod that PodTask makes of the operator's parameters, and the runner of it. */
export function podOf(kpo: KpoCase): any {
  const pod = synth(Chart.of(taskOf(kpo)))[0];
  return kpo.run ? renderPod(pod, { ...kpo.run.identity, nameSuffix: '' }, kpo.run.context) : pod;
}

/** The task of the operator's parameters. */
export function taskOf(kpo: KpoCase): PodTask {
  const kwargs = { ...kpo.kwargs };
  Object.keys(kpo.expand ?? {}).forEach(parameter => delete kwargs[parameter]);
  if (kpo.files?.[kwargs.pod_template_file] !== undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'kpo-'));
    writeFileSync(join(folder, kwargs.pod_template_file), kpo.files[kwargs.pod_template_file]);
    kwargs.pod_template_file = join(folder, kwargs.pod_template_file);
  }
  const props: any = Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [camel(key), value]));
  if (props.secrets) {
    props.secrets = props.secrets.map((secret: any) => Object.fromEntries(Object.entries(secret).map(([key, value]) => [camel(key), value])));
  }
  const { podMutations, ...over } = kpo.over ?? {};
  return new PodTask(chart(), 'task', {
    hardening: kpo.hardening ?? false,
    ...(kpo.hardening ? { xcomMode: 'airflow' } : {}),
    ...props,
    ...over,
    ...(kpo.expand ? { expand: Object.fromEntries(Object.entries(kpo.expand).map(([key, list]) => [camel(key), list])) } : {}),
    ...(podMutations ? { podMutations: podMutations.map(mutation => new PodMutation(mutation)) } : {}),
  });
}

const isEmpty = (value: any) => (value ?? '') === '' || (typeof value === 'object' && Object.keys(value).length === 0);
const prune = (object: any) => Object.fromEntries(Object.entries(object).filter(([, value]) => !isEmpty(value)));
/** Fields that hold one of some words, of which the empty one is none. */
const WORDS = ['effect', 'operator', 'protocol'];
const withoutNull = (value: any): any => {
  if (Array.isArray(value)) { return value.map(withoutNull); }
  if (value === null || typeof value !== 'object') { return value; }
  const nothing = (key: string, item: any) => item === null || (item === '' && WORDS.includes(key));
  return Object.fromEntries(Object.entries(value).filter(([key, item]) => !nothing(key, item)).map(([key, item]) => [key, withoutNull(item)]));
};
/** The API server reads null in a map of texts as an empty one. */
const texts = (map: any) => Object.fromEntries(Object.entries(map ?? {}).map(([key, value]) => [key, value ?? '']));

/**
 * A pod without what is known to differ and means nothing: empty collections, `hostNetwork: false`, the suffix of the name, the identity of a run,
 * the task annotation, the random names of Secret volumes, variables that a later one of the same name overrules.
 */
export function normalised(pod: any, asked: { readonly namespace: boolean; readonly suffix: boolean }): any {
  let text = JSON.stringify(withoutNull({
    ...pod,
    metadata: { ...pod.metadata, labels: texts(pod.metadata.labels), annotations: texts(pod.metadata.annotations) },
    spec: { ...pod.spec, nodeSelector: texts(pod.spec.nodeSelector) },
  }));
  [...new Set(text.match(/secretvol[a-z0-9-]+/g) ?? [])].forEach((name, i) => { text = text.split(name).join(`SECRETVOL-${i}`); });
  const { metadata, spec, ...rest } = JSON.parse(text);
  const { airflow_version: _, ...labels } = metadata.labels ?? {};
  const { [TASK_ANNOTATION]: __, ...annotations } = metadata.annotations ?? {};
  const container = (c: any) => prune({
    ...c,
    env: (c.env ?? []).filter((variable: any, i: number) => !c.env.slice(i + 1).some((later: any) => later.name === variable.name)),
  });
  const { namespace, ...others } = metadata;
  return {
    ...prune(rest),
    metadata: prune({
      ...others, name: asked.suffix ? metadata.name.slice(0, -9) : metadata.name, labels, annotations, ...(asked.namespace ? { namespace } : {}),
    }),
    spec: prune({
      ...spec,
      hostNetwork: spec.hostNetwork || null,
      containers: spec.containers.map(container),
      initContainers: (spec.initContainers ?? []).map(container),
    }),
  };
}

/** What hardening adds where the author gave nothing. */
const ADDED = {
  pod: { runAsNonRoot: true, runAsUser: 50000, runAsGroup: 0, fsGroup: 0, seccompProfile: { type: 'RuntimeDefault' } },
  container: { allowPrivilegeEscalation: false, runAsNonRoot: false, readOnlyRootFilesystem: true },
};

/** A hardened pod without what hardening added to the same one that is not. */
function softened(hardened: any, plain: any): any {
  const without = (context: any = {}, given: any = {}, added: any) =>
    Object.fromEntries(Object.entries(context).filter(([key, value]) => given[key] !== undefined || !isDeepStrictEqual(value, added[key])));
  const container = (c: any, given: any = {}) => {
    const { capabilities: { drop, ...capabilities } = {} as any, ...context } = c.securityContext;
    const kept = prune({ ...capabilities, drop: given.securityContext?.capabilities?.drop ?? (isDeepStrictEqual(drop, ['ALL']) ? [] : drop) });
    return prune({ ...c, securityContext: prune({ ...without(context, given.securityContext, ADDED.container), capabilities: kept }) });
  };
  const { automountServiceAccountToken: token, ...spec } = hardened.spec;
  const each = (list: 'containers' | 'initContainers') => (spec[list] ?? []).map((c: any, i: number) => container(c, plain.spec[list]?.[i]));
  return {
    ...hardened,
    spec: prune({
      ...spec,
      ...(token === false && plain.spec.automountServiceAccountToken === undefined ? {} : { automountServiceAccountToken: token }),
      securityContext: without(spec.securityContext, plain.spec.securityContext, ADDED.pod),
      containers: each('containers'),
      initContainers: each('initContainers'),
    }),
  };
}

/** What makes the API server refuse a pod that the operator built; undefined where nothing of it does. */
export function refusal(pod: any): string | undefined {
  const twice = (what: string, keys: string[]) => {
    const key = keys.find((k, i) => keys.indexOf(k) !== i);
    return key === undefined ? undefined : `${what} '${key}' twice`;
  };
  const { spec } = pod;
  const containers = [...spec.containers, ...spec.initContainers ?? []];
  const labels = Object.entries(pod.metadata.labels ?? {});
  const bad = labels.find(([, value]) => typeof value !== 'string' || !/^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value) || value.length > 63);
  return [
    twice('container', containers.map(c => c.name)),
    twice('volume', (spec.volumes ?? []).map((v: any) => v.name)),
    ...containers.map(c => twice('mount', (c.volumeMounts ?? []).map((m: any) => m.mountPath))),
    ...containers.map(c => twice('port', (c.ports ?? []).map((p: any) => p.name ?? `${p.containerPort}/${p.protocol ?? 'TCP'}`))),
    ...containers.flatMap(c => c.volumeMounts ?? []).filter(mount => !(spec.volumes ?? []).some((volume: any) => volume.name === mount.name))
      .map(mount => `mount of volume '${mount.name}', which is missing`),
    ...containers.map(c => c.image ? undefined : `container '${c.name}' without an image`),
    bad && `label ${bad[0]}=${JSON.stringify(bad[1])}`,
    /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(pod.metadata.name) ? undefined : `name '${pod.metadata.name}'`,
  ].find(problem => problem !== undefined);
}

/** What the real operator made of a case: the normalised pod, or why there is none that the API server takes. */
export interface Recorded extends KpoCase {
  readonly pod?: any;
  /** In place of the pod, where a record must be short. */
  readonly hash?: string;
  readonly refused?: string;
}

/** The random cases of a record: a seed makes them again, so that only a hash of each pod is kept; null where there was none. */
export interface RecordedSeed {
  readonly seed: number;
  readonly count: number;
  readonly pods: (string | null)[];
}

/** What stands for a normalised pod in a record. */
export function podHash(pod: any): string {
  const sorted = (_: string, value: any) => value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1)) : value;
  return createHash('sha256').update(JSON.stringify(pod, sorted)).digest('hex').slice(0, 12);
}

/** The result of the real operator, ready to be recorded. */
export function recorded(kpo: KpoCase, result: { pod?: any; error?: string }): Recorded {
  const refused = result.error ?? refusal(result.pod);
  return refused === undefined
    ? { ...kpo, pod: normalised(result.pod, { ...asked(kpo), suffix: kpo.kwargs.random_name_suffix !== false }) }
    : { ...kpo, refused: refused.slice(0, 150) };
}

/**
 * How PodTask's pod compares: `equal`; `refused` where neither gives one; `mended` where the operator gives none that the API server takes and
 * PodTask one that it does; `documented` where the case says why it differs; anything else is the difference.
 */
export function verdict(kpo: Recorded): 'equal' | 'refused' | 'mended' | 'documented' | { ours: any; theirs: any } {
  let ours: any;
  let error: string | undefined;
  try {
    ours = podOf(kpo);
    error = refusal(ours);
  } catch (e) {
    error = (e as Error).message;
  }
  if (kpo.refused !== undefined && error !== undefined) { return 'refused'; }
  if (kpo.refused !== undefined) { return 'mended'; }
  const bare = (pod: any) => normalised(pod, { ...asked(kpo), suffix: false });
  const pod = error !== undefined ? { error } : kpo.hardening ? softened(bare(ours), bare(podOf({ ...kpo, hardening: false }))) : bare(ours);
  if (kpo.hash !== undefined ? podHash(pod) === kpo.hash : isDeepStrictEqual(pod, kpo.pod)) { return 'equal'; }
  return kpo.deviation !== undefined || (kpo.mayRefuse !== undefined && error !== undefined) ? 'documented' : { ours: pod, theirs: kpo.pod };
}

/** Without a namespace of its own a pod goes to the one of the connection, which is no part of this comparison. */
const asked = (kpo: KpoCase) => ({
  namespace: kpo.run !== undefined || [
    kpo.kwargs, kpo.kwargs.full_pod_spec?.metadata, kpo.kwargs.pod_template_dict?.metadata, Object.values(kpo.files ?? {}).join(),
  ].some(place => typeof place === 'string' ? /"?namespace"?: /.test(place) : Boolean(place?.namespace)),
});
