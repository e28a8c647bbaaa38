import * as fs from 'node:fs';
import * as path from 'node:path';
import { ConfigError, dataOf, expand, fieldValue, resourceValue } from './environment';
import { Store } from './store';
import { Manifest } from '../pod/manifest';

/** A volume that cannot be made yet, in the kubelet's words. */
export class MountError extends Error {}

/** Makes the folders of a pod's volumes. @returns from volume name to folder */
export function makeVolumes(store: Store, pod: Manifest, root: string, token: string): Map<string, string> {
  return new Map((pod.spec.volumes ?? []).map((volume: any) => {
    const folder = path.join(root, volume.name);
    // A try before this one may have left a part.
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
    try {
      for (const [file, { content, mode }] of contents(store, pod, volume, token)) {
        const target = inside(folder, file);
        fs.mkdirSync(path.dirname(target), { recursive: true });
        fs.writeFileSync(target, content);
        fs.chmodSync(target, mode);
      }
    } catch (error) {
      if (!(error instanceof ConfigError)) { throw error; }
      throw new MountError(`MountVolume.SetUp failed for volume "${volume.name}" : ${error.message}`);
    }
    return [volume.name, folder];
  }));
}

interface VolumeFile {
  readonly content: Buffer | string;
  readonly mode: number;
}

function contents(store: Store, pod: Manifest, volume: any, token: string): Map<string, VolumeFile> {
  const files = new Map<string, VolumeFile>();
  const add = (source: any, mode: number) => {
    const secret = source.secret && { ...source.secret, name: source.secret.secretName ?? source.secret.name };
    const from = secret ?? source.configMap;
    if (from) {
      const data = dataOf(store, pod, secret ? 'secrets' : 'configmaps', from.name, from.optional) ?? {};
      for (const item of from.items ?? Object.keys(data).map(key => ({ key, path: key }))) {
        if (data[item.key] !== undefined) {
          files.set(item.path, { content: data[item.key], mode: item.mode ?? mode });
        } else if (!from.optional) {
          throw new ConfigError(`references non-existent ${secret ? 'secret' : 'config'} key: ${item.key}`);
        }
      }
    }
    for (const item of source.downwardAPI?.items ?? []) {
      const content = item.fieldRef ? fieldValue(pod, item.fieldRef.fieldPath) : resourceValue(pod, undefined, item.resourceFieldRef);
      files.set(item.path, { content, mode: item.mode ?? mode });
    }
    if (source.serviceAccountToken) { files.set(source.serviceAccountToken.path, { content: token, mode }); }
  };
  if (volume.projected) {
    for (const source of volume.projected.sources ?? []) { add(source, volume.projected.defaultMode); }
  } else {
    add(volume, (volume.secret ?? volume.configMap ?? volume.downwardAPI)?.defaultMode ?? 0o644);
  }
  return files;
}

/** The folders and files that a container's mount paths stand for. */
export function mountTargets(container: any, volumes: Map<string, string>, variables: ReadonlyMap<string, string>): Map<string, string> {
  return new Map((container.volumeMounts ?? []).map((mount: any) => {
    const subPath = mount.subPathExpr ? expand(mount.subPathExpr, variables) : mount.subPath ?? '';
    const target = inside(volumes.get(mount.name)!, subPath);
    // A path that is not there yet becomes a folder, as under the kubelet.
    if (!fs.existsSync(target)) { fs.mkdirSync(target, { recursive: true }); }
    return [mount.mountPath, target];
  }));
}

function inside(folder: string, file: string): string {
  const target = path.join(folder, file);
  if (path.isAbsolute(file) || file.split('/').includes('..')) { throw new ConfigError(`path "${file}" must be relative and without '..'`); }
  return target;
}
