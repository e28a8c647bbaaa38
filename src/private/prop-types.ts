import { INT32_MAX, isObject } from '../pod/schema';
import { shown } from '../pod/shown';

export { shown };

/** What a value has to be, in words: the end of `must be`. */
export type PropType = 'a text' | 'a number' | 'true or false' | 'a list' | 'a list of texts' | 'an object' | 'a SecretRef, such as SecretRef.existing(\'name\', \'key\')';

const HOLDS: { [type in PropType]: (value: any) => boolean } = {
  'a text': value => typeof value === 'string',
  'a number': value => typeof value === 'number' && Number.isFinite(value),
  'true or false': value => typeof value === 'boolean',
  'a list': Array.isArray,
  'a list of texts': value => Array.isArray(value) && value.every(item => typeof item === 'string'),
  'an object': isObject,
  "a SecretRef, such as SecretRef.existing('name', 'key')": value => hasMember(value, 'bind'),
};

/** Types of some members of a struct, those that nothing else looks at. */
export type PropTypes<T> = { readonly [prop in keyof T]?: PropType };

/**
 * Refuses values of other types, which only TypeScript's own check refuses.
 *
 * @param prefix stands before the names of the members, for the message: `podLaunching.`
 */
export function checkPropTypes<T extends object>(props: T, types: PropTypes<T>, prefix = ''): void {
  for (const [prop, type] of Object.entries(types) as [keyof T & string, PropType][]) {
    const value = props[prop];
    if (value !== undefined && !HOLDS[type](value)) { throw new Error(`'${prefix}${prop}' must be ${type}, got ${shown(value)}`); }
  }
}

/** True for an object of a class that has a member, also where it is from another copy of this package. */
export function hasMember(value: unknown, member: string): boolean {
  return value !== null && typeof value === 'object' && member in value;
}

/** Refuses what is no whole number that a database and Python's C code hold. */
export function checkWholeNumber(prop: string, value: number | undefined, least: number): void {
  if (value !== undefined && !(Number.isInteger(value) && value >= least && value <= INT32_MAX)) {
    throw new Error(`'${prop}' must be a whole number from ${least} to ${INT32_MAX}, got ${shown(value)}`);
  }
}
