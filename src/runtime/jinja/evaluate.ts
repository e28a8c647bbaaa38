import { getAttribute, getItem } from './attributes';
import { Arguments, Expression, namesIn } from './expression';
import { applyFilter } from './filters';
import { binary, compare, slice } from './operators';
import { applyTest } from './tests';
import { Callable, defined, Dict, fail, List, numeric, Thing, truthy, Tuple, typeName, Undefined, Value } from './values';
import { str } from './write';

/** What a name stands for. */
export type Scope = (name: string) => Value;

/** The value of an expression. @throws TemplateError */
export function evaluate(node: Expression, scope: Scope): Value {
  const of = (part: Expression) => evaluate(part, scope);
  const given = ({ args, named }: Arguments): [Value[], Map<string, Value>] =>
    [args.map(of), new Map(named.map(([name, value]) => [name, of(value)]))];
  switch (node.op) {
    case 'const': return node.value;
    case 'name': return scope(node.name);
    case 'list': return new List(node.items.map(of));
    case 'tuple': return new Tuple(node.items.map(of));
    case 'concat': return node.items.map(item => str(of(item))).join('');
    case 'dict': {
      const dict = new Dict();
      node.pairs.forEach(([key, value]) => dict.set(of(key), of(value)));
      return dict;
    }
    case 'attr': return getAttribute(of(node.of), node.name);
    case 'item': return getItem(of(node.of), of(node.key));
    case 'slice': return slice(of(node.of), node.parts.map(part => part && of(part)));
    case 'call': return call(of(node.of), ...given(node.with));
    case 'filter': return applyFilter(node.name, of(node.of), ...given(node.with));
    case 'test': return applyTest(node.name, of(node.of), ...given(node.with));
    case 'not': return !truthy(of(node.of));
    case 'neg':
    case 'pos': {
      const value = defined(of(node.of));
      const number = numeric(value);
      if (number === undefined) { fail(`the operator ${node.op === 'neg' ? '-' : '+'} does not take a value of type ${typeName(value)}`); }
      return node.op === 'pos' ? number : -number;
    }
    case 'and': {
      const left = of(node.left);
      return truthy(left) ? of(node.right) : left;
    }
    case 'or': {
      const left = of(node.left);
      return truthy(left) ? left : of(node.right);
    }
    case 'binary': {
      const left = of(node.left);
      // Jinja folds a constant to -2, and the code that it makes of (-2) ** n is -(2 ** n).
      if (node.operator === '**' && (numeric(left) ?? 0) < 0 && namesIn(node.left).length === 0 && namesIn(node.right).length > 0) { fail('the power of a constant below 0 is not computed here'); }
      return binary(node.operator, left, of(node.right));
    }
    case 'compare': {
      let left = of(node.of);
      return node.rest.every(([operator, operand]) => {
        const right = of(operand);
        const holds = compare(operator, left, right);
        left = right;
        return holds;
      });
    }
    case 'if': return truthy(of(node.test)) ? of(node.then) : node.else ? of(node.else) : new Undefined("undefined value: an 'if' without 'else' that does not hold", true);
  }
}

function call(what: Value, args: Value[], named: Map<string, Value>): Value {
  defined(what);
  if (what instanceof Callable) { return what.call(args, named); }
  if (what instanceof Thing && what.call) { return what.call(args, named); }
  return fail(`a value of type ${typeName(what)} cannot be called`);
}
