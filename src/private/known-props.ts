import { shown } from './prop-types';
import { didYouMean } from '../pod/closest';

/** The names of a struct's members; that none is forgotten, the compiler says. */
export type PropNames<T> = { readonly [prop in keyof Required<T>]: true };

/**
 * Refuses what only TypeScript's own check of literals refuses: a struct that is no object, and names that it does not have.
 *
 * @param path where the props stand, for the message
 * @param type the struct's name
 * @param words other words for the same, and what to do instead
 */
export function checkPropNames(
  props: unknown, names: { readonly [prop: string]: true }, path: string, type: string, words: { readonly [prop: string]: string } = {},
): void {
  if (props === null || typeof props !== 'object' || Array.isArray(props)) {
    throw new Error(`${path}: expected an object with the members of ${type}, got ${shown(props)}`);
  }
  for (const [prop, value] of Object.entries(props)) {
    if (value === undefined || Object.hasOwn(names, prop)) { continue; }
    if (Object.hasOwn(words, prop)) { throw new Error(`${path}: unknown prop '${prop}'; ${words[prop]}`); }
    throw new Error(`${path}: unknown prop '${prop}'${didYouMean(prop, Object.keys(names)) || `; ${type} has ${Object.keys(names).map(name => `'${name}'`).join(', ')}`}`);
  }
}
