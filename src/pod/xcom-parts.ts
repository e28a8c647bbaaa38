import { hardenContainerContext } from './hardening';
import {
  AIRFLOW_SIDECAR_SCRIPT, nativeSidecarScript, terminationCommand, XCOM_MOUNT_PATH, XCOM_SIDECAR_IMAGE, XCOM_SIDECAR_NAME, XCOM_VOLUME_NAME, XComMode,
} from './xcom';

/** Sources of volumes into which nothing can be written. */
const READ_ONLY = ['configMap', 'secret', 'projected', 'downwardAPI', 'image'];

export interface XComPartsOptions {
  readonly mode: XComMode;
  readonly image?: string;
  readonly securityContext?: any;
  readonly hardening: boolean;
}

/**
 * A pod spec with the parts that take its XCom out: volume, mount and, but for `termination`, the sidecar.
 * A volume `xcom` and a mount at /airflow/xcom that the author brought are used, not doubled.
 *
 * @throws Error where the pod already has a container of the sidecar's name, nothing can be written into the volume, or `termination` lacks a command to wrap.
 */
export function withXCom(spec: any, options: XComPartsOptions): any {
  const base = spec.containers[0];
  const taken = [...spec.containers, ...spec.initContainers ?? []].some((c: any) => c.name === XCOM_SIDECAR_NAME);
  if (taken) { throw new Error(`a container is called '${XCOM_SIDECAR_NAME}', the name of the XCom sidecar; rename it or set 'doXcomPush: false'`); }
  const mounts = base.volumeMounts ?? [];
  const own = mounts.find((mount: any) => mount.mountPath.replace(/\/+$/, '') === XCOM_MOUNT_PATH);
  const mount = own ?? { mountPath: XCOM_MOUNT_PATH, name: XCOM_VOLUME_NAME };
  const volumes = spec.volumes ?? [];
  const source = READ_ONLY.find(kind => volumes.some((volume: any) => volume.name === mount.name && volume[kind] !== undefined)) ?? (mount.readOnly ? 'readOnly' : undefined);
  if (source !== undefined) {
    throw new Error(`the program cannot write its XCom into volume '${mount.name}', which is mounted at ${XCOM_MOUNT_PATH} with '${source}'; mount that elsewhere, or make it an 'emptyDir'`);
  }
  const withBase = {
    ...spec,
    containers: [{ ...base, ...(own ? {} : { volumeMounts: [mount, ...mounts] }) }, ...spec.containers.slice(1)],
    ...(volumes.some((volume: any) => volume.name === mount.name) ? {} : { volumes: [{ name: mount.name, emptyDir: {} }, ...volumes] }),
  };
  const count = spec.containers.length + (spec.initContainers?.length ?? 0);
  if (options.mode === 'termination') {
    if (!base.command?.length) {
      throw new Error("xcomMode 'termination' wraps the command and so needs 'cmds': the image's own entrypoint is not known; set 'cmds', or take xcomMode 'native'");
    }
    const wrapped = { ...withBase.containers[0], command: terminationCommand(count, base.command) };
    return { ...withBase, containers: [wrapped, ...withBase.containers.slice(1)] };
  }
  const context = options.securityContext ?? (options.hardening ? { ...hardenContainerContext(), readOnlyRootFilesystem: true } : undefined);
  const sidecar = {
    name: XCOM_SIDECAR_NAME,
    image: options.image ?? XCOM_SIDECAR_IMAGE,
    ...(options.mode === 'native' ? { restartPolicy: 'Always' } : {}),
    command: ['sh', '-c', options.mode === 'native' ? nativeSidecarScript(count + 1) : AIRFLOW_SIDECAR_SCRIPT],
    resources: { requests: { cpu: '1m', memory: '10Mi' } },
    volumeMounts: [{ mountPath: XCOM_MOUNT_PATH, name: mount.name }],
    ...(context ? { securityContext: context } : {}),
  };
  // First of the init containers: the file contract holds for the ones after it, and the kubelet ends it last.
  return options.mode === 'native'
    ? { ...withBase, initContainers: [sidecar, ...spec.initContainers ?? []] }
    : { ...withBase, containers: [...withBase.containers, sidecar] };
}
