import { defined, fail, KeywordArguments, typeName, Value } from './values';

const MOST = 100_000;

/** The arguments of a call by their place. */
export class Binder {
  constructor(private readonly name: string, private readonly names: string[], private readonly values: (Value | undefined)[]) {}

  public value(at: number): Value {
    return this.values[at] as Value;
  }

  public has(at: number): boolean {
    return this.values[at] !== undefined;
  }

  public text(at: number): string {
    const value = this.values[at]!;
    return typeof value === 'string' ? value : this.wrong(at, 'a text');
  }

  /** Undefined for None, too. */
  public optionalText(at: number): string | undefined {
    return this.values[at] === undefined || this.values[at] === null ? undefined : this.text(at);
  }

  public integer(at: number, otherwise: number): number {
    const value = this.values[at];
    if (value === undefined) { return otherwise; }
    return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : this.wrong(at, 'a whole number');
  }

  /** A whole number that a text or list may be as long as. */
  public size(at: number, otherwise = 0): number {
    const value = this.integer(at, otherwise);
    return value <= MOST ? value : this.wrong(at, `a whole number up to ${MOST}`);
  }

  public flag(at: number, otherwise: boolean): boolean {
    const value = this.values[at];
    return value === undefined ? otherwise : typeof value === 'boolean' ? value : this.wrong(at, 'true or false');
  }

  private wrong(at: number, must: string): never {
    return fail(`'${this.names[at]}' of ${this.name} must be ${must}, got a value of type ${typeName(defined(this.values[at]!))}`);
  }
}

/** Arguments by the names of their places; a name that ends with ? may be left out, the first `positional` have no name in Python. */
export function bind(args: Value[], named: KeywordArguments, name: string, places: string[], positional = 0): Binder {
  const names = places.map(place => place.replace('?', ''));
  if (args.length > names.length) { fail(`${name} takes ${names.length === 0 ? 'nothing' : names.join(', ')}, got ${args.length} values`); }
  const values: (Value | undefined)[] = names.map((_, i) => args[i]);
  for (const [key, value] of named) {
    const at = names.indexOf(key);
    if (at < positional || at < args.length) { fail(`${name} takes ${names.length === 0 ? 'nothing' : names.join(', ')}${positional > 0 ? ' by place' : ''}; got '${key}'`); }
    values[at] = value;
  }
  const missing = places.findIndex((place, i) => values[i] === undefined && !place.endsWith('?'));
  if (missing >= 0) { fail(`${name} needs '${names[missing]}'`); }
  return new Binder(name, names, values);
}
