import { Change, changesOf } from './diff/changes';
import { holdsData, kubectlName } from './diff/objects';
import { sequenceOf, Step } from './diff/sequence';
import { document } from './document';
import type { Streams } from './exit';
import { table } from './text';
import { loadManifests } from '../runtime/manifests';

export interface DiffOptions {
  readonly output?: 'json' | 'yaml';
}

/** Prints what is different between two sets of manifests, why, and the commands that lead from one to the other. */
export function diffCommand(oldPath: string, newPath: string, options: DiffOptions, { stdout, stderr }: Streams): void {
  const [before, after] = [oldPath, newPath].map(path => loadManifests(path).map(({ manifest }) => manifest));
  const changes = changesOf(before, after);
  const steps = sequenceOf(before, after, changes, newPath);
  if (options.output) {
    const list = changes.map(({ object, change, effect, reasons }) =>
      ({ object: kubectlName(object), namespace: object.namespace ?? null, change, effect, reasons }));
    stdout.write(document({ changes: list, steps }, options.output));
    return;
  }
  if (changes.length === 0) {
    stderr.write('nothing is different\n');
    return;
  }
  stdout.write(`${comment(table(['change', 'object', 'effect', 'reason'], changes.flatMap(rows)))}\n${END_AT_FAILURE}\n${steps.map(script).join('\n')}`);
}

/** A migration that failed, and Airflow is not started on what it left. */
const END_AT_FAILURE = 'set -eu\n';

const EFFECTS: { [effect in Change['effect']]: string } = {
  created: 'is made',
  stays: 'stays until it is deleted',
  updated: 'in place',
  rolls: 'its pods are replaced',
  recreated: 'must be deleted first',
  runs: 'runs',
};

function rows({ object, change, effect, reasons }: Change): string[][] {
  const kept = change === 'removed' && holdsData(object) ? ['it holds data: delete it by hand when nobody needs it'] : [];
  const [first = '-', ...more] = [...reasons, ...kept];
  const name = object.namespace === undefined ? kubectlName(object) : `${object.namespace}/${kubectlName(object)}`;
  return [[change, name, EFFECTS[effect], first], ...more.map(reason => ['', '', '', reason])];
}

/** All of the output is a shell script. */
function comment(text: string): string {
  return text.replace(/^/gm, '# ').replace(/# $/, '');
}

function script({ title, commands }: Step, i: number): string {
  return [`# ${i + 1}. ${title}`, ...commands, ''].join('\n');
}
