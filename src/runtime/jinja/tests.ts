import { bind } from './arguments';
import { FILTER_NAMES } from './filter-names';
import { binary, compare } from './operators';
import { TEXT_METHODS } from './text-methods';
import { Callable, defined, Dict, equals, fail, isIterable, List, Markup, numeric, Sequence, Thing, Tuple, Undefined, Value } from './values';
import { str } from './write';

type Test = (value: Value, other: Value) => boolean;

const plain = (test: (value: Value) => boolean): [string[], Test] => [[], test];
const against = (operator: string): [string[], Test] => [['other'], (value, other) => compare(operator, value, other)];
const remainder = (value: Value, by: Value, is: bigint) => equals(binary('%', value, by), is);
const cased = (method: string) => plain(value => TEXT_METHODS[method](str(value), [], new Map()) as boolean);

/** Jinja's tests, with the names of their arguments. */
const TESTS: { readonly [name: string]: [string[], Test] } = {
  'odd': plain(value => remainder(value, 2n, 1n)),
  'even': plain(value => remainder(value, 2n, 0n)),
  'divisibleby': [['num'], (value, num) => remainder(value, num, 0n)],
  'defined': plain(value => !(value instanceof Undefined)),
  'undefined': plain(value => value instanceof Undefined),
  'none': plain(value => value === null),
  'boolean': plain(value => typeof value === 'boolean'),
  'false': plain(value => value === false),
  'true': plain(value => value === true),
  'integer': plain(value => typeof value === 'bigint'),
  'float': plain(value => typeof value === 'number'),
  'lower': cased('islower'),
  'upper': cased('isupper'),
  'string': plain(value => typeof value === 'string' || value instanceof Markup),
  'mapping': plain(value => value instanceof Dict),
  'number': plain(value => numeric(value) !== undefined),
  'sequence': plain(value => typeof value === 'string' || [Dict, List, Markup, Sequence, Tuple].some(type => value instanceof type)),
  'iterable': plain(value => isIterable(defined(value))),
  'callable': plain(value => (value instanceof Thing || value instanceof Undefined ? fail('the test callable is not understood for this value') : value instanceof Callable)),
  'escaped': plain(value => defined(value) instanceof Markup),
  'filter': plain(value => (typeof value === 'string' ? FILTER_NAMES.includes(value) : fail('the name of a filter is a text'))),
  'sameas': [['other'], (value, other) => {
    const single = (of: Value) => of === null || typeof of === 'boolean';
    return single(value) || single(other) ? value === other : fail('the test sameas is understood for true, false and none');
  }],
  'in': [['seq'], (value, seq) => compare('in', value, seq)],
  '==': against('=='),
  'eq': against('=='),
  'equalto': against('=='),
  '!=': against('!='),
  'ne': against('!='),
  '>': against('>'),
  'gt': against('>'),
  'greaterthan': against('>'),
  '>=': against('>='),
  'ge': against('>='),
  '<': against('<'),
  'lt': against('<'),
  'lessthan': against('<'),
  '<=': against('<='),
  'le': against('<='),
};

export function applyTest(name: string, value: Value, args: Value[], named: Map<string, Value>): boolean {
  if (!Object.hasOwn(TESTS, name)) { fail(`there is no test '${name}' here`); }
  const [names, test] = TESTS[name];
  return test(value, bind(args, named, `the test ${name}`, names).value(0));
}

/** @throws TemplateError */
export function checkTestName(name: string): void {
  if (!Object.hasOwn(TESTS, name)) { fail(`there is no test '${name}' here`); }
}
