import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as ts from 'typescript';
import * as library from '../src';

const root = join(__dirname, '..');
const documents = ['README.md', ...readdirSync(join(root, 'docs')).filter(name => name.endsWith('.md')).map(name => join('docs', name))];
const text = (document: string) => readFileSync(join(root, document), 'utf8');

/** Code blocks of a language, with the line on which each begins. */
function blocks(document: string, language: string): { line: number; code: string }[] {
  const all = text(document);
  return [...all.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))]
    .map(match => ({ line: all.slice(0, match.index).split('\n').length, code: match[1] }));
}

/** What a document takes for granted in a block that imports nothing. */
const KNOWN: { [name: string]: string } = {
  airflow: "const airflow = new cdk8sAirflow.AirflowKubernetesDeployment(chart, 'airflow', { database });",
  chart: "const chart = new (require('cdk8s') as typeof import('cdk8s')).Chart(null as any, 'airflow');",
  dag: "const dag = '';",
  database: 'const database: cdk8sAirflow.IMetadataDatabase = null as any;',
};

/** A block as a file: with what it takes for granted; a list of props as such. */
function complete(code: string): string {
  if (code.startsWith('import ')) { return code; }
  const props = /^\w+: /.test(code);
  const uses = (name: string) => new RegExp(`\\b${name}\\b(?!:)`).test(code);
  const known = Object.keys(KNOWN).filter(name => uses(name) && !new RegExp(`const ${name}\\b`).test(code));
  const needed = known.includes('airflow') ? [...new Set(['chart', 'database', ...known])] : known;
  const names = Object.keys(library).filter(name => uses(name));
  const node = [['readFileSync', 'node:fs'], ['join', 'node:path']].filter(([name]) => uses(name)).map(([name, from]) => `import { ${name} } from '${from}';`);
  // On one line, so that the lines of messages are those of the block.
  const head = [
    "import * as cdk8sAirflow from 'cdk8s-airflow';", ...names.length > 0 ? [`import { ${names.join(', ')} } from 'cdk8s-airflow';`] : [], ...node,
    ...Object.keys(KNOWN).filter(name => needed.includes(name)).sort((a, b) => Number(a === 'airflow') - Number(b === 'airflow')).map(name => KNOWN[name]),
  ].join(' ');
  return `${head} ${props ? 'export const props: Partial<cdk8sAirflow.AirflowKubernetesDeploymentProps> = {' : ''}\n${code}${props ? '};\n' : ''}`;
}

// jsii-rosetta, made for this, does not know union types.
test('every TypeScript block compiles as a file of its own', () => {
  const { config } = ts.readConfigFile(join(root, 'test', 'tsconfig.json'), path => readFileSync(path, 'utf8'));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, join(root, 'test'));
  Object.assign(options, { noUnusedLocals: false });
  const snippets = new Map(documents.flatMap(document => blocks(document, 'ts').map(({ line, code }) =>
    [join(root, 'test', `${document.replace(/\W/g, '-')}-line-${line}.ts`), complete(code)])));
  expect(snippets.size).toBeGreaterThan(20);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = path => snippets.has(path) || fileExists(path);
  host.readFile = path => snippets.get(path) ?? readFile(path);
  host.getSourceFile = (path, ...rest) =>
    (snippets.has(path) ? ts.createSourceFile(path, snippets.get(path)!, rest[0]) : getSourceFile(path, ...rest));
  const program = ts.createProgram([...snippets.keys()], options, host);
  const problems = [...snippets.keys()].flatMap(path => {
    const source = program.getSourceFile(path)!;
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  });
  expect(ts.formatDiagnostics(problems, { getCanonicalFileName: path => path, getCurrentDirectory: () => root, getNewLine: () => '\n' })).toBe('');
});

test('the first block is the two commands for a bare clone', () => {
  expect(/```\w*\n(.*?)```/s.exec(text('README.md'))![1]).toBe('npm ci && npm run quickstart\nnpm ci && npm test\n');
});

/** The anchors that a document has: of its headings, as GitHub makes them. */
const anchors = (document: string) => [...text(document).matchAll(/^#+ (.*)$/gm)]
  .map(([, heading]) => heading.toLowerCase().replace(/[^\w\- ]/g, '').replace(/ /g, '-'));

test.each(documents)('what %s links to exists', document => {
  const links = [...text(document).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
  for (const [, file, anchor] of links) {
    const path = file === '' ? document : join(dirname(document), file);
    readFileSync(join(root, path));
    if (anchor !== undefined) { expect(anchors(path)).toContain(anchor); }
  }
});
