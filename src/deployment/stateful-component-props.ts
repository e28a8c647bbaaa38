import { ComponentProps } from './component-props';
import * as kplus from '../private/kplus';

/** Volumes for log files, one for each pod of a StatefulSet. */
export interface LogPersistence {
  /** How large each of them is, such as `10Gi`. */
  readonly size: string;

  /**
   * Name of a StorageClass.
   *
   * @default - the cluster's default
   */
  readonly storageClassName?: string;

  /**
   * Annotations of the claims.
   *
   * @default - none
   */
  readonly annotations?: { [key: string]: string };

  /**
   * What becomes of a claim whose pod is gone: `whenScaled`, and `whenDeleted` of the whole StatefulSet; each `Retain` or `Delete`.
   *
   * @default - Kubernetes' own: both are kept
   * @see https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention
   */
  readonly persistentVolumeClaimRetentionPolicy?: kplus.k8s.StatefulSetPersistentVolumeClaimRetentionPolicy | { [key: string]: any };
}

/** What can be set on a component whose pods write logs of tasks or triggers: those of a StatefulSet. */
export interface StatefulComponentProps extends ComponentProps {
  /**
   * Keeps log files of a pod that is replaced. Kubernetes refuses a change of it, and to add or remove it, in a StatefulSet that exists: delete that first
   * (`kubectl delete statefulset … --cascade=orphan`), as `cdk8s-airflow diff` says. The scheduler takes it under LocalExecutor only.
   *
   * @default - log files are gone with their pod; `logs` keeps what is in them
   */
  readonly persistence?: LogPersistence;
}
