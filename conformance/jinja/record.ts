import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// A template a line; a line break in one is written as it is, before '}}'.
const templates = readFileSync(join(__dirname, 'templates.txt'), 'utf8').replace(/\n\}\}/g, '\u0000').trimEnd().split('\n').map(line => line.replace('\u0000', '\n}}'));
const given = JSON.parse(readFileSync(join(__dirname, 'context.json'), 'utf8'));
const output = execFileSync(process.argv[2] ?? 'python3', [join(__dirname, 'render.py')], {
  input: JSON.stringify({ ...given, templates }), maxBuffer: 1 << 26, stdio: ['pipe', 'pipe', 'inherit'],
});
const cases = (JSON.parse(output.toString()) as any[]).map(result => `  ${JSON.stringify(result)}`).join(',\n');
writeFileSync(join(__dirname, '../../test/runtime/jinja.json'), `{ "given": ${JSON.stringify(given)}, "cases": [\n${cases}\n] }\n`);
