import { ApiResource } from './api';
import { ManifestError } from './errors';
import { didYouMean } from '../pod/closest';
import { Manifest } from '../pod/manifest';

/**
 * The resource that an object's kind is.
 *
 * @param known those that the server has under the object's version of an API; undefined where it has no such version
 * @throws ManifestError where it is not among them
 */
export function resourceOfKind({ apiVersion, kind }: Pick<Manifest, 'apiVersion' | 'kind'>, known: ApiResource[] | undefined): ApiResource {
  const resource = known?.find(each => each.kind === kind);
  if (!resource) {
    throw new ManifestError(`the cluster has no kind '${kind}' in ${apiVersion}${known ? didYouMean(kind, known.map(each => each.kind)) : ''}`,
      'correct apiVersion and kind, or install what brings the kind (its CustomResourceDefinition)');
  }
  return resource;
}
