import { TemplateContext, XComUnknown } from './context';
import { evaluate, Scope } from './jinja/evaluate';
import { Expression, parts } from './jinja/expression';
import { loopValue } from './jinja/loop';
import { Names } from './jinja/names';
import { compile, CompiledTemplate } from './jinja/statements';
import { fail, iterate, Markup, TemplateError, Thing, truthy, Undefined, Value } from './jinja/values';
import { str } from './jinja/write';
import { hasJinja } from '../pod/jinja';

/**
 * A text rendered as Airflow renders a templated field: Jinja, an undefined value is an error, values written as Python writes them.
 *
 * The engine knows tags, blocks and scopes; its values are not Python's (it has no tuples, sorts keys, and makes 1 of 1.0). So every expression is a
 * call back, and the engine holds the numbers of values that stay here.
 *
 * @throws TemplateError, XComUnknown
 */
export function renderTemplate(text: string, context: TemplateContext): string {
  // As Jinja does to every text: line ends become \n, and the last one goes.
  const source = text.replace(/\r\n?/g, '\n').replace(/\n$/, '');
  if (!hasJinja(source)) { return source; }
  const compiled = compile(source);
  const names = new Names(context);
  checkNames(compiled, names);
  return run(compiled, names);
}

/**
 * Finds what is wrong with a template whatever the XComs are: names that nothing stands for, bad syntax.
 *
 * @throws TemplateError
 */
export function checkTemplate(text: string, context: TemplateContext): void {
  try {
    renderTemplate(text, context);
  } catch (error) {
    if (!(error instanceof XComUnknown)) { throw error; }
  }
}

/** A name is an error also where the template would not come by, unless it asks whether there is one. */
function checkNames({ expressions, free }: CompiledTemplate, names: Names): void {
  const asked = new Set<string>();
  const look = (node: Expression): void => {
    if ((node.op === 'test' && /^(?:un)?defined$/.test(node.name)) || (node.op === 'filter' && /^d(?:efault)?$/.test(node.name))) {
      if (node.of.op === 'name') { asked.add(node.of.name); }
    }
    parts(node).forEach(look);
  };
  expressions.forEach(({ node, filter }) => { look(node); if (filter) { look(filter); } });
  free.filter(name => !asked.has(name)).forEach(name => names.check(name));
}

function run({ source, expressions }: CompiledTemplate, names: Names): string {
  // The engine, 1 MB of WebAssembly, is loaded for whoever needs it.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { Environment } = require('minijinja-js') as typeof import('minijinja-js');
  // The engine does not survive a callback that throws.
  let failure: Error | undefined;
  const held: Value[] = [new Undefined('undefined value')];
  const hold = (value: Value): number => held.push(value) - 1;
  const scope = (given: Map<string, any>): Scope => name => {
    if (name === 'loop') { return loopValue(...given.get(name) as [number, number, number]); }
    const own = given.get(name);
    if (typeof own === 'string') { return own; }
    return own === undefined || own === 0 ? names.get(name) : held[own];
  };
  const callback = <T>(otherwise: T, work: (number: number, at: Scope) => T) => (number: number, given: Map<string, any>): T => {
    if (failure) { return otherwise; }
    try {
      return work(number, scope(given));
    } catch (error) {
      failure = error as Error;
      return otherwise;
    }
  };
  const unpacked = (value: Value, targets: string[]): Value[] => {
    if (targets.length === 1) { return [value]; }
    const items = iterate(value);
    return items.length === targets.length ? items : fail(`${items.length} values for the ${targets.length} names ${targets.join(', ')}`);
  };
  const functions = {
    __text: callback('', (number, at) => str(evaluate(expressions[number].node, at))),
    __filtered: callback('', (number, at) => {
      const value = evaluate(expressions[number].node, at);
      return typeof value === 'string' || value instanceof Markup ? str(value) : fail('a filter about a block must give a text');
    }),
    __val: callback(0, (number, at) => hold(evaluate(expressions[number].node, at))),
    __vals: callback<number[]>([], (number, at) => unpacked(evaluate(expressions[number].node, at), expressions[number].targets!).map(hold)),
    __test: callback(false, (number, at) => truthy(evaluate(expressions[number].node, at))),
    __do: callback(false, (number, at) => {
      const { node, assign } = expressions[number];
      const value = evaluate(node, at);
      if (assign) {
        const [name, attribute] = assign;
        const namespace = at(name);
        if (!(namespace instanceof Thing && namespace.assign)) { return fail(`'${name}' is no namespace, whose attributes can be set`); }
        namespace.assign(attribute, value);
      }
      return false;
    }),
    __loop: callback<any[]>([], (number, at) => {
      const { node, targets, filter } = expressions[number];
      const bound = iterate(evaluate(node, at)).map(item => unpacked(item, targets!));
      const withItem = (values: Value[]): Scope => name => (targets!.includes(name) ? values[targets!.indexOf(name)] : at(name));
      const kept = bound.filter(values => !filter || truthy(evaluate(filter, withItem(values))));
      return kept.map(values => (targets!.length === 1 ? hold(values[0]) : values.map(hold)));
    }),
  };
  const environment = new Environment();
  try {
    environment.keepTrailingNewline = true;
    environment.undefinedBehavior = 'strict';
    const rendered = environment.renderStr(source, functions);
    if (failure) { throw failure; }
    return rendered;
  } catch (error) {
    if (failure) { throw failure; }
    throw new TemplateError((error as Error).message.split('\n')[0].replace(/ \(in <string>:\d+\)$/, ''));
  } finally {
    environment.free();
  }
}
