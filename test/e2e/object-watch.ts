import { ApiResource, KubernetesApi } from '../../src/runtime/api';
import { ObjectWatch, WatchHandler } from '../../src/runtime/watch';

/** Tells of the objects of a kind in a namespace: what the controllers of these tests are made of. */
export function objectWatch(
  api: KubernetesApi, resource: ApiResource, namespace: string, selector: string, handler: Pick<WatchHandler<any>, 'seen'> & Partial<WatchHandler<any>>,
): ObjectWatch<any> {
  return new ObjectWatch<any>({
    resource: resource.plural,
    list: (...args) => api.listObjects(resource, ...args),
    watch: (...args) => api.watchObjects(resource, ...args),
  }, namespace, selector, { gone: () => {}, trouble: error => { throw error; }, ...handler });
}
