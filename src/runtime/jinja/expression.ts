import { fail, Value } from './values';

export interface Arguments {
  readonly args: Expression[];
  readonly named: [string, Expression][];
}

export type Expression =
  | { readonly op: 'const'; readonly value: Value }
  | { readonly op: 'name'; readonly name: string }
  | { readonly op: 'list' | 'tuple' | 'concat'; readonly items: Expression[] }
  | { readonly op: 'dict'; readonly pairs: [Expression, Expression][] }
  | { readonly op: 'attr'; readonly of: Expression; readonly name: string }
  | { readonly op: 'item'; readonly of: Expression; readonly key: Expression }
  | { readonly op: 'slice'; readonly of: Expression; readonly parts: (Expression | undefined)[] }
  | { readonly op: 'call'; readonly of: Expression; readonly with: Arguments }
  | { readonly op: 'filter' | 'test'; readonly of: Expression; readonly name: string; readonly with: Arguments }
  | { readonly op: 'not' | 'neg' | 'pos'; readonly of: Expression }
  | { readonly op: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly op: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly op: 'compare'; readonly of: Expression; readonly rest: [string, Expression][] }
  | { readonly op: 'if'; readonly test: Expression; readonly then: Expression; readonly else?: Expression };

export interface Token {
  readonly type: 'name' | 'string' | 'integer' | 'float' | 'operator';
  readonly text: string;
  readonly value?: Value;
}

const TOKENS: [Token['type'], RegExp][] = [
  ['float', /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy],
  ['integer', /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy],
  ['name', /[A-Za-z_]\w*/y],
  ['string', /'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"/y],
  ['operator', /\/\/|\*\*|[=!<>]=|[-+/*%~()[\]{}<>=.:|,;]/y],
];
const KEYWORDS = ['and', 'or', 'not', 'in', 'is', 'if', 'else', 'elif', 'recursive'];
const CONSTANTS: { [name: string]: Value } = { true: true, True: true, false: false, False: false, none: null, None: null };
const ESCAPES: { [char: string]: string } = { 'n': '\n', 't': '\t', 'r': '\r', 'a': '\x07', 'b': '\b', 'f': '\f', 'v': '\v', '\n': '' };

/** The token at a place of the template; undefined where there is none. */
export function tokenAt(text: string, at: number): Token | undefined {
  for (const [type, pattern] of TOKENS) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) { continue; }
    switch (type) {
      case 'float': return { type, text: found, value: Number(found.replace(/_/g, '')) };
      case 'integer': return { type, text: found, value: BigInt(found.replace(/_/g, '').replace(/^0+(?=\d)/, '')) };
      case 'string': return { type, text: found, value: unescape(found.slice(1, -1)) };
      default: return { type, text: found };
    }
  }
  return undefined;
}

/** By the rules of Python's literals: an escape that it does not know stays as it is. */
function unescape(text: string): string {
  return text.replace(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|([^]))/g, (all, x, u, long, octal, char: string | undefined) => {
    const code = x ?? u ?? long;
    if (code !== undefined || octal !== undefined) {
      const point = code === undefined ? parseInt(octal, 8) : parseInt(code, 16);
      return point <= 0x10ffff && !(point >= 0xd800 && point < 0xe000) ? String.fromCodePoint(point) : fail(`'${all}' is no character`);
    }
    if (/[xuUN]/.test(char!) || char! > '\x7f') { fail(`the escape '${all}' is not understood in a text`); }
    return ESCAPES[char!] ?? (/['"\\]/.test(char!) ? char! : all);
  });
}

/** Jinja's grammar of expressions. @throws TemplateError */
export class Parser {
  private at = 0;

  constructor(private readonly tokens: Token[], private readonly source: string) {}

  /** The end is reached. */
  public get done(): boolean {
    return this.at >= this.tokens.length;
  }

  /** True, and gone past, where the next token is this name or operator. */
  public skip(...texts: string[]): boolean {
    const found = this.is(...texts);
    if (found) { this.at += texts.length; }
    return found;
  }

  public is(...texts: string[]): boolean {
    return texts.every((text, i) => {
      const token = this.tokens[this.at + i];
      return token !== undefined && (token.type === 'name' || token.type === 'operator') && token.text === text;
    });
  }

  public expect(text: string): void {
    if (!this.skip(text)) { this.unexpected(`'${text}'`); }
  }

  public end(): void {
    if (!this.done) { this.unexpected('the end'); }
  }

  public name(): string {
    const token = this.tokens[this.at];
    if (token?.type !== 'name') { this.unexpected('a name'); }
    this.at++;
    return token.text;
  }

  /** `a`, `a, b` or `(a, b)`. */
  public targets(): string[] {
    const close = this.skip('(');
    const names = [this.target()];
    while (this.skip(',')) {
      if (this.tokens[this.at]?.type !== 'name' || this.is('in')) { fail('a tuple of one target is not understood here'); }
      names.push(this.target());
    }
    if (close) {
      this.expect(')');
      if (names.length === 1) { fail('brackets about a single target are not understood here'); }
    }
    return names;
  }

  public target(): string {
    const name = this.name();
    if (name in CONSTANTS || KEYWORDS.includes(name) || ['loop', 'self', 'caller', 'varargs', 'kwargs'].includes(name)) { fail(`syntax error: nothing can be assigned to '${name}'`); }
    return name;
  }

  /** An expression, or several with commas, which make a tuple. */
  public tuple(withCondition = true, explicit = false): Expression {
    const item = () => (withCondition ? this.expression() : this.or());
    const items: Expression[] = [];
    let isTuple = false;
    while (!this.done && !this.is(')') && !this.is('recursive')) {
      if (items.length > 0) {
        if (!this.skip(',')) { break; }
        isTuple = true;
        if (this.done || this.is(')') || this.is('recursive')) { break; }
      }
      items.push(item());
    }
    if (!isTuple && items.length === 1) { return items[0]; }
    if (items.length === 0 && !explicit) { this.unexpected('an expression'); }
    return { op: 'tuple', items };
  }

  public expression(): Expression {
    let then = this.or();
    while (this.skip('if')) {
      const test = this.or();
      then = { op: 'if', test, then, else: this.skip('else') ? this.expression() : undefined };
    }
    return then;
  }

  public or(): Expression {
    let left = this.and();
    while (this.skip('or')) { left = { op: 'or', left, right: this.and() }; }
    return left;
  }

  private and(): Expression {
    let left = this.not();
    while (this.skip('and')) { left = { op: 'and', left, right: this.not() }; }
    return left;
  }

  private not(): Expression {
    return this.skip('not') ? { op: 'not', of: this.not() } : this.compare();
  }

  private compare(): Expression {
    const of = this.sum();
    const rest: [string, Expression][] = [];
    for (;;) {
      const operator = this.operator('==', '!=', '<', '<=', '>', '>=');
      if (operator !== undefined) { rest.push([operator, this.sum()]); } else if (this.skip('in')) { rest.push(['in', this.sum()]); } else if (this.skip('not', 'in')) {
        rest.push(['not in', this.sum()]);
      } else {
        return rest.length === 0 ? of : { op: 'compare', of, rest };
      }
    }
  }

  private operator(...operators: string[]): string | undefined {
    return operators.find(operator => this.skip(operator));
  }

  private binary(operand: () => Expression, ...operators: string[]): Expression {
    let left = operand();
    for (let operator = this.operator(...operators); operator !== undefined; operator = this.operator(...operators)) {
      left = { op: 'binary', operator, left, right: operand() };
    }
    return left;
  }

  private sum(): Expression {
    return this.binary(() => this.concat(), '+', '-');
  }

  private concat(): Expression {
    const product = () => this.binary(() => this.binary(() => this.unary(), '**'), '*', '/', '//', '%');
    const items = [product()];
    while (this.skip('~')) { items.push(product()); }
    return items.length === 1 ? items[0] : { op: 'concat', items };
  }

  private unary(withFilter = true): Expression {
    const sign = this.operator('-', '+');
    let node: Expression = sign ? { op: sign === '-' ? 'neg' : 'pos', of: this.unary(false) } : this.primary();
    node = this.postfix(node);
    return withFilter ? this.filtered(node) : node;
  }

  private primary(): Expression {
    const token = this.tokens[this.at];
    if (this.done) { this.unexpected('an expression'); }
    this.at++;
    switch (token.type) {
      case 'name':
        if (token.text in CONSTANTS) { return { op: 'const', value: CONSTANTS[token.text] }; }
        if (KEYWORDS.includes(token.text)) { this.at--; this.unexpected('an expression'); }
        return { op: 'name', name: token.text };
      case 'string': {
        let value = token.value as string;
        for (; this.tokens[this.at]?.type === 'string'; this.at++) { value += this.tokens[this.at].value as string; }
        return { op: 'const', value };
      }
      case 'integer':
      case 'float':
        return { op: 'const', value: token.value! };
    }
    if (token.text === '(') {
      const inner = this.tuple(true, true);
      this.expect(')');
      return inner;
    }
    if (token.text === '[') {
      const items: Expression[] = [];
      while (!this.is(']')) {
        if (items.length > 0) { this.expect(','); }
        if (this.is(']')) { break; }
        items.push(this.expression());
      }
      this.expect(']');
      return { op: 'list', items };
    }
    if (token.text === '{') {
      const pairs: [Expression, Expression][] = [];
      while (!this.is('}')) {
        if (pairs.length > 0) { this.expect(','); }
        if (this.is('}')) { break; }
        const key = this.expression();
        this.expect(':');
        pairs.push([key, this.expression()]);
      }
      this.expect('}');
      return { op: 'dict', pairs };
    }
    this.at--;
    return this.unexpected('an expression');
  }

  private postfix(of: Expression): Expression {
    let node = of;
    for (;;) {
      if (this.skip('.')) {
        const token = this.tokens[this.at++];
        if (token?.type === 'name') { node = { op: 'attr', of: node, name: token.text }; } else if (token?.type === 'integer') {
          node = { op: 'item', of: node, key: { op: 'const', value: token.value! } };
        } else {
          this.at--;
          this.unexpected('a name or number');
        }
      } else if (this.skip('[')) {
        node = this.subscript(node);
      } else if (this.is('(')) {
        node = { op: 'call', of: node, with: this.arguments() };
      } else {
        return node;
      }
    }
  }

  private subscript(of: Expression): Expression {
    const bounds: (Expression | undefined)[] = [];
    let colons = 0;
    for (;;) {
      if (this.skip(']')) { break; }
      if (this.skip(':')) { colons++; continue; }
      if (this.is(',') || bounds[colons] !== undefined || colons > 2) { this.unexpected("']'"); }
      bounds[colons] = this.expression();
    }
    if (colons > 2) { fail('syntax error: a slice has three parts at most'); }
    if (colons === 0 && bounds[0] === undefined) { this.at--; this.unexpected('an expression'); }
    return colons === 0 ? { op: 'item', of, key: bounds[0]! } : { op: 'slice', of, parts: [bounds[0], bounds[1], bounds[2]] };
  }

  private filtered(of: Expression): Expression {
    let node = of;
    for (;;) {
      if (this.skip('|')) { node = this.filter(node); } else if (this.skip('is')) { node = this.test(node); } else if (this.is('(')) {
        node = { op: 'call', of: node, with: this.arguments() };
      } else {
        return node;
      }
    }
  }

  /** A filter and those after it. */
  public filter(of: Expression): Expression {
    return { op: 'filter', of, name: this.name(), with: this.is('(') ? this.arguments() : { args: [], named: [] } };
  }

  private test(of: Expression): Expression {
    const negated = this.skip('not');
    const name = this.name();
    let given: Arguments = { args: [], named: [] };
    const next = this.tokens[this.at];
    if (this.is('(')) { given = this.arguments(); } else if (next && (next.type !== 'operator' || /^[[{]$/.test(next.text)) && !this.is('else') && !this.is('or') && !this.is('and')) {
      if (this.is('is')) { fail('syntax error: tests cannot be chained with is'); }
      given = { args: [this.postfix(this.primary())], named: [] };
    }
    const node: Expression = { op: 'test', of, name, with: given };
    return negated ? { op: 'not', of: node } : node;
  }

  public arguments(): Arguments {
    this.expect('(');
    const args: Expression[] = [];
    const named: [string, Expression][] = [];
    for (let first = true; !this.skip(')'); first = false) {
      if (!first) {
        this.expect(',');
        if (this.skip(')')) { break; }
      }
      if (this.is('*') || this.is('**')) { fail('arguments with * are not understood here; write them one by one'); }
      const [name, sign] = this.tokens.slice(this.at);
      if (name?.type === 'name' && sign?.type === 'operator' && sign.text === '=') {
        this.at += 2;
        if (named.some(([other]) => other === name.text)) { fail(`syntax error: '${name.text}' is given twice`); }
        named.push([name.text, this.expression()]);
      } else {
        if (named.length > 0) { fail('syntax error: an argument without a name stands after one with a name'); }
        args.push(this.expression());
      }
    }
    return { args, named };
  }

  private unexpected(wanted: string): never {
    const token = this.tokens[this.at];
    return fail(`syntax error: ${wanted} was expected, got ${token ? `'${token.text}'` : 'the end'} in '${this.source.trim()}'`);
  }
}

/** The parts of an expression. */
export function parts(node: Expression): Expression[] {
  const given = ({ args, named }: Arguments) => [...args, ...named.map(([, value]) => value)];
  switch (node.op) {
    case 'const': case 'name': return [];
    case 'list': case 'tuple': case 'concat': return node.items;
    case 'dict': return node.pairs.flat();
    case 'item': return [node.of, node.key];
    case 'slice': return [node.of, ...node.parts.filter(part => part !== undefined)];
    case 'call': case 'filter': case 'test': return [node.of, ...given(node.with)];
    case 'and': case 'or': case 'binary': return [node.left, node.right];
    case 'compare': return [node.of, ...node.rest.map(([, operand]) => operand)];
    case 'if': return [node.test, node.then, ...node.else ? [node.else] : []];
    default: return [node.of];
  }
}

/** The names that an expression reads. */
export function namesIn(node: Expression): string[] {
  return node.op === 'name' ? [node.name] : parts(node).flatMap(namesIn);
}
