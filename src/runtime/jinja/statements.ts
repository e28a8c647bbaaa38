import { Arguments, Expression, namesIn, Parser, parts } from './expression';
import { checkFilterName } from './filters';
import { Piece, pieces } from './lexer';
import { checkTestName } from './tests';
import { fail } from './values';

/** An expression of a template, and for a loop what its items are bound to and which it keeps. */
export interface Compiled {
  readonly node: Expression;
  readonly targets?: string[];
  readonly filter?: Expression;
  /** `namespace.attribute = …` */
  readonly assign?: [string, string];
}

/** A template as the engine gets it: tags and text, each expression a call by its number with the variables of the template that it reads. */
export interface CompiledTemplate {
  readonly source: string;
  readonly expressions: Compiled[];
  /** The names that are not the template's own. */
  readonly free: string[];
}

interface Frame {
  readonly kind: 'template' | 'for' | 'else' | 'with' | 'macro' | 'block';
  readonly names: Set<string>;
  /** What the body of a loop assigns: each turn begins with what was before the loop. */
  readonly kept: Set<string>;
}

interface Block {
  readonly tag: string;
  /** Where its first tag stands, to be written when the block ends. */
  readonly close: (left: string, right: string) => string;
}

const call = (how: string, number: number, given: string) => `__${how}(${number}, ${given})`;

/** @throws TemplateError for bad syntax, and for what would come out otherwise than in Airflow */
export function compile(text: string): CompiledTemplate {
  return new Translator().translate(pieces(text));
}

class Translator {
  private readonly out: string[] = [];
  private readonly expressions: Compiled[] = [];
  /** The names that are not the template's own, with the frames about each place that reads them. */
  private readonly free = new Map<string, Frame[][]>();
  private readonly frames: Frame[] = [];
  private readonly blocks: Block[] = [];
  private readonly macros = new Set<string>();
  private made = 0;

  public translate(all: Piece[]): CompiledTemplate {
    this.push('template');
    for (const piece of all) {
      if (piece.kind === 'text') { this.out.push(piece.text); } else if (piece.kind === 'comment') { this.out.push(`{#${piece.left} c ${piece.right}#}`); } else {
        const parser = new Parser(piece.tokens, piece.source);
        if (piece.kind === 'tag') { this.tag(parser, piece.left, piece.right); } else {
          const before: string[] = [];
          const node = parser.tuple();
          parser.end();
          const output = call('text', ...this.expression({ node }, before));
          this.out.push(before.length === 0 ? `{{${piece.left} ${output} ${piece.right}}}` : `${tags(before, piece.left, '')}{{ ${output} ${piece.right}}}`);
        }
      }
    }
    if (this.blocks.length > 0) { fail(`syntax error: '{% ${this.blocks.at(-1)!.tag} %}' has no end`); }
    return { source: this.out.join(''), expressions: this.expressions, free: [...this.free.keys()] };
  }

  private push(kind: Frame['kind'], names: string[] = []): void {
    this.frames.push({ kind, names: new Set(names), kept: new Set() });
  }

  /** A variable of the template. */
  private visible(name: string): boolean {
    const at = lastIndex(this.frames, frame => frame.names.has(name));
    if (at < 0) { return false; }
    if (at < lastIndex(this.frames, frame => frame.kind === 'macro')) { fail(`a macro that reads '${name}', which is set outside it, is not understood here; pass it as an argument`); }
    return true;
  }

  private assign(name: string): void {
    const frame = this.frames.at(-1)!;
    if (frame.kind === 'block' || frame.kind === 'else') { fail(`'${name}' is set within a block that has no variables of its own here; set it before`); }
    if (this.macros.has(name)) { fail(`'${name}' is a macro, too; take another name`); }
    if (this.free.get(name)?.some(about => about.includes(frame))) { fail(`'${name}' is read in a block before it is set, where Airflow finds nothing; set it first, or take another name`); }
    if (frame.kind === 'for' && !frame.names.has(name)) { frame.kept.add(name); }
    frame.names.add(name);
  }

  /** The number of an expression and what the engine hands to it. Calls of macros go before it. */
  private expression(compiled: Compiled, before: string[] | undefined): [number, string] {
    const bound = compiled.targets ?? [];
    const node = this.hoist(compiled.node, before);
    const filter = compiled.filter && this.hoist(compiled.filter, undefined);
    checkNames(node);
    if (filter) { checkNames(filter); }
    const read = [...new Set([
      ...namesIn(node), ...(filter ? namesIn(filter).filter(name => !bound.includes(name)) : []), ...(compiled.assign ? [compiled.assign[0]] : []),
    ])];
    const given: string[] = [];
    for (const name of read) {
      if (name === 'loop') {
        const at = lastIndex(this.frames, frame => frame.kind === 'for' || frame.kind === 'macro' || frame.kind === 'else');
        if (filter || this.frames[at]?.kind !== 'for') { fail("'loop' is understood within a loop only"); }
        given.push('"loop": [loop.index0, loop.length, loop.depth0]');
      } else if (/^__/.test(name) || this.visible(name)) {
        given.push(`"${name}": v_${name}|default(0)`);
      } else if (this.macros.has(name) || ['caller', 'varargs', 'kwargs', 'self', 'super'].includes(name)) {
        fail(`'${name}' is understood as a call only: ${name}()`);
      } else {
        this.free.set(name, [...this.free.get(name) ?? [], this.frames.slice(0, -1)]);
      }
    }
    return [this.expressions.push({ ...compiled, node, filter }) - 1, `{${given.join(', ')}}`];
  }

  private value(node: Expression, before?: string[]): string {
    return call('val', ...this.expression({ node }, before));
  }

  /** The expression with a variable in the place of each call of a macro. */
  private hoist(node: Expression, before: string[] | undefined): Expression {
    const again = (part: Expression): Expression => this.hoist(part, before);
    if (node.op === 'call' && node.of.op === 'name' && !this.shadowed(node.of.name) && (this.macros.has(node.of.name) || (node.of.name === 'caller' && this.frames.some(({ kind }) => kind === 'macro')))) {
      if (!before) { fail(`the macro ${node.of.name} is not called here; write {% set x = ${node.of.name}(…) %} first`); }
      const name = `__m${++this.made}`;
      before.push(`set v_${name} = ${this.macroCall(node.of.name, node.with, before)}`);
      return { op: 'name', name };
    }
    if (parts(node).length === 0) { return node; }
    const given = ({ args, named }: Arguments): Arguments => ({ args: args.map(again), named: named.map(([name, value]) => [name, again(value)]) });
    switch (node.op) {
      case 'list': case 'tuple': case 'concat': return { ...node, items: node.items.map(again) };
      case 'dict': return { ...node, pairs: node.pairs.map(([key, value]) => [again(key), again(value)]) };
      case 'item': return { ...node, of: again(node.of), key: again(node.key) };
      case 'slice': return { ...node, of: again(node.of), parts: node.parts.map(part => part && again(part)) };
      case 'call': case 'filter': case 'test': return { ...node, of: again(node.of), with: given(node.with) };
      case 'and': case 'or': case 'binary': return { ...node, left: again(node.left), right: again(node.right) };
      case 'compare': return { ...node, of: again(node.of), rest: node.rest.map(([operator, operand]) => [operator, again(operand)]) };
      case 'if': return { ...node, test: again(node.test), then: again(node.then), else: node.else && again(node.else) };
      case 'attr': case 'not': case 'neg': case 'pos': return { ...node, of: again(node.of) };
      default: return node;
    }
  }

  private shadowed(name: string): boolean {
    return this.frames.some(frame => frame.names.has(name));
  }

  private macroCall(name: string, { args, named }: Arguments, before: string[]): string {
    const given = [...args.map(arg => this.value(arg, before)), ...named.map(([key, value]) => `v_${key}=${this.value(value, before)}`)];
    return `${name === 'caller' ? name : `m_${name}`}(${given.join(', ')})`;
  }

  private tag(parser: Parser, left: string, right: string): void {
    const before: string[] = [];
    const write = (...all: string[]) => { this.out.push(tags([...before, ...all], left, right)); };
    const name = parser.name();
    switch (name) {
      case 'if': {
        const node = parser.tuple(false);
        write(`if ${call('test', ...this.expression({ node }, before))}`);
        this.blocks.push({ tag: 'if', close: (l, r) => tags(['endif'], l, r) });
        break;
      }
      case 'elif':
        this.within('if', name);
        write(`elif ${call('test', ...this.expression({ node: parser.tuple(false) }, undefined))}`);
        break;
      case 'else':
        if (this.blocks.at(-1)?.tag === 'for') {
          this.frames.pop();
          this.push('else');
        } else {
          this.within('if', name);
        }
        write('else');
        break;
      case 'for': this.loop(parser, left, right); break;
      case 'set': this.set(parser, left, right, before, write); break;
      case 'with': {
        const values: [string, string][] = [];
        const names: string[] = [];
        while (!parser.done) {
          if (values.length > 0) { parser.expect(','); }
          const target = parser.target();
          parser.expect('=');
          const node = parser.expression();
          if (namesIn(node).some(read => names.includes(read))) { fail(`'${target}' of a with reads another variable of the same; nest two of them`); }
          values.push([target, this.value(node, before)]);
          names.push(target);
        }
        write(`with ${values.map(([target, value]) => `v_${target} = ${value}`).join(', ') || 'v___none = 0'}`);
        this.push('with', names);
        this.blocks.push({ tag: name, close: (l, r) => { this.frames.pop(); return tags(['endwith'], l, r); } });
        break;
      }
      case 'macro': this.macro(parser, write); break;
      case 'call': {
        if (parser.is('(')) { fail('a call with arguments for its block is not understood here'); }
        const node = parser.expression();
        if (node.op !== 'call' || node.of.op !== 'name' || !this.macros.has(node.of.name)) { return fail('call takes a macro: {% call name(…) %}'); }
        write(`call ${this.macroCall(node.of.name, node.with, before)}`);
        this.push('block');
        this.blocks.push({ tag: name, close: (l, r) => { this.frames.pop(); return tags(['endcall'], l, r); } });
        break;
      }
      case 'filter': {
        const body = `__b${++this.made}`;
        const node = parser.filter({ op: 'name', name: body });
        const whole = restOfFilters(parser, node);
        write(`set v_${body}`);
        this.push('block');
        this.blocks.push({
          tag: name,
          close: (l, r) => { this.frames.pop(); return `${tags(['endset'], l, '')}{{ ${call('filtered', ...this.expression({ node: whole }, undefined))} ${r}}}`; },
        });
        break;
      }
      case 'do':
        write(`if ${call('do', ...this.expression({ node: parser.tuple() }, before))}`, 'endif');
        break;
      case 'endif': case 'endfor': case 'endset': case 'endwith': case 'endmacro': case 'endcall': case 'endfilter':
        this.within(name.slice(3), name);
        this.out.push(this.blocks.pop()!.close(left, right));
        break;
      default:
        fail(/^(?:block|extends|include|import|from|autoescape|trans)$/.test(name) ? `the tag '{% ${name} %}' is not understood here` : `syntax error: there is no tag '{% ${name} %}'`);
    }
    parser.end();
  }

  private within(tag: string, name: string): void {
    if (this.blocks.at(-1)?.tag !== tag) { fail(`syntax error: '{% ${name} %}' stands outside of '{% ${tag} %}'`); }
  }

  private loop(parser: Parser, left: string, right: string): void {
    const targets = parser.targets();
    parser.expect('in');
    const node = parser.tuple(false);
    const filter = parser.skip('if') ? parser.expression() : undefined;
    if (parser.is('recursive')) { fail('a recursive loop is not understood here'); }
    const before: string[] = [];
    const items = call('loop', ...this.expression({ node, targets, filter }, before));
    const at = this.out.push('') - 1;
    this.push('for', targets);
    const frame = this.frames.at(-1)!;
    this.blocks.push({
      tag: 'for',
      close: (l, r) => {
        this.frames.pop();
        const kept = [...frame.kept];
        const number = ++this.made;
        this.out[at] = tags([
          ...before, ...kept.map(name => `set o${number}_${name} = v_${name}|default(0)`),
          `for ${targets.map(name => `v_${name}`).join(', ')} in ${items}`, ...kept.map(name => `set v_${name} = o${number}_${name}`),
        ], left, right);
        return tags(['endfor'], l, r);
      },
    });
  }

  private set(parser: Parser, left: string, right: string, before: string[], write: (...all: string[]) => void): void {
    const start = parser.target();
    if (parser.skip('.')) {
      const attribute = parser.name();
      parser.expect('=');
      write(`if ${call('do', ...this.expression({ node: parser.tuple(), assign: [start, attribute] }, before))}`, 'endif');
      return;
    }
    const targets = [start];
    while (parser.skip(',')) { targets.push(parser.target()); }
    if (parser.skip('=')) {
      const node = parser.tuple();
      if (targets.length === 1) { write(`set v_${start} = ${this.value(node, before)}`); } else {
        const all = `v___t${++this.made}`;
        write(`set ${all} = ${call('vals', ...this.expression({ node, targets }, before))}`, ...targets.map((target, i) => `set v_${target} = ${all}[${i}]`));
      }
      targets.forEach(target => this.assign(target));
      return;
    }
    if (targets.length > 1) { fail("syntax error: '=' was expected"); }
    const body = `__b${++this.made}`;
    const node = restOfFilters(parser, { op: 'name', name: body });
    this.out.push(tags([`set v_${body}`], left, right));
    this.push('block');
    this.blocks.push({
      tag: 'set',
      close: (l, r) => {
        this.frames.pop();
        const value = this.value(node);
        this.assign(start);
        return tags(['endset', `set v_${start} = ${value}`], l, r);
      },
    });
  }

  private macro(parser: Parser, write: (...all: string[]) => void): void {
    if (this.frames.length > 1) { fail('a macro within a block is not understood here; write it at the beginning'); }
    const name = parser.target();
    if (this.shadowed(name) || this.macros.has(name)) { fail(`'${name}' is defined twice; give the macro another name`); }
    this.push('macro');
    const given: string[] = [];
    parser.expect('(');
    while (!parser.skip(')')) {
      if (given.length > 0) { parser.expect(','); }
      const target = parser.target();
      if (parser.skip('=')) { given.push(`v_${target}=${this.value(parser.expression())}`); } else { given.push(`v_${target}`); }
      this.frames.at(-1)!.names.add(target);
    }
    this.macros.add(name);
    write(`macro m_${name}(${given.join(', ')})`);
    this.blocks.push({ tag: 'macro', close: (l, r) => { this.frames.pop(); return tags(['endmacro'], l, r); } });
  }
}

function lastIndex(frames: Frame[], holds: (frame: Frame) => boolean): number {
  return frames.reduce((last, frame, i) => (holds(frame) ? i : last), -1);
}

function restOfFilters(parser: Parser, start: Expression): Expression {
  let node = start;
  while (parser.skip('|')) { node = parser.filter(node); }
  return node;
}

function checkNames(node: Expression): void {
  if (node.op === 'filter') { checkFilterName(node.name); }
  if (node.op === 'test') { checkTestName(node.name); }
  parts(node).forEach(checkNames);
}

/** Tags one after the other, the space taken away before the first and after the last. */
function tags(all: string[], left: string, right: string): string {
  return all.map((tag, i) => `{%${i === 0 ? left : ''} ${tag} ${i === all.length - 1 ? right : ''}%}`).join('');
}
