import { SecretRef } from '../airflow/secret-ref';
import { AirflowPodProps } from '../tasks/airflow-pod-props';

/** A connection in Airflow's database, in parts. */
export interface AirflowConnection {
  /** Type, such as `postgres`, `aws` or `http`. */
  readonly connType: string;

  /**
   * Host name, or what the type takes for one.
   *
   * @default - none
   */
  readonly host?: string;

  /**
   * TCP port.
   *
   * @default - the type's own
   */
  readonly port?: number;

  /**
   * User to log in as.
   *
   * @default - none
   */
  readonly login?: string | SecretRef;

  /**
   * Password, key or token.
   *
   * @default - none
   */
  readonly password?: SecretRef;

  /**
   * Database, or what the type takes for one.
   *
   * @default - none
   */
  readonly schema?: string;

  /**
   * Further settings of the type. Give what is secret as `password`, or the whole of it as a reference to its JSON.
   *
   * @default - none
   */
  readonly extra?: { [key: string]: any } | SecretRef;

  /**
   * What it is for.
   *
   * @default - none
   */
  readonly description?: string;
}

/** A pool: how many tasks of a kind run at once. */
export interface AirflowPool {
  /** Number of slots; -1 for any number. */
  readonly slots: number;

  /**
   * What it is for.
   *
   * @default ''
   */
  readonly description?: string;

  /**
   * True where deferred tasks hold a slot, too.
   *
   * @default false
   */
  readonly includeDeferred?: boolean;
}

/**
 * Objects in Airflow's database that a Job writes after the migration, over those of the same name. What is no longer listed stays.
 *
 * The Job runs again when its manifest is another one (other objects, another image or configuration), and then writes over what was changed in the user interface; not
 * when the same manifests are applied again, nor when the value of a Secret changes.
 */
export interface AirflowObjects {
  /**
   * Connections by their id.
   *
   * @default - none
   */
  readonly connections?: { [connId: string]: AirflowConnection };

  /**
   * Variables by their key.
   *
   * @default - none
   */
  readonly variables?: { [key: string]: string | SecretRef };

  /**
   * Pools by their name.
   *
   * @default - none
   */
  readonly pools?: { [name: string]: AirflowPool };

  /**
   * The Job's pod.
   *
   * @default - one pod
   */
  readonly job?: AirflowPodProps;
}
