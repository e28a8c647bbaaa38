import { createHash } from 'node:crypto';
import { transliterate } from './transliterate';

/** What the provider leaves of a name before it adds `-` and eight characters, so that the whole is a DNS label. */
export const NAME_LENGTH = 54;
/** What it leaves of a task id without them. */
export const LABEL_LENGTH = 63;

function trimEnds(text: string): string {
  return text.replace(/^[-.]+|[-.]+$/g, '');
}

/**
 * The name of a task's object: the provider's slug of a task id or a name, cut to so many characters.
 * A text with letters that have no Latin form here, of which the provider may make an invalid name, ends with a hash of it.
 */
export function slug(text: string, length = NAME_LENGTH): string {
  const { latin, complete } = transliterate(text);
  const name = trimEnds(latin.replace(/[^a-z0-9]+/g, '-'));
  if (complete && name !== '') { return trimEnds(name.slice(0, length)); }
  return `${trimEnds(name.slice(0, length - 9)) || 'task'}-${hash(text, 8)}`;
}

/**
 * The name of a task's object where the author gave a name: the provider's normalisation of its argument, cut to so many characters.
 *
 * @throws Error where the provider refuses the name.
 */
export function slugName(name: string, length = NAME_LENGTH): string {
  if (!/^[\p{L}\p{N}_.-]+$/u.test(name) || name.length > 220) {
    throw new Error(`'name' must be 1 to 220 letters, digits, '-', '_' or '.', got '${name}'; leave it out to take the task id`);
  }
  const base = trimEnds(trimEnds(name.toLowerCase().replace(/[^a-z0-9-]+/g, '-')).slice(0, length));
  return base === '' ? slug(name, length) : base;
}

/**
 * The name of a task's object that a layer beside the parameters gives: the provider leaves it as it is, which only helps where Kubernetes takes it so.
 *
 * @throws Error where it can be made no name.
 */
export function layerName(name: string, length = NAME_LENGTH): string {
  return /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name) ? trimEnds(name.slice(0, length)) : slugName(name, length);
}

/** So many characters `[a-z0-9]` that stand for a text: the same text, the same characters. */
export function hash(text: string, length: number): string {
  const digits = BigInt(`0x${createHash('sha256').update(text).digest('hex')}`).toString(36);
  return digits.padStart(length, '0').slice(-length);
}

/**
 * A label value that stands for an identity, by Airflow's `make_safe_label_value`: unchanged where it is valid, else cut to 53 characters and
 * marked with nine hex digits of its md5. Unlike Airflow's it never begins with `-`, which the API server refuses.
 */
export function safeLabelValue(value: string): string {
  const safe = value.replace(/^[^a-z0-9A-Z]*|[^a-zA-Z0-9_\-.]|[^a-z0-9A-Z]*$/g, '');
  if (safe === value && safe.length <= 63) { return safe; }
  const mark = createHash('md5').update(value, 'utf8').digest('hex').slice(0, 9);
  return safe === '' ? mark : `${safe.slice(0, 53)}-${mark}`;
}

/** The operator's own name of an argument: `envVars` → `env_vars`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
}
