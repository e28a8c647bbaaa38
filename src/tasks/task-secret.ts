import * as kplus from '../private/kplus';

/**
 * A Secret given to a task: as one environment variable, as all its keys, or as a volume. KubernetesPodOperator's `Secret`.
 *
 * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html#how-to-use-cluster-configmaps-secrets-and-volumes-with-pod
 */
export interface TaskSecret {
  /** How it is delivered: `env` or `volume`. */
  readonly deployType: 'env' | 'volume';

  /**
   * With `env` the variable's name, in upper case in the pod; with `volume` the path of the mount.
   *
   * @default - with `env` and no `key`: every key becomes a variable of its own name
   */
  readonly deployTarget?: string;

  /** Name of the Secret, in the pod's namespace. */
  readonly secret: string;

  /**
   * The key of the Secret, with `env`.
   *
   * @default - all keys
   */
  readonly key?: string;

  /**
   * The keys to mount and their file names, with `volume`.
   *
   * @default - all keys
   */
  readonly items?: (kplus.k8s.KeyToPath | { [key: string]: any })[];
}
