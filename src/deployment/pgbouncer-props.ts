import { ComponentProps } from './component-props';
import { SecretRef } from '../airflow/secret-ref';

/**
 * PgBouncer in front of the metadata database, and of the result backend where that is a PostgreSQL of its own. Airflow reaches them through it alone; KEDA
 * asks the database itself, because its scaler prepares statements, which are lost between the transactions of PgBouncer.
 *
 * Server connections are verified as `sslMode` of the database says.
 */
export interface PgBouncerProps extends ComponentProps {
  /**
   * Connections that one pod accepts: `max_client_conn`. Where Airflow's processes may open more, there is a warning at synth.
   *
   * @default 100
   */
  readonly maxClientConn?: number;

  /**
   * Connections of one pod to the metadata database: `pool_size`.
   *
   * @default 10
   */
  readonly metadataPoolSize?: number;

  /**
   * Connections of one pod to the result backend, where that is a PostgreSQL of its own: `pool_size`.
   *
   * @default 5
   */
  readonly resultBackendPoolSize?: number;

  /**
   * The certificate (PEM) by which Airflow knows PgBouncer, for the name `<name>-pgbouncer` (`<name>-pgbouncer.<namespace>` where task pods of Airflow 2 are in other
   * namespaces, too); needs `sslKey` and `sslRootCert`. Airflow then connects with
   * `verify-full`.
   *
   * @default - no TLS between Airflow and PgBouncer
   */
  readonly sslCert?: SecretRef;

  /**
   * The key (PEM) of `sslCert`.
   *
   * @default - none
   */
  readonly sslKey?: SecretRef;

  /**
   * Certificates (PEM) of the authorities that `sslCert` comes from.
   *
   * @default - none
   */
  readonly sslRootCert?: SecretRef;

  /**
   * Further settings of the section `[pgbouncer]`, in PgBouncer's own names, such as `{ server_idle_timeout: 300 }`.
   *
   * @default - none
   * @see https://www.pgbouncer.org/config.html
   */
  readonly extraIni?: { [setting: string]: any };

  /**
   * A sidecar with Prometheus metrics at port 9127, for every pod of the cluster. It reads the statistics with a password of its own, which is made in the cluster once, in the Secret
   * `<name>-pgbouncer-exporter-password`.
   *
   * @default false
   */
  readonly metricsExporter?: boolean;
}
