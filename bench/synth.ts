/**
 * Synthesis of examples/production beside the same objects as plain ApiObjects: as processes, in process, and with many deployments in one app.
 * Times are of the processor, the least of several turns, so that what else runs on the machine counts little.
 *
 * usage: npx projen compile && npx ts-node -T bench/synth.ts [TURNS]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiObject, App, Chart, Testing } from 'cdk8s';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { parseAllDocuments } from 'yaml';

const turns = Number(process.argv[2] ?? 7);
const root = join(__dirname, '..');
// Below the package, so that 'cdk8s-airflow' is found there.
const folder = mkdtempSync(join(root, 'bench', 'tmp-'));
const REPORT = "if (require.main === module) process.on('exit', () => { const { user, system } = process.cpuUsage(); require('fs').writeSync(2, String((user + system) / 1000)); });\n";
const PLAIN = `${REPORT}
const { ApiObject, App, Chart } = require('cdk8s');
const app = new App({ outdir: __dirname + '/dist' });
for (const [name, objects] of Object.entries(require('./objects.json'))) {
  const chart = new Chart(app, name);
  objects.forEach((object, i) => new ApiObject(chart, String(i), object));
}
app.synth();
`;

/** Processor time of a program in ms. */
function run(program: string): number {
  const { status, stderr } = spawnSync(process.execPath, [join(folder, program)], { encoding: 'utf8', env: { ...process.env, NODE_NO_WARNINGS: '1' } });
  if (status !== 0) { throw new Error(stderr); }
  return Number(/[\d.]+$/.exec(stderr)![0]);
}

function cpu(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** The least time of each, taken in turns. */
function least(count: number, ...works: (() => number)[]): number[] {
  const times = works.map(() => Infinity);
  for (let i = 0; i < count; i++) { works.forEach((work, j) => { times[j] = Math.min(times[j], work()); }); }
  return times;
}

function compare(what: string, goal: number, [ours, plain]: number[]): void {
  const ratio = ours / plain;
  console.log(`${what}: ${ours.toFixed(0)} ms, plain ApiObjects ${plain.toFixed(0)} ms: ${ratio.toFixed(2)} × (goal ${goal} ×)`);
  if (ratio > goal) { process.exitCode = 1; }
}

try {
  process.emitWarning = () => undefined;
  const source = readFileSync(join(root, 'examples/production/main.ts'), 'utf8');
  const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true };
  const { outputText } = transpileModule(source, { compilerOptions });
  writeFileSync(join(folder, 'main.js'), REPORT + outputText);
  run('main.js');
  const files = readdirSync(join(folder, 'dist'));
  const read = (name: string) =>
    parseAllDocuments(readFileSync(join(folder, 'dist', name), 'utf8'), { version: '1.1' }).map(document => document.toJS());
  const objects = Object.fromEntries(files.map(name => [name.split('.')[0], read(name)]));
  writeFileSync(join(folder, 'objects.json'), JSON.stringify(objects));
  writeFileSync(join(folder, 'plain.js'), PLAIN);
  compare('process', 1.5, least(turns, () => run('main.js'), () => run('plain.js')));

  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { ENVIRONMENTS: [environment], ProductionAirflow } = require(join(folder, 'main.js'));
  const ours = (count: number) => cpu(() => {
    const app = Testing.app();
    for (let i = 0; i < count; i++) { new ProductionAirflow(app, `airflow-${i}`, { ...environment, namespace: `airflow-${i}` }); }
    app.synth();
  });
  const plain = (count: number) => cpu(() => {
    const app: App = Testing.app();
    for (let n = 0; n < count; n++) {
      const chart = new Chart(app, `airflow-${n}`);
      objects.airflow.forEach((object, i) => new ApiObject(chart, String(i), object));
    }
    app.synth();
  });
  compare('in process', 2, least(turns * 5, () => ours(1), () => plain(1)));

  const growth = (few: number, many: number) => many / few / 4;
  const times = least(turns * 2, () => ours(5), () => ours(20), () => plain(5), () => plain(20));
  const [grown, plainGrown] = [growth(times[0], times[1]), growth(times[2], times[3])];
  console.log(`20 deployments in one app: ${times[1].toFixed(0)} ms, ${grown.toFixed(2)} × what four times 5 take, plain ApiObjects ${plainGrown.toFixed(2)} × (goal 1.25 ×)`);
  if (grown > 1.25) { process.exitCode = 1; }
} finally {
  rmSync(folder, { recursive: true });
}
