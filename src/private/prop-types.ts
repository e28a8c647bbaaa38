import { INT32_MAX, isObject } from '../pod/schema';
import { shown } from '../pod/shown';

export { shown };

/** What a value has to be, in words: the end of `must be`. */
export type PropType = keyof typeof HOLDS;

/** Types of objects of this package's classes. */
export const SECRET = "a SecretRef, such as SecretRef.existing('name', 'key')";
export const VERSION = 'an AirflowVersion, such as AirflowVersion.V3_3';
export const IMAGE = "an AirflowImage, such as AirflowImage.of('registry.example.com/airflow:3.3.2-1')";
export const EXPOSURE = 'an exposure, such as Exposure.ingress({ … })';

const isText = (value: unknown) => typeof value === 'string';
/** cdk8s.Lazy: cdk8s asks for the value when it writes the object. */
const isLazy = (value: unknown) => hasMember(value, 'produce');
const has = (member: string) => (value: unknown) => hasMember(value, member);

const HOLDS = {
  'a text': isText,
  'a text that is not empty': (value: unknown) => isText(value) && value !== '',
  'a text or a SecretRef': (value: unknown) => isText(value) || hasMember(value, 'bind'),
  'a number': (value: unknown) => typeof value === 'number' && Number.isFinite(value),
  'true or false': (value: unknown) => typeof value === 'boolean',
  'a list': (value: unknown) => Array.isArray(value),
  'a list of texts': (value: unknown) => Array.isArray(value) && value.every(isText),
  'a list of objects': (value: unknown) => Array.isArray(value) && value.every(item => isObject(item) || isLazy(item)),
  'an object': isObject,
  'an object of texts': (value: unknown) => isObject(value) && Object.values(value as object).every(item => item === undefined || isText(item) || isLazy(item)),
  [SECRET]: has('bind'),
  [VERSION]: has('_features'),
  [IMAGE]: has('_withPullSecrets'),
  [EXPOSURE]: has('bind'),
  'an Executor: Executor.kubernetes(), .local(), .celery({ … }) or .multiple([…])': has('_runs'),
  'a database, such as MetadataDatabase.postgres({ … })': has('bind'),
  'a source of DAGs, such as new GitSyncDags({ … })': has('bind'),
  'a place for logs, such as TaskLogs.s3({ … })': has('bind'),
  'an AirflowAuth, such as AirflowAuth.fab({ … })': has('_bind'),
  'a SecretsBackend, such as SecretsBackend.vault({ … })': has('_bind'),
  'a CeleryBroker, such as CeleryBroker.redis({ … })': has('_bind'),
  'a CeleryResultBackend, such as CeleryResultBackend.redis({ … })': has('_bind'),
} satisfies { [type: string]: (value: unknown) => boolean };

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
