import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { kubectl, onCluster, removeNamespace, restrictedNamespace } from './kubectl';

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
      if (!made.has(wanted)) { restrictedNamespace(wanted); }
      made.add(wanted);
    }
    const apply = ['apply', '-f', dist, ...(named.size > 0 ? [] : ['-n', namespace])];
    expect(kubectl([...apply, '--dry-run=server'])).toMatch(/created \(server dry run\)/);
    kubectl(apply);
    const again = kubectl(apply).trim().split('\n');
    expect(again.filter(line => !line.endsWith(' unchanged'))).toEqual([]);
  }, 300_000);
});
