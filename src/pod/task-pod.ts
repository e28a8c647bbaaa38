import { checkPod } from './check-pod';
import { hardenContainerContext, hardenPodContext } from './hardening';
import { isChangedByRendering, mapTemplatedFields } from './jinja';
import { mergeContainer, mergePods, PodLayer } from './merge';
import { mutatePod, partMutations } from './mutation';
import { PodPath, podPathText, podTexts, valueAt } from './pod-path';
import { parametersPod } from './task-parameters';
import { TaskPodOptions } from './task-pod-options';
import { unset } from './unset';
import { XCOM_SIDECAR_NAME } from './xcom';
import { withXCom } from './xcom-parts';

const OVERRIDE = "'podOverride'";

/**
 * The pod of a task, metadata and spec: its layers merged, hardened where nothing is given unless told otherwise, with the parts that take its XCom out.
 *
 * @throws Error that says what cannot be built as asked, or what the API server would refuse.
 */
export function taskPod(options: TaskPodOptions): { metadata: any; spec: any } {
  const base = options.baseContainerName;
  const parameters = { source: "the task's parameters", pod: parametersPod(options.parameters, base) };
  const override = forSidecar(options.podOverride);
  if ((override.pod?.spec?.restartPolicy ?? 'Never') !== 'Never') {
    throw new Error(`${OVERRIDE} sets 'restartPolicy' to '${override.pod.spec.restartPolicy}', but the pod of a task runs once; use 'retries'`);
  }
  const { metadata = {}, spec } = mergePods([
    ...withBaseContainers([...options.layers, parameters], base),
    ...(override.pod ? [{ source: OVERRIDE, pod: override.pod, replaces: true }] : []),
  ]);
  const fixed = withFixedParts(spec, base);
  const complete = withSidecar(options.hardening ? harden(fixed) : fixed, options, override.sidecar);
  const bare = unset({ metadata, spec: complete }, options.unset ?? []);
  if (bare.spec.containers?.[0]?.name !== base) { throw new Error(`'unset' must leave the container '${base}', which runs the task`); }
  const { mutations = [], airflowLabels: labels = {} } = options;
  const pod = mutatePod(bare, partMutations(mutations, options.lateBaseName, Object.keys(labels)).now, { maker: 'KubernetesPodOperator', labels });
  checkPod(pod, options.laterVolumes);
  return pod;
}

/**
 * The texts of a pod that KubernetesPodOperator changes by rendering for no other reason than that they come from `pod_template_dict`, which it
 * renders whole.
 */
export function templatedByDict(pod: { metadata: any; spec: any }, dict: any, base: string): string[] {
  const aligned = mergePods(withBaseContainers([{ source: '', pod: dict }], base));
  const rendered = mapTemplatedFields(pod, text => isChangedByRendering(text) ? '' : text);
  return podTexts(pod)
    .filter(({ path, text }) => isChangedByRendering(text) && valueAt(rendered, path) === text && valueAt(aligned, path) === text)
    .map(({ path }) => podPathText(path));
}

/** The texts of templated fields that rendering would change and the operator leaves alone, since a template file or `fullPodSpec` says them. */
export function writtenBelow(pod: { metadata: any; spec: any }, options: TaskPodOptions): string[] {
  const { layers, parameters, podOverride, baseContainerName: base } = options;
  const over = { source: OVERRIDE, pod: podOverride ?? {} };
  const aligned = withBaseContainers([...layers, { source: '', pod: parametersPod(parameters, base) }, over], base)
    .map(layer => ({ source: layer.source, pod: mergePods([layer]) }));
  const rendered = mapTemplatedFields(pod, text => isChangedByRendering(text) ? '' : text);
  // Items of some lists add up, so that a place alone does not tell where a text is from.
  const isBelow = (path: PodPath, text: string) => {
    const last = aligned.filter(layer => valueAt(layer.pod, path) !== undefined).at(-1);
    return last !== undefined && ["'podTemplateFile'", "'fullPodSpec'"].includes(last.source) && valueAt(last.pod, path) === text;
  };
  return podTexts(pod)
    .filter(({ path, text }) => isChangedByRendering(text) && valueAt(rendered, path) !== text && isBelow(path, text))
    .map(({ path }) => podPathText(path));
}

/** The layers with the same name for the container that runs the task: the one of that name, else the first that no lower layer knows as another one. */
function withBaseContainers(layers: readonly PodLayer[], base: string): PodLayer[] {
  const known = new Set<string>();
  return layers.map(layer => {
    const { containers = [], ...spec } = layer.pod.spec ?? {};
    const [first, ...others] = containers;
    const renames = first !== undefined && !known.has(first.name) && !containers.some((container: any) => container.name === base);
    const named = renames ? [{ ...first, name: base }, ...others] : containers;
    named.forEach((container: any) => known.add(container.name));
    return { ...layer, pod: { ...layer.pod, spec: { ...spec, containers: named } } };
  });
}

/** What an override says of the XCom sidecar, which is there only after the merge, and the rest of it. */
function forSidecar(override: any): { readonly pod?: any; readonly sidecar?: any } {
  if (override?.spec === undefined) { return { pod: override }; }
  const isSidecar = (container: any) => container.name === XCOM_SIDECAR_NAME;
  const { containers = [], initContainers = [], ...spec } = override.spec;
  const others = (list: any[]) => list.filter(container => !isSidecar(container));
  return {
    pod: { ...override, spec: { ...spec, containers: others(containers), initContainers: others(initContainers) } },
    sidecar: [...containers, ...initContainers].find(isSidecar),
  };
}

/** The base container first, and what the provider sets on every pod. */
function withFixedParts(spec: any, base: string): any {
  const isBase = (container: any) => container.name === base;
  return {
    ...spec,
    restartPolicy: 'Never',
    containers: [
      { terminationMessagePolicy: 'File', ...spec.containers.find(isBase) },
      ...spec.containers.filter((container: any) => !isBase(container)),
    ],
  };
}

function harden(spec: any): any {
  const container = (c: any) => ({ ...c, securityContext: hardenContainerContext(c.securityContext) });
  // Windows has none of it, and Kubernetes refuses it there.
  if (spec.os?.name === 'windows') { return { automountServiceAccountToken: false, ...spec }; }
  return {
    automountServiceAccountToken: false,
    ...spec,
    securityContext: hardenPodContext(spec.securityContext),
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(container) } : {}),
    containers: spec.containers.map(container),
  };
}

function withSidecar(spec: any, options: TaskPodOptions, override: any): any {
  const complete = options.doXcomPush
    ? withXCom(spec, {
      mode: options.xcomMode,
      image: options.xcomSidecarContainerImage,
      securityContext: options.xcomSidecarContainerSecurityContext,
      hardening: options.hardening,
    })
    : spec;
  if (override === undefined) { return complete; }
  const lists = ['initContainers', 'containers'].filter(field => complete[field]?.some((c: any) => c.name === XCOM_SIDECAR_NAME));
  if (lists.length === 0) {
    throw new Error(`${OVERRIDE} names the container '${XCOM_SIDECAR_NAME}', which only a pod with 'doXcomPush: true' and a sidecar has`);
  }
  const merged = (field: string) => complete[field].map((c: any) => c.name === XCOM_SIDECAR_NAME ? mergeContainer(c, override, OVERRIDE) : c);
  return { ...complete, ...Object.fromEntries(lists.map(field => [field, merged(field)])) };
}
