import { badRequest } from './status';
import { Manifest } from '../pod/manifest';

export type Predicate = (object: Manifest) => boolean;

/** The fields that each resource can be selected by, beside its name and namespace. */
const FIELDS: { [resource: string]: string[] } = {
  pods: ['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName', 'status.phase', 'status.podIP'],
  events: [
    'involvedObject.kind', 'involvedObject.namespace', 'involvedObject.name', 'involvedObject.uid', 'involvedObject.apiVersion',
    'involvedObject.resourceVersion', 'involvedObject.fieldPath', 'reason', 'reportingComponent', 'source', 'type',
  ],
  secrets: ['type'],
  namespaces: ['status.phase'],
};

const OPERATORS = 'in, notin, =, ==, !=, gt, lt';

/** What a `labelSelector` lets through; undefined and '' let everything through. */
export function labelSelector(text: string | null): Predicate {
  // A comma inside parentheses separates values, not requirements.
  const requirements = (text ?? '').split(/,(?![^()]*\))/).map(part => part.trim()).filter(part => part !== '').map(labelRequirement);
  return object => requirements.every(fits => fits(object.metadata.labels ?? {}));
}

function labelRequirement(text: string): (labels: { [key: string]: string }) => boolean {
  const [, not, key, rest] = /^(!?)\s*([^\s=!]+)\s*(.*)$/.exec(text)!;
  if (rest === '') { return labels => (key in labels) === (not === ''); }
  const equality = /^(==?|!=)\s*(\S*)$/.exec(rest);
  if (equality) {
    return equality[1] === '!=' ? labels => labels[key] !== equality[2] : labels => labels[key] === equality[2];
  }
  const set = /^(in|notin)\s+(.*)$/.exec(rest);
  if (!set) { throw badRequest(`unable to parse requirement: found '${rest.split(' ')[0]}', expected: ${OPERATORS}`); }
  const values = /^\((.*)\)$/.exec(set[2]);
  if (!values) { throw badRequest(`unable to parse requirement: found '${set[2]}' expected: '('`); }
  const allowed = values[1].split(',').map(value => value.trim());
  return labels => (key in labels && allowed.includes(labels[key])) === (set[1] === 'in');
}

/** What a `fieldSelector` lets through. */
export function fieldSelector(text: string | null, resource: string): Predicate {
  const known = ['metadata.name', 'metadata.namespace', ...FIELDS[resource] ?? []];
  const requirements = (text ?? '').split(',').filter(part => part !== '').map(part => {
    const match = /^([^=!]*)(==?|!=)(.*)$/.exec(part);
    if (!match) { throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`); }
    const [, field, operator, value] = match;
    if (!known.includes(field)) {
      throw badRequest(`"${field}" is not a known field selector: only ${known.map(name => `"${name}"`).join(', ')}`);
    }
    return (object: Manifest) => (String(valueAt(object, field) ?? '') === value) === (operator !== '!=');
  });
  return object => requirements.every(fits => fits(object));
}

function valueAt(object: any, path: string): unknown {
  return path.split('.').reduce((value, key) => value?.[key], object);
}
