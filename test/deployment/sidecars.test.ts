import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Deployed } from './deploy';
import * as library from '../../src';
import { AirflowKubernetesDeploymentProps, AirflowVersion, MetadataDatabase, SecretRef } from '../../src';
import { violations } from '../../src/testing';
import { chart, synth } from '../util';

type Props = Partial<AirflowKubernetesDeploymentProps>;
const initContainers = (pod: any): string[] => (pod.spec.initContainers ?? []).map(({ name }: any) => name);
const proxy = { initContainers: [{ name: 'proxy', image: 'proxy:1', restartPolicy: 'Always' }, { name: 'seed', image: 'seed:1' }] };
const database = MetadataDatabase.postgres({ host: '127.0.0.1', password: SecretRef.existing('db', 'password') });
const all = ['migration', 'scheduler', 'triggerer', 'dagProcessor', 'databaseCleanup', 'workers'] as const;
const everywhere: Props = { database, ...Object.fromEntries(all.map(prop => [prop, proxy])), objects: { variables: { a: 'b' }, job: proxy } };
const warnings = (deployed: Deployed) => deployed.airflow.node.metadata.map(({ data }) => String(data));

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(); });

test('sidecars come before the init containers of the deployment, which may need them; other init containers after them', () => {
  const { pods } = new Deployed({ ...everywhere, apiServer: proxy, dags: new library.GitSyncDags({ repo: 'https://git.example.com/d.git', ref: 'main' }) });
  for (const name of ['scheduler', 'objects']) { expect(initContainers(pods[name])).toEqual(['proxy', 'wait-for-airflow-migrations', 'seed']); }
  for (const name of ['migration', 'database-cleanup']) { expect(initContainers(pods[name])).toEqual(['proxy', 'seed']); }
  for (const name of ['dag-processor', 'triggerer']) { expect(initContainers(pods[name])).toEqual(['proxy', 'wait-for-airflow-migrations', 'git-sync-init', 'seed']); }
  expect(initContainers(pods.worker)).toEqual(['proxy', 'git-sync-init', 'seed']);
  expect(initContainers(new Deployed({ ...everywhere, webserver: proxy, version: AirflowVersion.V2_11 }).pods.worker)).toEqual(['proxy', 'seed']);
  const prepared = { initContainers: [{ name: 'config', image: 'config:1' }, ...proxy.initContainers] };
  expect(initContainers(new Deployed({ scheduler: prepared }).pods.scheduler)).toEqual(['config', 'proxy', 'wait-for-airflow-migrations', 'seed']);
  const dags = new library.GitSyncDags({ repo: 'https://git.example.com/d.git', ref: 'main' });
  expect(initContainers(new Deployed({ workers: prepared, dags }).pods.worker)).toEqual(['config', 'proxy', 'git-sync-init', 'seed']);
  expect(pods.scheduler.spec.initContainers[0].securityContext.allowPrivilegeEscalation).toBe(false);
  const added = { spec: { initContainers: [{ name: 'late', image: 'late:1', restartPolicy: 'Always' }] } };
  expect(initContainers(new Deployed({ scheduler: { podOverride: added } }).pods.scheduler)).toEqual(['late', 'wait-for-airflow-migrations']);
});

test('what a sidecar connects to has to be opened, where the code of DAGs does not run anyway', () => {
  expect(warnings(new Deployed({ ...everywhere, apiServer: proxy }))).toEqual([
    "network policies: 'migration', 'scheduler', 'api-server', 'objects', 'database-cleanup' reach '127.0.0.1' in their own pod, and the sidecar that answers there has no way "
    + "out; open it, such as 'networkPolicies.extraEgress: { 'migration': [{ ports: [{ port: 443 }] }] }'",
  ]);
  const names = ['migration', 'scheduler', 'api-server', 'objects', 'database-cleanup'];
  const extraEgress = Object.fromEntries(names.map(name => [name, [{ ports: [{ port: 443 }] }]]));
  expect(warnings(new Deployed({ ...everywhere, networkPolicies: { extraEgress } }))).toEqual([]);
  expect(warnings(new Deployed({ ...everywhere, networkPolicies: { enabled: false } }))).toEqual([]);
  expect(warnings(new Deployed({ ...everywhere, networkPolicies: { extraEgress, taskEgress: 'deny' } }))[0]).toContain("'dag-processor', 'triggerer' reach '127.0.0.1'");
});

test('the example of the documentation starts: the proxy first, with its way out, and nothing to complain of', () => {
  const page = readFileSync(join(__dirname, '../../docs/database.md'), 'utf8');
  const code = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, block]) => block).find(block => block.includes('cloud-sql-proxy'))!;
  const scope = chart({ namespace: 'ns' });
  new Function('chart', ...Object.keys(library), code)(scope, ...Object.values(library));
  const objects = synth(scope);
  const workloads = objects.filter(({ kind }) => ['Deployment', 'StatefulSet', 'Job'].includes(kind) )
    .filter(({ metadata }) => metadata.labels['app.kubernetes.io/component'] !== 'secret-bootstrap');
  expect(workloads.map(({ metadata }) => metadata.labels['app.kubernetes.io/component']).sort())
    .toEqual(['api-server', 'create-user', 'dag-processor', 'migration', 'scheduler', 'triggerer']);
  for (const { spec: { template } } of workloads) { expect(initContainers(template)[0]).toBe('cloud-sql-proxy'); }
  const reach = (component: string) => objects.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === `airflow-${component}`).spec.egress;
  for (const component of ['api-server', 'create-user', 'migration', 'scheduler']) { expect(reach(component)).toContainEqual({ ports: [{ port: 443 }, { port: 3307 }] }); }
  expect(scope.node.findAll().flatMap(({ node }) => node.metadata)).toEqual([]);
  expect(violations(objects, { external: ['Secret/airflow-database', 'Secret/ada'] })).toEqual([]);
});
