import { DeploymentContext } from './deployment-context';
import { assertMetadataMap } from '../../pod/metadata-maps';
import { parseQuantity } from '../../pod/quantity';
import { toWire } from '../../pod/schema';
import { Component, Wire } from '../../private/component-graph';
import { selectorLabels } from '../../private/identity';
import { checkPropNames, PropNames } from '../../private/known-props';
import { shown } from '../../private/prop-types';
import { LogPersistence } from '../stateful-component-props';

const PROPS: PropNames<LogPersistence> = { annotations: true, persistentVolumeClaimRetentionPolicy: true, size: true, storageClassName: true };

/**
 * The claims of a StatefulSet that take the place of its pods' volume for log files.
 *
 * @returns the name of that volume, and fields of the StatefulSet's spec
 */
export function logClaims(
  context: DeploymentContext, component: Pick<Component, 'name' | 'workload'>, given: LogPersistence | undefined, path: string,
): { volume: string; spec: Wire } | undefined {
  if (given === undefined) { return undefined; }
  const where = `${path}.persistence`;
  checkPropNames(given, PROPS, where, 'LogPersistence');
  if (component.workload !== 'StatefulSet') {
    throw new Error(`'${where}' keeps logs of tasks, and with ${context.executor.name} none run in the scheduler; remove it, or set 'executor: Executor.local()'`);
  }
  const [volume] = context.logs.folder.volumes!;
  if (volume.persistentVolumeClaim) {
    throw new Error(`'${where}' claims a volume for each pod, and 'logs' is one for all; remove one of them`);
  }
  const { size, storageClassName } = given;
  if (typeof size !== 'string' || !((parseQuantity(size) ?? 0n) > 0n)) {
    throw new Error(`'${where}.size' must be a quantity such as '10Gi', got ${shown(size)}`);
  }
  if (storageClassName !== undefined && !(typeof storageClassName === 'string' && /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/.test(storageClassName))) {
    throw new Error(`'${where}.storageClassName' must be the name of a StorageClass, or '' for none, got ${shown(storageClassName)}`);
  }
  const annotations = toWire('{}string', given.annotations, `${where}.annotations`);
  assertMetadataMap(annotations, `${where}.annotations`, false);
  const policy: Wire | undefined = toWire('StatefulSetPersistentVolumeClaimRetentionPolicy',
    given.persistentVolumeClaimRetentionPolicy, `${where}.persistentVolumeClaimRetentionPolicy`);
  const odd = Object.entries(policy ?? {}).find(([, value]) => value !== 'Retain' && value !== 'Delete');
  if (odd) { throw new Error(`'${where}.persistentVolumeClaimRetentionPolicy.${odd[0]}' must be 'Retain' or 'Delete', got ${shown(odd[1])}`); }
  return {
    volume: volume.name,
    spec: {
      // With what the API server would fill in. No label may change later on, such as that of the version: claim templates are immutable.
      volumeClaimTemplates: [{
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: volume.name, labels: selectorLabels(context.owner.name, component.name), ...(annotations ? { annotations } : {}) },
        spec: {
          accessModes: ['ReadWriteOnce'],
          ...(storageClassName === undefined ? {} : { storageClassName }),
          resources: { requests: { storage: size } },
          volumeMode: 'Filesystem',
        },
      }],
      ...(policy ? { persistentVolumeClaimRetentionPolicy: policy } : {}),
    },
  };
}
