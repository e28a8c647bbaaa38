import { isObject, toWire } from '../../pod/schema';
import { shown } from '../../private/prop-types';

/**
 * A merge patch of a Job as JSON.
 *
 * @throws Error for keys that a Job does not have; null is a value here: it removes a field
 */
export function jobPatch(body: any): any {
  if (!isObject(body) || Object.keys(body).length === 0) {
    throw new Error(`'body' must be a part of a Job, such as { spec: { suspend: false } }, got ${shown(body)}`);
  }
  toWire('Job', withoutNull(body), 'body', { partial: true });
  return JSON.parse(JSON.stringify(body));
}

function withoutNull(value: any): any {
  if (Array.isArray(value)) { return value.map(withoutNull); }
  if (value === null || typeof value !== 'object') { return value; }
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null).map(([key, item]) => [key, withoutNull(item)]));
}
