import { Construct } from 'constructs';
import { DagBundle } from './dag-bundle';
import { DagSourceBinding, DagSourceContext, IDagSource } from './dag-source';
import { hasMember, shown } from '../private/prop-types';

/** DAGs that Airflow 3 itself fetches, from one or more places; each pod that reads DAGs fetches its own copy. */
export class DagBundles implements IDagSource {
  private readonly bundles: DagBundle[];

  /** @param bundles at least one */
  constructor(...bundles: DagBundle[]) {
    if (bundles.length === 0) { throw new Error('no DAG bundle; give at least one, such as DagBundle.git({ … })'); }
    if (Array.isArray(bundles[0])) { throw new Error('DagBundles takes its bundles one by one, got a list; write new DagBundles(a, b), or new DagBundles(...list)'); }
    const wrong = bundles.findIndex(bundle => !hasMember(bundle, '_bind'));
    if (wrong >= 0) { throw new Error(`bundle ${wrong + 1} of DagBundles must be a DagBundle, such as DagBundle.git({ … }), got ${shown(bundles[wrong])}`); }
    const twice = bundles.find((bundle, i) => bundles.findIndex(({ name }) => name === bundle.name) !== i);
    if (twice) { throw new Error(`two DAG bundles are called '${twice.name}'; give one of them another 'name'`); }
    this.bundles = bundles;
  }

  public bind(scope: Construct, context: DagSourceContext): DagSourceBinding {
    const { identity, version } = context;
    if (!version._features.dagBundles) { throw new Error(`DagBundles do not exist in Airflow ${version}; use GitSyncDags, or another source of DAGs`); }
    const bound = this.bundles.map(bundle => [bundle.name, bundle._bind(new Construct(scope, bundle.name), identity)] as const);
    const parts = bound.map(([, part]) => part);
    return {
      bundles: parts.map(({ config }) => config),
      connections: parts.flatMap(({ connections }) => connections),
      volumes: parts.flatMap(({ volumes }) => volumes),
      volumeMounts: parts.flatMap(({ volumeMounts }) => volumeMounts),
      initContainers: [],
      sidecars: [],
      peers: parts.flatMap(({ peers }) => peers),
      identityPeers: parts.flatMap(({ peers, cloudIdentity }) => (cloudIdentity ? peers : [])),
      parts: Object.fromEntries(bound),
    };
  }
}
