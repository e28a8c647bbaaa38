import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { render } from './airflow';
import { generate } from './generate';
import { rendererOf } from '../../test/runtime/jinja';

// npx ts-node -T conformance/jinja/compare.ts PYTHON [--seed 1] [--count 2000] [--show 20]
const option = (name: string, otherwise: number) => (process.argv.includes(`--${name}`) ? Number(process.argv[process.argv.indexOf(`--${name}`) + 1]) : otherwise);
const templates = generate(option('seed', 1), option('count', 2000));
const { airflowVersion, results } = render(process.argv[2], templates);
const ours = rendererOf(readFileSync(join(__dirname, 'context.json'), 'utf8'), airflowVersion);
const counts = { 'equal': 0, 'refused by both': 0, 'refused': 0, 'different': 0 };
const refusals = new Map<string, string[]>();
let left = option('show', 20);
for (const { template, output, error } of results) {
  let text: string;
  try {
    text = ours(template);
  } catch (mine) {
    const message = (mine as Error).message.replace(/'[^']*'/g, "'…'").replace(/\d+/g, 'N');
    counts[output === undefined ? 'refused by both' : 'refused']++;
    if (output !== undefined) { refusals.set(message, [...refusals.get(message) ?? [], template]); }
    if (!(mine as Error).constructor.name.match(/TemplateError|XComUnknown/)) { console.error(`ours crashes: ${JSON.stringify(template)}: ${(mine as Error).stack}`); }
    continue;
  }
  if (text === output) {
    counts.equal++;
  } else {
    counts.different++;
    if (left-- > 0) { console.error(`${JSON.stringify(template)}\n  Airflow ${JSON.stringify(output ?? error)}\n  ours    ${JSON.stringify(text)}`); }
  }
}
if (process.argv.includes('--refusals')) {
  for (const [message, all] of [...refusals].sort(([, a], [, b]) => b.length - a.length)) { console.error(`${all.length} ${message}\n    ${all.sort((a, b) => a.length - b.length)[0]}`); }
}
console.log(`Airflow ${airflowVersion}: ${Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(', ')}`);
process.exitCode = counts.different > 0 ? 1 : 0;
