import { named, needed, numberIn, oneField, pathBelow, repeated, Rules, shown } from './words';
import { hasJinja } from '../jinja';

const mode = (field: string, value: any) => numberIn(field, value, 0, 0o777)
  .map(problem => `${problem}; file modes are octal numbers, 0o400 in TypeScript and 256 in JSON for 0400`);

export const VOLUME_RULES: Rules = {
  Volume: ({ name, ...sources }) => [
    ...named('name', name, 'label'),
    ...(Object.keys(sources).length > 1 ? [`has ${Object.keys(sources).map(source => `'${source}'`).join(' and ')}, of which only one can be; remove the others`] : []),
  ],
  EmptyDirVolumeSource: ({ medium = '', sizeLimit }) => [
    ...(medium === '' || medium === 'Memory' || /^HugePages(-\w+)?$/.test(medium) || hasJinja(medium) ? [] : [`'medium' must be '' or 'Memory', got ${shown(medium)}`]),
    ...(/^-/.test(String(sizeLimit)) ? [`'sizeLimit' must be at least 0, got ${shown(sizeLimit)}`] : []),
  ],
  EphemeralVolumeSource: ({ volumeClaimTemplate }) => (volumeClaimTemplate?.spec.accessModes ?? []).length > 0 ? []
    : ["needs 'volumeClaimTemplate.spec.accessModes', such as ['ReadWriteOnce']"],
  ServiceAccountTokenProjection: source => [...numberIn('expirationSeconds', source.expirationSeconds, 600, 2 ** 32), ...pathBelow('path', source.path)],
  HostPathVolumeSource: ({ path }) => path === '' || path.split('/').includes('..') ? [`'path' must be a path without '..', got ${shown(path)}`] : [],
  PersistentVolumeClaimVolumeSource: source => needed('claimName', source.claimName),
  ConfigMapVolumeSource: source => [...needed('name', source.name), ...mode('defaultMode', source.defaultMode)],
  SecretVolumeSource: source => [...needed('secretName', source.secretName), ...mode('defaultMode', source.defaultMode)],
  DownwardAPIVolumeSource: source => mode('defaultMode', source.defaultMode),
  ProjectedVolumeSource: source => [...mode('defaultMode', source.defaultMode), ...sharedPaths(source.sources ?? [])],
  ConfigMapProjection: source => needed('name', source.name),
  SecretProjection: source => needed('name', source.name),
  VolumeProjection: source => oneField(source, ['clusterTrustBundle', 'configMap', 'downwardAPI', 'podCertificate', 'secret', 'serviceAccountToken']),
  DownwardAPIVolumeFile: file => [...oneField(file, ['fieldRef', 'resourceFieldRef']), ...pathBelow('path', file.path), ...mode('mode', file.mode)],
  KeyToPath: item => [...named('key', item.key, 'key'), ...pathBelow('path', item.path), ...mode('mode', item.mode)],
};

function sharedPaths(sources: any[]): string[] {
  const files = ({ configMap, secret, downwardAPI, serviceAccountToken }: any) =>
    [...configMap?.items ?? [], ...secret?.items ?? [], ...downwardAPI?.items ?? [], ...serviceAccountToken ? [serviceAccountToken] : []];
  const paths = sources.flatMap(files).map(({ path }) => path);
  return repeated(paths).map(path => `'sources' put two files at ${shown(path)}; give one of them another 'path'`);
}
