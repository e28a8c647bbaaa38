import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Yaml } from 'cdk8s';
import { ClusterQueue, LocalQueue, ResourceFlavor, WorkloadPriorityClass } from '../../src';
import { ApiError } from '../../src/runtime/errors';
import { fromKubeconfig } from '../../src/runtime/kubeconfig';
import { Transport } from '../../src/runtime/transport';
import { sparkTaskOf } from '../../test/tasks/spark';
import { chart, synth } from '../../test/util';
import { SPARK_CASES } from '../kpo/spark-cases';
import { randomSparkCases } from '../kpo/spark-random';

const { values: options } = parseArgs({
  options: { crds: { type: 'boolean', default: false }, seed: { type: 'string', default: '1' }, count: { type: 'string', default: '200' }, show: { type: 'string', default: '5' } },
});

/** Installs the definitions of the releases that generate.mjs names; of Kueue's versions the one that is used here: only its webhook converts. */
function installDefinitions(): void {
  const source = readFileSync(join(__dirname, 'generate.mjs'), 'utf8');
  const module = (name: string) => {
    const wanted = new RegExp(`module: '(${name}@[^']+)'`).exec(source)![1];
    return JSON.parse(execFileSync('go', ['mod', 'download', '-json', wanted], { cwd: '/', env: { ...process.env, GOFLAGS: '-mod=mod' }, encoding: 'utf8' })).Dir;
  };
  const kueue = ['clusterqueues', 'localqueues', 'resourceflavors', 'workloadpriorityclasses', 'workloads']
    .map(plural => `${module('sigs.k8s.io/kueue')}/config/components/crd/bases/kueue.x-k8s.io_${plural}.yaml`);
  const spark = `${module('github.com/kubeflow/spark-operator/v2')}/config/crd/bases/sparkoperator.k8s.io_sparkapplications.yaml`;
  const items = [...kueue, spark].flatMap(path => Yaml.load(path)).map(definition => {
    const { deprecated: _, deprecationWarning: __, ...version } = definition.spec.versions.find(({ name }: any) => ['v1beta1', 'v1beta2'].includes(name));
    return { ...definition, spec: { ...definition.spec, versions: [{ ...version, storage: true }] } };
  });
  execFileSync('kubectl', ['apply', '--server-side', '--force-conflicts', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
  execFileSync('kubectl', ['wait', '--for=condition=Established', 'crd', ...items.map(({ metadata }) => metadata.name), '--timeout=60s']);
}

function sparkApplications(): any[] {
  return [...SPARK_CASES, ...randomSparkCases(Number(options.seed), Number(options.count))].flatMap(asked => {
    let made: any[];
    // What is refused at synth is judged elsewhere.
    try { made = synth(sparkTaskOf(asked).node.scope as any); } catch { return []; }
    const rendered = JSON.parse(JSON.stringify(made[0]).replace(/\{\{.*?\}\}/g, 'x1'));
    return [{ ...rendered, metadata: { ...rendered.metadata, name: 'judged', namespace: 'default' } }];
  });
}

function kueueObjects(): any[] {
  const scope = chart({ namespace: 'default' });
  new ResourceFlavor(scope, 'all', {
    nodeLabels: { pool: 'spot' },
    nodeTaints: [{ key: 'spot', value: 'true', effect: 'NoSchedule' }],
    tolerations: [{ key: 'spot', operator: 'Exists' }],
    topologyName: 'racks',
  });
  new ResourceFlavor(scope, 'any');
  const resources = [{ name: 'cpu', nominalQuota: 8, borrowingLimit: 2, lendingLimit: '500m' }, { name: 'memory', nominalQuota: '32Gi' }];
  new ClusterQueue(scope, 'team', {
    resourceGroups: [{ coveredResources: ['cpu', 'memory'], flavors: [{ name: 'all', resources }] }],
    cohort: 'company',
    namespaceSelector: { matchLabels: { team: 'a' } },
    queueingStrategy: 'StrictFIFO',
    preemption: { reclaimWithinCohort: 'Any', withinClusterQueue: 'LowerPriority', borrowWithinCohort: { policy: 'LowerPriority', maxPriorityThreshold: 10 } },
    flavorFungibility: { whenCanBorrow: 'TryNextFlavor', whenCanPreempt: 'Preempt' },
    admissionChecks: ['check'],
    stopPolicy: 'Hold',
  });
  new LocalQueue(scope, 'users', { clusterQueue: 'team', stopPolicy: 'HoldAndDrain' });
  new WorkloadPriorityClass(scope, 'high', { value: 100, description: 'first' });
  return synth(scope);
}

async function main(): Promise<void> {
  process.removeAllListeners('warning');
  if (options.crds) { installDefinitions(); }
  const transport = new Transport(await fromKubeconfig(), { userAgent: 'cdk8s-airflow-conformance' });
  const refused: string[] = [];
  const objects = [...kueueObjects(), ...sparkApplications()];
  for (const object of objects) {
    const { apiVersion, kind, metadata: { namespace } } = object;
    const plural = `${kind.toLowerCase()}${kind.endsWith('Class') ? 'es' : 's'}`;
    const path = `/apis/${apiVersion}${namespace ? `/namespaces/${namespace}` : ''}/${plural}`;
    try {
      await transport.json({ verb: 'create', resource: plural, namespace, method: 'POST', path, query: { dryRun: 'All', fieldValidation: 'Strict' }, body: object });
    } catch (error) {
      if (!(error instanceof ApiError)) { throw error; }
      refused.push(`${error.message}\n${JSON.stringify(object)}`);
    }
  }
  transport.close();
  refused.slice(0, Number(options.show)).forEach(text => console.error(text));
  console.log(`custom resources: ${objects.length} objects, ${refused.length} refused by the API server`);
  process.exitCode = refused.length === 0 ? 0 : 1;
}

void main();
