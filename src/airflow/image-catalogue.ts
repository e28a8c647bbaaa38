import { assertPinned } from './image';
import { XCOM_SIDECAR_IMAGE } from '../pod/xcom';
import { checkPropNames } from '../private/known-props';

/** The images beside Airflow's own that a deployment runs, for a registry of your own or another release. */
export interface ImageCatalogue {
  /**
   * git-sync 4.
   *
   * @default 'registry.k8s.io/git-sync/git-sync:v4.4.2'
   * @see https://github.com/kubernetes/git-sync
   */
  readonly gitSync?: string;

  /**
   * The sidecar from which KubernetesPodOperator reads a pod's XCom: an image with `sh`, better also `pgrep` of procps. Without it (BusyBox, so Alpine,
   * too) the operator of Airflow 3 ends the sidecar in a way that fails a task now and then (give such tasks retries), and that of Airflow 2.11 does not end it.
   *
   * @default 'alpine:3.24.2', the provider's; with Airflow 2 the image of Airflow
   * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html#how-does-xcom-work
   */
  readonly xcomSidecar?: string;

  /**
   * Redis, of CeleryBroker.developmentRedis().
   *
   * @default 'redis:7.2.11'
   */
  readonly redis?: string;

  /**
   * PostgreSQL, of MetadataDatabase.developmentPostgres().
   *
   * @default 'postgres:17.6'
   */
  readonly postgres?: string;

  /**
   * The StatsD exporter, of `monitoring`.
   *
   * @default 'quay.io/prometheus/statsd-exporter:v0.28.0'
   * @see https://github.com/prometheus/statsd_exporter
   */
  readonly statsdExporter?: string;

  /**
   * PgBouncer, of `pgbouncer`.
   *
   * @default 'apache/airflow:airflow-pgbouncer-2025.03.05-1.23.1'
   */
  readonly pgbouncer?: string;

  /**
   * The exporter of PgBouncer's metrics, of `pgbouncer.metricsExporter`.
   *
   * @default 'apache/airflow:airflow-pgbouncer-exporter-2025.03.05-0.18.0'
   * @see https://github.com/jbub/pgbouncer_exporter
   */
  readonly pgbouncerExporter?: string;
}

const DEFAULTS: Required<ImageCatalogue> = {
  gitSync: 'registry.k8s.io/git-sync/git-sync:v4.4.2',
  xcomSidecar: XCOM_SIDECAR_IMAGE,
  redis: 'redis:7.2.11',
  postgres: 'postgres:17.6',
  statsdExporter: 'quay.io/prometheus/statsd-exporter:v0.28.0',
  pgbouncer: 'apache/airflow:airflow-pgbouncer-2025.03.05-1.23.1',
  pgbouncerExporter: 'apache/airflow:airflow-pgbouncer-exporter-2025.03.05-0.18.0',
};

/** The catalogue with the defaults filled in, which come from `registry` where there is one. */
export function resolveImages(images: ImageCatalogue = {}, registry?: string): Required<ImageCatalogue> {
  checkPropNames(images, Object.fromEntries(Object.keys(DEFAULTS).map(name => [name, true])), 'images', 'ImageCatalogue');
  const names = Object.keys(DEFAULTS) as (keyof ImageCatalogue)[];
  const resolved = Object.fromEntries(names.map(name => [name, images[name] ?? mirrored(DEFAULTS[name], registry)]));
  Object.entries(resolved).forEach(([name, reference]) => assertPinned(`'images.${name}'`, reference));
  return resolved as any;
}

/** The same repository and tag in another registry: the host, where the reference begins with one, is replaced. */
export function mirrored(reference: string, registry: string | undefined): string {
  if (registry === undefined) { return reference; }
  if (!/^[a-z0-9][\w.-]*(:\d+)?(\/[\w.-]+)*$/i.test(registry)) {
    throw new Error(`'imageRegistry' must be a host, and a path where there is one, such as 'registry.example.com/mirror', got '${registry}'`);
  }
  const [first, ...rest] = reference.split('/');
  const host = rest.length > 0 && /[.:]|^localhost$/.test(first);
  return `${registry}/${host ? rest.join('/') : reference}`;
}
