import { CHART_WORDS } from './chart-words';
import { checkPropTypes, PropType, shown } from './prop-types';
import { didYouMean, didYouMeanBeginning } from '../pod/closest';
import { isObject } from '../pod/schema';

/** The members of a struct and what they hold; true where something else looks at the value. That none is forgotten, the compiler says. */
export type PropNames<T> = { readonly [prop in keyof Required<T>]: true | PropType };

/** A struct as data. */
export interface Struct<T> {
  readonly type: string;
  readonly members: PropNames<T>;
}

export function struct<T>(type: string, members: PropNames<T>): Struct<T> {
  return { type, members };
}

/** {@link checkPropNames} for a struct as data. */
export function checkStruct<T>(props: unknown, { type, members }: Struct<T>, path: string): void {
  checkPropNames(props, members, path, type);
}

/**
 * Refuses what only TypeScript's own check of literals refuses: a struct that is no object, names that it does not have, and values of other types. Names
 * of the official chart and of DAGs are told what to write instead. Members of a class' own props are named without it.
 *
 * @param path where the props stand, for the message
 * @param type the struct's name
 */
export function checkPropNames(props: unknown, names: { readonly [prop: string]: true | PropType }, path: string, type: string): void {
  if (!isObject(props)) {
    throw new Error(`${path}: expected an object with the members of ${type}, got ${shown(props)}`);
  }
  for (const [prop, value] of Object.entries(props)) {
    if (value === null && Object.hasOwn(names, prop)) { throw new Error(`${path}: '${prop}' is null; leave it out for its default, or give it a value`); }
    if (value === undefined || Object.hasOwn(names, prop)) { continue; }
    refuseChartWord(prop, path, type);
    const hint = didYouMean(prop, Object.keys(names)) || didYouMeanBeginning(prop, Object.keys(names));
    throw new Error(`${path}: unknown prop '${prop}'${hint || `; ${type} has ${Object.keys(names).map(name => `'${name}'`).join(', ')}`}`);
  }
  const typed = Object.fromEntries(Object.entries(names).filter(([, holds]) => holds !== true)) as { [prop: string]: PropType };
  checkPropTypes(props as { [prop: string]: unknown }, typed, /^(props$|[A-Z])/.test(path) ? '' : `${path}.`);
}

/** Without null, which is Python's None where the parameters of an operator are: not given. */
export function withoutNull<T extends object>(props: T): T {
  return isObject(props) ? Object.fromEntries(Object.entries(props).filter(([, value]) => value !== null)) as T : props;
}

/** Refuses a name of the official chart, and says what to write instead. */
export function refuseChartWord(prop: string, path: string, type: string): void {
  const words = CHART_WORDS[type];
  if (words && Object.hasOwn(words, prop)) { throw new Error(`${path}: unknown prop '${prop}'; ${words[prop]}`); }
}
