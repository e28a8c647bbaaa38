import { hasJinja } from './jinja';
import { assertMetadataMap } from './metadata-maps';
import { brokenRules } from './pod-rules';
import { problemsOf, throwProblems } from './problems';
import { named, repeated } from './rules/words';
import { toWire } from './schema';

/**
 * Finds what the API server would refuse in a finished pod, and what the schema of its parts cannot tell. Texts with Jinja are not judged.
 *
 * @param laterVolumes may be mounted, though the pod does not have them yet
 * @throws Error that lists every problem.
 */
export function checkPod(pod: any, laterVolumes: readonly string[] = []): void {
  const { spec, metadata } = pod;
  // Layers may lack what a whole pod needs. Texts with Jinja stand for anything.
  const json = JSON.stringify(spec);
  toWire('PodSpec', hasJinja(json) ? JSON.parse(json, (_, value) => typeof value === 'string' && hasJinja(value) ? '1' : value) : spec, 'spec');
  const containers: any[] = [...spec.initContainers ?? [], ...spec.containers];
  const volumes: string[] = (spec.volumes ?? []).map((volume: any) => volume.name);
  throwProblems([
    ...repeated(containers.map(c => c.name)).map(name => `two containers are called '${name}'; give one of them another name`),
    ...repeated(volumes).map(name => `two volumes are called '${name}'; give one of them another name, or remove one`),
    ...containers.flatMap(container => containerProblems(container, [...volumes, ...laterVolumes], containers.map(c => c.name))),
    ...named('namespace', metadata.namespace, 'label').map(problem => `${problem}${/_/.test(metadata.namespace) ? `; write '${metadata.namespace.replace(/_/g, '-')}'` : ''}`),
    ...mapProblems(pod),
    ...brokenRules(spec),
  ]);
}

/** What the API server would refuse of a pod's labels, annotations and node selector. */
export function mapProblems({ metadata = {}, spec = {} }: any): string[] {
  return [
    ...Object.entries<string>(metadata.labels ?? {}).flatMap(([key, value]) => labelProblems(key, value)),
    ...problemsOf(() => assertMetadataMap(metadata.annotations, 'annotations', false)),
    ...problemsOf(() => assertMetadataMap(plain(spec.nodeSelector), 'nodeSelector')),
    ...(size(metadata.annotations) > ANNOTATIONS ? [`'annotations' must have at most ${ANNOTATIONS} bytes together, got ${size(metadata.annotations)}; mount a ConfigMap`] : []),
  ];
}

/** What the API server takes of annotations, keys and values together. */
const ANNOTATIONS = 256 * 1024;

function size(map: { [key: string]: string } = {}): number {
  return Object.entries(map).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
}

/** Without what is known only at run time. */
function plain(map: { [key: string]: string } = {}): { [key: string]: string } {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, hasJinja(value) ? '' : value]));
}

function containerProblems(container: any, volumes: string[], names: string[]): string[] {
  const where = `container '${container.name}'`;
  const mounts: any[] = container.volumeMounts ?? [];
  const paths = mounts.map(mount => mount.mountPath);
  const ports = (container.ports ?? []).map((port: any) => port.name).filter((name: any) => name !== undefined);
  return [
    ...(container.image ? [] : [`${where} has no image; give it one, or write the name of the container that is meant (there are ${list(names)})`]),
    ...repeated(paths).map(path => `${where} mounts two volumes at '${path}'; remove one, or mount it elsewhere`),
    ...repeated(ports).map(name => `${where} has two ports called '${name}'; give one of them another name`),
    ...mounts.filter(({ name }) => !volumes.includes(name) && !hasJinja(`${name} ${volumes}`)).map(({ name, mountPath }) =>
      `${where} mounts volume '${name}' at '${mountPath}', but the pod has no such volume (it has ${list(volumes)}); add it to 'volumes'`),
  ];
}

const VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const PREFIX = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

function labelProblems(key: string, value: string): string[] {
  const slash = key.lastIndexOf('/');
  const prefix = key.slice(0, Math.max(slash, 0));
  const goodKey = key.slice(slash + 1) !== '' && VALUE.test(key.slice(slash + 1)) && (slash < 0 || (PREFIX.test(prefix) && prefix.length <= 253));
  const rule = "at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends";
  return [
    ...(goodKey ? [] : [`label key '${key}' must be ${rule}, after an optional DNS name and '/'`]),
    ...(VALUE.test(value) || hasJinja(value) ? [] : [`label '${key}' must be ${rule}, got '${value}'; put free text into 'annotations'`]),
  ];
}

function list(names: string[]): string {
  return names.length === 0 ? 'none' : names.map(name => `'${name}'`).join(', ');
}
