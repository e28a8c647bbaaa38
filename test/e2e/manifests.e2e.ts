import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { parse, parseAllDocuments } from 'yaml';
import { appliedAgain, kubectl, onCluster, removeNamespace, restrictedNamespace } from './kubectl';
import { anyChoice, propsOf } from '../deployment/any-deployment';
import { Deployed } from '../deployment/deploy';

const root = join(__dirname, '..', '..');

/** The files that an example synthesises, in a folder of their own. */
function synthesised(example: string): string {
  const folder = join(root, 'examples', example);
  execFileSync('npx', ['ts-node', '-T', 'main.ts'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  return join(folder, 'dist');
}

onCluster('every manifest of an example', () => {
  const namespace = 'e2e-manifests';
  const made = new Set<string>([namespace]);
  beforeAll(() => restrictedNamespace(namespace), 150_000);
  afterAll(() => made.forEach(removeNamespace));

  test.each(readdirSync(join(root, 'examples')))('%s is accepted in a restricted namespace, and the second time changes nothing', example => {
    const dist = synthesised(example);
    const objects = readdirSync(dist).flatMap(file => parseAllDocuments(readFileSync(join(dist, file), 'utf8')).map(document => document.toJS()));
    const named = new Set<string>(objects.map(object => object.metadata.namespace).filter(Boolean));
    for (const wanted of named) {
      // It is there already, and stays.
      if (wanted === 'default' || made.has(wanted)) { continue; }
      restrictedNamespace(wanted);
      made.add(wanted);
    }
    const manifests = ['-f', dist, ...(named.size > 0 ? [] : ['-n', namespace])];
    expect(kubectl(['apply', ...manifests, '--dry-run=server'])).toMatch(/created \(server dry run\)/);
    kubectl(['apply', ...manifests]);
    expect(appliedAgain(manifests)).toEqual([]);
    const stays = objects.filter(({ metadata }) => metadata.namespace === 'default').map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    if (stays.length > 0) { kubectl(['delete', '-n', 'default', ...stays]); }
  }, 300_000);
});

onCluster('every manifest of generated deployments', () => {
  const namespaces = ['e2e-manifests-any', 'e2e-manifests-etl'];
  beforeAll(() => namespaces.forEach(restrictedNamespace), 150_000);
  afterAll(() => namespaces.forEach(removeNamespace));

  // Those that the tests without a cluster go through; a cluster that lacks a custom resource cannot judge it.
  test('the API server accepts them', () => {
    jest.spyOn(process, 'emitWarning').mockImplementation();
    const groups = new Set(kubectl(['api-versions']).split('\n'));
    const choices = fc.sample(anyChoice, { numRuns: 20, seed: 20261125 });
    const refused = choices.flatMap(choice => {
      const { objects } = new Deployed(propsOf(choice));
      const known = objects.filter(({ apiVersion }) => groups.has(apiVersion))
        .map(object => ({ ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace === 'etl' ? namespaces[1] : namespaces[0] } }));
      // What a pod refers to is not there in a dry run.
      const pods = known.filter(({ data }) => data?.['pod_template_file.yaml']).map(({ data, metadata }) => {
        const { serviceAccountName: _, priorityClassName, runtimeClassName, ...spec } = parse(data['pod_template_file.yaml']).spec;
        return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'task', namespace: metadata.namespace }, spec };
      });
      try {
        kubectl(['apply', '--dry-run=server', '-f', '-'], [...known, ...pods].map(object => JSON.stringify(object)).join('\n---\n'));
        return [];
      } catch (error) {
        return [{ choice, error: (error as { stderr: string }).stderr }];
      }
    });
    expect(refused).toEqual([]);
  }, 300_000);
});
