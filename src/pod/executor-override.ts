import { isDeepStrictEqual } from 'node:util';
import { itemKey } from './pod-path';

/** Lists that Airflow adds up, so that an item of one name would be there twice, which the API server refuses. */
const ADDED_UP = ['volumeMounts', 'volumeDevices', 'ports'];

/**
 * The pod override of which Airflow's merge makes what a merge by name would: it merges containers by their place, adds lists up, and takes what is
 * false or zero for not given.
 *
 * @param override a part of a pod, its container `base` first
 * @param template the pod that Airflow merges it over
 * @throws Error for what Airflow cannot be told in this way
 */
export function overrideByPlace(override: any, template: any): any {
  if (override.spec === undefined) { return override; }
  const { containers = [], initContainers, volumes, ...spec } = override.spec;
  const named = (list: any[] | undefined, name: string) => list?.find(container => container.name === name);
  const over = (container: any, below: any) => below === undefined ? container : overContainer(container, below);
  const places = template.spec.containers.map((below: any) => over(named(containers, below.name) ?? { name: below.name }, below));
  const further = containers.filter(({ name }: any) => named(template.spec.containers, name) === undefined);
  assertGiven(spec, template.spec, 'spec');
  const ownVolumes = volumes && added('volumes', volumes, template.spec.volumes, 'spec.volumes');
  return {
    ...override,
    spec: {
      ...spec,
      containers: [...places, ...further],
      ...(initContainers ? { initContainers: initContainers.map((own: any) => over(own, named(template.spec.initContainers, own.name))) } : {}),
      ...(ownVolumes ? { volumes: ownVolumes } : {}),
    },
  };
}

function overContainer(container: any, below: any): any {
  const path = `container '${container.name}'`;
  assertGiven(container, below, path);
  return Object.fromEntries(Object.entries<any>(container).map(([field, value]) =>
    [field, ADDED_UP.includes(field) ? added(field, value, below[field], `${path}, '${field}'`) : value]));
}

/** The items that are not there already. */
function added(field: string, items: any[], below: any[] = [], path: string): any[] {
  return items.filter(item => {
    const same = below.find(other => itemKey(field, other) === itemKey(field, item));
    if (same !== undefined && !isDeepStrictEqual(same, item)) { cannot(`${path}: '${itemKey(field, item)}' would be there twice`); }
    return same === undefined;
  });
}

function assertGiven(part: any, below: any, path: string): void {
  const lost = Object.keys(part).find(key => (part[key] === false || part[key] === 0 || part[key] === '') && below[key]);
  if (lost !== undefined) { cannot(`${path}: '${lost}' of ${JSON.stringify(part[lost])} would be lost to the template's ${JSON.stringify(below[lost])}`); }
}

function cannot(what: string): never {
  throw new Error(`${what}, as Airflow merges executor_config; name the template file instead that 'addWorkerPodTemplate' mounts, in which all is merged by name`);
}
