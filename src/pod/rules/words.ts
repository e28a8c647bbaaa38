import { hasJinja } from '../jinja';

/** What is wrong with a value of one type of the Kubernetes schema, each problem in words that follow the value's path. */
export type Rule = (value: any, spec: any) => string[];

/** Type of the schema → what the API server, or the kubelet after it, refuses of it beyond the types of its fields. */
export type Rules = { readonly [type: string]: Rule };

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_NAME = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const NAMES = {
  label: { form: DNS_LABEL, words: "at most 63 lower-case letters, digits and '-', with a letter or digit at both ends" },
  name: { form: DNS_NAME, words: "lower-case letters, digits, '-' and '.', with a letter or digit at both ends" },
  variable: { form: /^[-._a-zA-Z][-._a-zA-Z0-9]*$/, words: "letters, digits, '-', '_' and '.', and not begin with a digit" },
  key: { form: /^(?!\.$|\.\.)[-._a-zA-Z0-9]{1,253}$/, words: "at most 253 letters, digits, '-', '_' and '.'" },
  port: { form: /^(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$/, words: "at most 15 lower-case letters, digits and '-', with at least one letter" },
} as const;

/** True for what the API server takes for the name of a host, or of an object. */
export function isDnsName(text: string): boolean {
  return DNS_NAME.test(text);
}

/** A value as it stands in a message. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
  return text === undefined ? 'nothing' : text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** A name that objects of Kubernetes have, or a part of them. A missing one and Jinja are not judged. */
export function named(field: string, value: any, kind: keyof typeof NAMES): string[] {
  const { form, words } = NAMES[kind];
  if (value === undefined || hasJinja(value) || form.test(value)) { return []; }
  return [`'${field}' must be ${words}, got ${shown(value)}`];
}

/** A field that must not be empty. */
export function needed(field: string, value: any): string[] {
  return value ? [] : [`needs '${field}'`];
}

export function numberIn(field: string, value: any, least: number, most = Infinity): string[] {
  if (value === undefined || typeof value !== 'number' || (value >= least && value <= most)) { return []; }
  return [`'${field}' must be ${most === Infinity ? `at least ${least}` : `from ${least} to ${most}`}, got ${value}`];
}

/** Exactly one of the fields, all of which exclude each other. */
export function oneField(value: any, fields: readonly string[]): string[] {
  const given = fields.filter(field => value[field] !== undefined);
  if (given.length === 1) { return []; }
  const all = fields.map(field => `'${field}'`).join(', ');
  return given.length === 0 ? [`needs one of ${all}`] : [`has ${given.map(field => `'${field}'`).join(' and ')}, of which only one can be; remove the others`];
}

/** A path below a volume. */
export function pathBelow(field: string, value: any): string[] {
  if (value === undefined || hasJinja(value) || !(value.startsWith('/') || value.split('/').includes('..'))) { return []; }
  return [`'${field}' must be a path below the volume, without '/' at its begin and without '..', got ${shown(value)}`];
}

export function ipAddress(field: string, value: any): string[] {
  const v4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;
  if (value === undefined || v4.test(value) || (/^[0-9a-fA-F:.]*$/.test(value) && value.split(':').length > 2)) { return []; }
  return [`'${field}' must be an IP address, got ${shown(value)}`];
}

/** What is there more than once, each named once. */
export function repeated(texts: string[]): string[] {
  return [...new Set(texts.filter((text, i) => texts.indexOf(text) !== i))];
}
