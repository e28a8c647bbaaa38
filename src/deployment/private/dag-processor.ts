import { airflowComponent, jobsCheck } from './component';
import { EnvLayer } from './configuration';
import { DeploymentContext } from './deployment-context';
import { DagSourceBinding, DagSourceParts } from '../../dags/dag-source';
import { Component } from '../../private/component-graph';
import { shown } from '../../private/prop-types';
import { ComponentProps } from '../component-props';
import { DagProcessorPool } from '../dag-processor-pool';

/** As of pools of workers. */
const NAME_LENGTH = 52;

/** The DAG processor, or those of some bundles each: they parse the DAG files. */
export function dagProcessorComponents(context: DeploymentContext, common: ComponentProps, pools: DagProcessorPool[] | undefined): Component[] {
  if (pools === undefined) { return [dagProcessor(context, 'dag-processor', [], common, 'dagProcessor')]; }
  assertPools(context, pools);
  return pools.map(({ name, bundles, ...own }) => dagProcessor(
    { ...context, dags: partOf(context.dags, bundles) }, `dag-processor-${name}`, bundles, own, `dagProcessors '${name}'`, [['dagProcessor', common]],
  ));
}

function dagProcessor(
  context: DeploymentContext, name: string, bundles: string[], props: ComponentProps, path: string, common?: EnvLayer[],
): Component {
  return airflowComponent(context, {
    name,
    workload: 'Deployment',
    args: ['airflow', 'dag-processor', ...bundles.flatMap(bundle => ['--bundle-name', bundle])],
    parts: [context.logs.folder, { env: context.dags?.connections }],
    sidecars: context.logs.groomer,
    readsDags: true,
    readsConfigAs: ['dag-processor'],
    flows: [{ kind: 'anywhere' }],
    probes: jobsCheck('DagProcessorJob'),
    resources: { requests: { cpu: '200m', memory: '512Mi' }, limits: { memory: '2Gi' } },
    terminationGracePeriodSeconds: 60,
  }, props, path, common);
}

/** What some bundles need: a pool holds no credential of the others, which it does not fetch. */
function partOf(dags: DagSourceBinding | undefined, bundles: string[]): DagSourceBinding | undefined {
  if (!dags?.parts) { return dags; }
  const parts = bundles.flatMap(bundle => dags.parts![bundle] ?? []);
  const all = <K extends keyof DagSourceParts>(key: K) => parts.flatMap(part => part[key] ?? []) as NonNullable<DagSourceParts[K]>;
  return {
    ...dags,
    connections: all('connections'),
    volumes: all('volumes'),
    volumeMounts: all('volumeMounts'),
    initContainers: all('initContainers'),
    sidecars: all('sidecars'),
    peers: all('peers'),
    sidecarPeers: all('sidecarPeers'),
  };
}

function assertPools({ owner, airflow3, version, airflowCfg }: DeploymentContext, pools: DagProcessorPool[]): void {
  if (!airflow3) { throw new Error(`'dagProcessors' are for DAG bundles, which do not exist in Airflow ${version}; use 'dagProcessor'`); }
  if (pools.length === 0) { throw new Error("'dagProcessors' is empty, so that nobody would parse DAGs; leave it out for one DAG processor of all bundles"); }
  const known = bundleNames(airflowCfg);
  pools.forEach(({ name, bundles = [] }, i) => {
    const path = `dagProcessors[${i}]`;
    if (typeof name !== 'string' || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name) || `${owner.name}-dag-processor-${name}`.length > NAME_LENGTH) {
      throw new Error(`'${path}.name' must be lower-case letters, digits and '-', and with '${owner.name}-dag-processor-' at most ${NAME_LENGTH} characters, got ${shown(name)}`);
    }
    if (pools.findIndex(other => other.name === name) !== i) { throw new Error(`'dagProcessors' has two named '${name}'; name them apart`); }
    const odd = bundles.find(bundle => known && !known.includes(bundle));
    if (bundles.length === 0 || odd !== undefined) {
      throw new Error(`'${path}.bundles' must be names of DAG bundles${known ? ` (${known.map(bundle => `'${bundle}'`).join(', ')})` : ''}, got ${odd === undefined ? 'none' : `'${odd}'`}`);
    }
  });
  const parsed = pools.flatMap(({ bundles }) => bundles);
  const twice = parsed.find((bundle, i) => parsed.indexOf(bundle) !== i);
  if (twice) { throw new Error(`'dagProcessors' name the bundle '${twice}' twice; remove one, and raise 'replicas' of the other`); }
  const nobody = known?.find(bundle => !parsed.includes(bundle));
  if (nobody) { throw new Error(`'dagProcessors' leave the bundle '${nobody}' to nobody, so that its DAGs would never be seen; add it to the 'bundles' of one`); }
}

/** The names of the bundles; undefined where the list is not to be read here. */
function bundleNames(cfg: DeploymentContext['airflowCfg']): string[] | undefined {
  const examples = cfg.core?.load_examples?.toLowerCase() === 'true' ? ['example_dags'] : [];
  const list = cfg.dag_processor?.dag_bundle_config_list;
  if (list === undefined) { return ['dags-folder', ...examples]; }
  try {
    return [...JSON.parse(list).map(({ name }: { name: string }) => name), ...examples];
  } catch {
    return undefined;
  }
}
