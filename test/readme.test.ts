import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';

const root = join(__dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** Code blocks of a language, with the line on which each begins. */
function blocks(language: string): { line: number; code: string }[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))]
    .map(match => ({ line: readme.slice(0, match.index).split('\n').length, code: match[1] }));
}

// jsii-rosetta, made for this, does not know union types.
test('every TypeScript block compiles as a file of its own', () => {
  const { config } = ts.readConfigFile(join(root, 'test', 'tsconfig.json'), path => readFileSync(path, 'utf8'));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, join(root, 'test'));
  const snippets = new Map(blocks('ts').map(({ line, code }) => [join(root, 'test', `README-line-${line}.ts`), code]));
  expect(snippets.size).toBeGreaterThan(2);
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
}, 60_000);

test('the first block is the two commands for a bare clone', () => {
  expect(/```\w*\n(.*?)```/s.exec(readme)![1]).toBe('npm ci && npm run quickstart\nnpm ci && npm test\n');
});

test('every file that the README links to exists', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(match => match[1]);
  expect(links.length).toBeGreaterThan(5);
  links.forEach(link => readFileSync(join(root, link)));
});
