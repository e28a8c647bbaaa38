import { ApiObject } from 'cdk8s';
import { ITaskLogs } from './task-logs-binding';
import { checkPropNames, PropNames } from '../private/known-props';
import { checkSubPath } from '../private/sub-path';

/** Logs on a volume that all pods share. */
export interface VolumeLogsProps {
  /**
   * Name of an existing claim.
   *
   * @default - one is made, called `<name>-logs`
   */
  readonly claimName?: string;

  /**
   * Size of the claim that is made.
   *
   * @default '100Gi'
   */
  readonly size?: string;

  /**
   * StorageClass of the claim that is made; its volumes must be writable on several nodes.
   *
   * @default - the cluster's default class
   */
  readonly storageClassName?: string;

  /**
   * The folder of the volume that holds the logs.
   *
   * @default - the volume itself
   */
  readonly subPath?: string;
}

const NAMES: PropNames<VolumeLogsProps> = { claimName: 'a text that is not empty', size: 'a text', storageClassName: 'a text', subPath: true };

/** See `TaskLogs.persistentVolumeClaim`. */
export function volumeLogs(props: VolumeLogsProps): ITaskLogs {
  checkPropNames(props, NAMES, 'TaskLogs.persistentVolumeClaim', 'VolumeLogsProps');
  if (props.claimName !== undefined && (props.size ?? props.storageClassName) !== undefined) {
    throw new Error("'size' and 'storageClassName' are of a claim that is made, and 'claimName' is one that exists; remove either");
  }
  if (props.size !== undefined && !/^[1-9]\d*([KMGTP]i?)?$/.test(props.size)) {
    throw new Error(`'size' must be a quantity such as '100Gi', got '${props.size}'`);
  }
  checkSubPath(props.subPath);
  return {
    bind: (scope, { identity }) => {
      const claimName = props.claimName ?? `${identity.name}-logs`;
      if (props.claimName === undefined) {
        new ApiObject(scope, 'Claim', {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: claimName, namespace: identity.namespace, labels: identity.labels },
          spec: {
            accessModes: ['ReadWriteMany'],
            resources: { requests: { storage: props.size ?? '100Gi' } },
            ...(props.storageClassName === undefined ? {} : { storageClassName: props.storageClassName }),
          },
        });
      }
      return {
        config: {},
        connection: [],
        env: [],
        volume: { name: 'logs', persistentVolumeClaim: { claimName } },
        ...(props.subPath === undefined ? {} : { subPath: props.subPath }),
        peers: [],
      };
    },
  };
}
