import { isDeepStrictEqual } from 'node:util';
import { Construct } from 'constructs';
import { DagSourceBinding, DagSourceContext, IDagSource } from './dag-source';
import { GitSyncDagsProps } from './git-sync-dags-props';
import { DAGS_FOLDER } from './private/folder';
import { GitSync } from './private/git-sync';
import { isObject } from '../pod/schema';
import { Wire } from '../private/component-graph';
import { argument, container, emptyDir } from '../private/pod-parts';
import { shown } from '../private/prop-types';

const FIRST_PORT = 1234;
/** Beside the folder of DAGs, which Airflow 2 walks as a whole. */
const COPIES = '/opt/airflow/dag-repositories';

/**
 * DAGs from several git repositories by git-sync 4, with an init container and a sidecar for each. On Airflow 3 each is a DAG bundle of its name, whose folder is
 * where its modules are imported from. On Airflow 2 each is a folder of its name in the one folder of DAGs: modules are imported as `<name>.…`.
 *
 * @see https://github.com/kubernetes/git-sync
 */
export class GitSyncRepositories implements IDagSource {
  private readonly repositories: [string, GitSync][];

  /** @param repositories name → repository; at least one */
  constructor(repositories: { [name: string]: GitSyncDagsProps }) {
    if (!isObject(repositories)) {
      throw new Error(`'repositories' must be an object of name → repository, such as { core: { repo: 'https://…' } }, got ${shown(repositories)}`);
    }
    if (Object.keys(repositories).length === 0) { throw new Error("'repositories' is empty; give at least one, such as { core: { repo: 'https://…' } }"); }
    this.repositories = Object.entries(repositories).map(([name, props]) => {
      if (!/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)) {
        throw new Error(`'repositories' must have names of at most 40 lower-case letters, digits and '-' that begin with a letter, got '${name}'`);
      }
      if (/^(links|init(-.*)?)$/.test(name)) { throw new Error(`'repositories' must not have the name '${name}', which the containers of git-sync have; choose another`); }
      try {
        return [name, new GitSync(props, 'GitSyncRepositories')];
      } catch (error) {
        throw new Error(`'repositories.${name}': ${(error as Error).message}`, { cause: error });
      }
    });
  }

  public bind(scope: Construct, context: DagSourceContext): DagSourceBinding {
    const { dagBundles } = context.version._features;
    const copies = this.repositories.map(([name, repository], i) => ({
      name,
      periodSeconds: repository.periodSeconds,
      ...repository.bind(new Construct(scope, name), context, {
        name, mountPath: `${dagBundles ? DAGS_FOLDER : COPIES}/${name}`, port: FIRST_PORT + i,
      }),
    }));
    const all = <K extends 'volumeMounts' | 'initContainers' | 'sidecars'>(part: K) => copies.flatMap(copy => copy[part] as Wire[]);
    const binding = {
      volumes: sharedVolumes(copies.flatMap(copy => copy.volumes)),
      volumeMounts: all('volumeMounts'),
      initContainers: all('initContainers'),
      sidecars: all('sidecars'),
      peers: copies.flatMap(({ peers }) => peers),
      sidecarPeers: copies.flatMap(({ sidecarPeers = [] }) => sidecarPeers),
    };
    if (dagBundles) {
      return {
        ...binding,
        parts: Object.fromEntries(copies.map(copy => [copy.name, copy])),
        bundles: copies.map(({ name, folder, periodSeconds }) => ({
          name, classpath: 'airflow.dag_processing.bundles.local.LocalDagBundle', kwargs: { path: folder, refresh_interval: periodSeconds },
        })),
      };
    }
    const links = emptyDir('dags', '/dags');
    // A quota or a policy that has the repositories say these has this container say them, too.
    const said = <K extends 'resources' | 'securityContext'>(setting: K) => this.repositories.map(([, { container: own }]) => own[setting]).find(Boolean);
    const quoted = (text: string) => `'${text.replace(/'/g, "'\\''")}'`;
    return {
      ...binding,
      dagsFolder: DAGS_FOLDER,
      volumes: [...links.volumes!, ...binding.volumes],
      volumeMounts: [{ name: 'dags', mountPath: DAGS_FOLDER, readOnly: true }, ...binding.volumeMounts],
      // Links in a folder of their own: beside the copies, Airflow would walk each twice and take that for a loop.
      initContainers: [container({
        name: 'git-sync-links',
        image: context.images.gitSync!,
        imagePullPolicy: 'IfNotPresent',
        command: ['sh', '-c', argument(copies.map(({ name, folder }) => `ln -sfn ${quoted(folder)} /dags/${name}`).join(' && '))],
        parts: [links],
        resources: said('resources') ?? { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
        runAsUser: 65533,
        securityContext: said('securityContext'),
      }), ...binding.initContainers],
      refreshIntervalSeconds: Math.min(...copies.map(({ periodSeconds }) => periodSeconds)),
    };
  }
}

/** The volumes of all repositories; one that several name is there once. */
function sharedVolumes(volumes: Wire[]): Wire[] {
  return volumes.filter((volume, i) => {
    const first = volumes.findIndex(({ name }) => name === volume.name);
    if (first !== i && !isDeepStrictEqual(volumes[first], volume)) { throw new Error(`'repositories' hold two volumes called '${volume.name}'; give one of them another name`); }
    return first === i;
  });
}
