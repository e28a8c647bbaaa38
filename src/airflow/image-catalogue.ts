import { assertPinned } from './image';
import { XCOM_SIDECAR_IMAGE } from '../pod/xcom';

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
   * too) the operator ends the sidecar in a way that fails a task now and then: give such tasks retries.
   *
   * @default 'alpine:3.24.2', the provider's
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
}

/** The catalogue with the defaults filled in. */
export function resolveImages(images: ImageCatalogue = {}): Required<ImageCatalogue> {
  const resolved = {
    gitSync: images.gitSync ?? 'registry.k8s.io/git-sync/git-sync:v4.4.2',
    xcomSidecar: images.xcomSidecar ?? XCOM_SIDECAR_IMAGE,
    redis: images.redis ?? 'redis:7.2.11',
    postgres: images.postgres ?? 'postgres:17.6',
  };
  Object.entries(resolved).forEach(([name, reference]) => assertPinned(`'images.${name}'`, reference));
  return resolved;
}
