import { compare } from './compare';
import { identify, immutable, kubectlName, ObjectId } from './objects';
import { reasonsOf } from './reasons';
import { Manifest } from '../../pod/manifest';

/** What happens to an object. */
export interface Change {
  readonly object: ObjectId;
  readonly change: 'added' | 'removed' | 'changed' | 'replaced';
  /** What that does in the cluster. */
  readonly effect: 'created' | 'stays' | 'updated' | 'rolls' | 'recreated' | 'runs';
  /** Why; none for what is added or removed. */
  readonly reasons: string[];
  readonly before?: Manifest;
  readonly after?: Manifest;
}

const ROLLING = ['Deployment', 'StatefulSet', 'DaemonSet'];

/**
 * What is different between two sets of manifests, object by object. A Job under another name of the same component is one that was replaced: its name
 * carries a hash of its spec.
 */
export function changesOf(before: Manifest[], after: Manifest[]): Change[] {
  const old = new Map(before.map(manifest => [key(manifest), manifest]));
  const now = new Map(after.map(manifest => [key(manifest), manifest]));
  const configs = configKeys(old, now);
  const found: Change[] = [];
  const replaced = new Set<Manifest>();
  for (const [name, manifest] of now) {
    const object = identify(manifest);
    const earlier = old.get(name);
    const job = earlier ? undefined : before.find(other => !now.has(key(other)) && other.kind === 'Job' && manifest.kind === 'Job' && family(other) === family(manifest));
    if (job) {
      replaced.add(job);
      found.push({
        object, change: 'replaced', effect: 'runs', before: job, after: manifest, reasons: [`takes the place of ${job.metadata.name}`, ...reasonsOf(job, manifest, configs)],
      });
    } else if (!earlier) {
      found.push({ object, change: 'added', effect: manifest.kind === 'Job' ? 'runs' : 'created', after: manifest, reasons: [] });
    } else {
      const differences = compare(earlier, manifest);
      if (differences.length === 0) { continue; }
      const fixed = differences.filter(({ path }) => immutable(earlier, path)).map(({ path }) => path);
      const rolls = ROLLING.includes(manifest.kind) && differences.some(({ path }) => path.startsWith('spec.template'));
      found.push({
        object,
        change: 'changed',
        effect: fixed.length > 0 ? 'recreated' : rolls ? 'rolls' : 'updated',
        before: earlier,
        after: manifest,
        reasons: [...new Set(fixed.map(path => `cannot be changed: ${path}`)), ...reasonsOf(earlier, manifest, configs)],
      });
    }
  }
  for (const [name, manifest] of old) {
    if (!now.has(name) && !replaced.has(manifest)) { found.push({ object: identify(manifest), change: 'removed', effect: 'stays', before: manifest, reasons: [] }); }
  }
  return found;
}

function key(manifest: Manifest): string {
  return `${manifest.metadata.namespace ?? ''}/${kubectlName(identify(manifest))}`;
}

function family({ metadata }: Manifest): string {
  const labels = metadata.labels ?? {};
  return [metadata.namespace, labels['app.kubernetes.io/instance'], labels['app.kubernetes.io/component'] ?? metadata.name].join('/');
}

/** What changed in each ConfigMap, for the workloads that mount it. */
function configKeys(old: Map<string, Manifest>, now: Map<string, Manifest>): { [configMap: string]: string[] } {
  return Object.fromEntries([...now].filter(([name, { kind }]) => kind === 'ConfigMap' && old.has(name))
    .map(([name, manifest]) => [manifest.metadata.name, reasonsOf(old.get(name)!, manifest, {})]));
}
