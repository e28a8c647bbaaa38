import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { render } from './airflow';

// A template a line; a line break, or another character that a line cannot hold, is written as in JSON after '\\u', and tags may go over lines within backquotes.
const templates = readFileSync(join(__dirname, 'templates.txt'), 'utf8').trimEnd().split('\n')
  .filter(line => line !== '' && !line.startsWith('## ')).map(line => line.replace(/⏎/g, '\n').replace(/␍/g, '\r').replace(/␉/g, '\t'));
const context = readFileSync(join(__dirname, 'context.json'), 'utf8').trim();
for (const python of process.argv.slice(2)) {
  const { airflowVersion, results } = render(python, templates);
  const file = join(__dirname, `../../test/runtime/jinja-${airflowVersion.split('.')[0]}.json`);
  const cases = results.map(result => `  ${JSON.stringify(result)}`).join(',\n');
  writeFileSync(file, `{ "airflowVersion": "${airflowVersion}", "given": ${context}, "cases": [\n${cases}\n] }\n`);
  console.log(`${airflowVersion}: ${results.length} templates, ${results.filter(({ output }) => output === undefined).length} of them errors -> ${file}`);
}
