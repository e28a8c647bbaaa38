import { assertPinned } from './image';

/** The images beside Airflow's own that a deployment runs, for a registry of your own or another release. */
export interface ImageCatalogue {
  /**
   * git-sync 4.
   *
   * @default 'registry.k8s.io/git-sync/git-sync:v4.4.2'
   * @see https://github.com/kubernetes/git-sync
   */
  readonly gitSync?: string;
}

/** The catalogue with the defaults filled in. */
export function resolveImages(images: ImageCatalogue = {}): Required<ImageCatalogue> {
  const resolved = { gitSync: 'registry.k8s.io/git-sync/git-sync:v4.4.2', ...images };
  Object.entries(resolved).forEach(([name, reference]) => assertPinned(`'images.${name}'`, reference));
  return resolved;
}
