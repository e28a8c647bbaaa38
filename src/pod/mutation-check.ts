import { mapProblems } from './check-pod';
import { MutationOp, MutationStep } from './mutation';
import { podPathText, withItemKey } from './pod-path';
import { brokenAt, brokenPart } from './pod-rules';
import { problemsOf } from './problems';
import { toWire } from './schema';
import { SCHEMA } from './schema-data';
import { BASE_CONTAINER } from './task-parameters';

/**
 * What the API server would refuse of the value of an operation, whatever pod it is put into. What depends on the rest of the pod, such as the volume
 * of a mount, is not judged.
 */
export function refusedValue([op, path, value]: MutationOp): string[] {
  if (op === 'unset') { return []; }
  const names = path.map(step => typeof step === 'string' ? step : step[1]);
  const types = path.reduce<string[]>((found, step) => [...found, typeOf(found[found.length - 1], step)], ['Pod']);
  const whole = types[path.length];
  const mistyped = problemsOf(() => toWire(whole, value, podPathText(names)));
  if (mistyped.length > 0) { return mistyped; }
  const parts = around(path, value);
  return [
    ...mapProblems(parts[0]),
    ...brokenAt(whole, value, names),
    // Of the pod's spec only the field itself: which containers there are is not known.
    ...parts.slice(0, -1).flatMap((part, i) => i === 1
      ? path.length === 2 ? brokenPart('PodSpec', { containers: [], ...part }, names.slice(0, 1)) : []
      : Array.isArray(part) ? [] : brokenPart(types[i], part, names.slice(0, i))),
  ];
}

function typeOf(type: string, step: MutationStep): string {
  return typeof step === 'string' && Object.hasOwn(SCHEMA, type) ? SCHEMA[type][step].replace(/!$/, '') : type.slice(2);
}

/** What is around a value, from the pod inwards, with nothing but the way to it. */
function around(path: readonly MutationStep[], value: any): any[] {
  const parts = [value];
  for (const step of [...path].reverse()) {
    if (typeof step !== 'string' && step[1] !== '-') { parts[0] = withItemKey(step[0], step[1] === '*' ? ANY[step[0]] ?? BASE_CONTAINER : step[1], parts[0]); }
    parts.unshift(typeof step === 'string' ? { [step]: parts[0] } : [parts[0]]);
  }
  return parts;
}

/** Something that an item may be called, of lists whose items are not called as a container is. */
const ANY: { [field: string]: string } = { ports: '1/TCP', volumeDevices: '/x', volumeMounts: '/x' };
