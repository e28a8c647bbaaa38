import { TemplateContext } from './context';
import { JsonNode } from './json';
import { LITERAL } from './template-source';
import { didYouMean } from '../pod/closest';

/** A template cannot be rendered as Airflow would render it. */
export class TemplateError extends Error {}

const STEP = `(?:\\[\\s*(?:${LITERAL}|\\d+)\\s*\\]|\\.[A-Za-z_]\\w*(?![\\w(]|\\s*\\())`;
const SIMPLE = `(?:${LITERAL}|-?\\d+(?:\\.\\d+)?|[Tt]rue|[Ff]alse|[Nn]one)`;
const get = (group: string) => `\\.get\\(\\s*(?<${group}>${LITERAL})\\s*(?:,\\s*(?:(?<${group}By>default|default_var)\\s*=\\s*)?(?<${group}Else>${SIMPLE})\\s*)?\\)`;
/** What is put into the template as a literal, exact to the digit: a pull of a literal task id (what XComReference writes), and values by a literal path. */
const PATTERN = new RegExp(`(?<![\\w.])(?:${[
  `(?:ti|task_instance)\\.xcom_pull\\(\\s*(?:task_ids\\s*=\\s*)?(?<task>${LITERAL})\\s*(?:,\\s*key\\s*=\\s*(?<key>${LITERAL})\\s*)?\\)`,
  `var\\.(?<kind>value|json)(?:${get('variable')}|(?<variableStep>${STEP}))`,
  `conn(?:${get('conn')}|(?<connStep>${STEP}))`,
  `conf\\.get\\(\\s*(?<section>${LITERAL})\\s*,\\s*(?<option>${LITERAL})\\s*\\)`,
  `params${get('param')}`,
  'params(?!\\w|\\s*[.([]|\\s*=(?!=))',
  `(?<root>ti|task_instance|task|dag|dag_run|params)(?=${STEP})`,
].join('|')})(?<steps>${STEP}*)`, 'y');

/** Names that stand for a moment. */
export const DATES = ['logical_date', 'execution_date', 'data_interval_start', 'data_interval_end', 'dag_run\\.logical_date'];
const DATE = `(?<![\\w.])(?:${DATES.join('|')})(?!\\w)`;
const PLAIN_OF_DATE = 'year|month|day|hour|minute|second|microsecond|weekday|isoweekday|strftime|isoformat|format|to_date_string|to_datetime_string';
const DATE_FILTERS = 'ds|ds_nodash|ts|ts_nodash|ts_nodash_with_tz|string|default|d|e|escape';
/** A tuple that is more than the right side of `in`, or the arguments of a call. */
const TUPLE = /(?:^|[^\w\s)\]])\s*\((?:[^()]|\([^()]*\))*,/;
const COMPARISON = /[<>=!]=|[<>]|\bin\b/;
/** Methods of Python's dict, which Jinja finds before a key of that name. */
const DICT_METHODS = ['clear', 'copy', 'fromkeys', 'get', 'items', 'keys', 'pop', 'popitem', 'setdefault', 'update', 'values'];
const WORDS = ['and', 'or', 'not', 'in', 'is', 'if', 'else', 'elif', 'endif', 'for', 'endfor', 'recursive', 'set', 'endset', 'with', 'endwith', 'raw', 'endraw',
  'true', 'false', 'none', 'True', 'False', 'None'];
const GLOBALS = ['range', 'dict', 'namespace', 'lipsum', 'cycler', 'joiner', 'loop'];
const MACROS = ['ds_add', 'ds_format', 'datetime', 'timedelta'];
/** Names that have parts and are no value themselves. */
const PARTS = ['ti', 'task_instance', 'task', 'dag', 'dag_run', 'var', 'conn', 'conf', 'macros'];
const TESTED = (name: string) => new RegExp(`(?<![\\w.])${name}\\s*(?:\\|\\s*(?:default|d)\\b|is\\s+(?:not\\s+)?(?:un)?defined\\b)`);

/** The names in a template: what the context has for them, and an error for those that Airflow would not know. */
export class TemplateNames {
  public readonly pattern = PATTERN;
  private readonly locals: Set<string>;
  /** Macros and blocks have names of their own, which are left to the engine. */
  private readonly lenient: boolean;

  constructor(
    private readonly template: string,
    private readonly context: TemplateContext,
    /** A value as a literal of the template language. */
    private readonly literal: (node: JsonNode) => string,
    /** The XCom, or undefined where it is not known and only the names are checked. */
    private readonly pull: (taskId: string, key: string) => JsonNode | null | undefined,
  ) {
    const targets = [...template.matchAll(/\{%[-+]?\s*(?:for\s+([^]*?)\s+in\b|(?:set|with)\s+([\w\s,.]+))/g)].flatMap(match => (match[1] ?? match[2]).match(/\w+/g) ?? []);
    this.locals = new Set(targets);
    this.lenient = /\{%[-+]?\s*(?:macro|call|block|filter|include|import|from|extends|autoescape|do)\b/.test(template);
  }

  /** What stands for a match of {@link pattern}. */
  public replace(match: RegExpExecArray): string {
    const groups = match.groups!;
    const root = /^\w+/.exec(match[0])![0];
    if (this.locals.has(root) || match[0].startsWith('dag_run.logical_date')) { return match[0]; }
    if (groups.task !== undefined) {
      const node = this.pull(unquote(groups.task), groups.key === undefined ? 'return_value' : unquote(groups.key));
      return node === undefined ? 'none' : this.follow(node ?? { kind: 'null' }, match);
    }
    if (groups.kind !== undefined) {
      const [name, otherwise] = this.orElse(match, 'variable');
      try {
        return this.follow(this.context.variable(groups.kind, name), match);
      } catch (error) {
        if (otherwise === undefined || !/^there is no variable/.test((error as Error).message)) { throw error; }
        return `(${otherwise})`;
      }
    }
    if (groups.connStep !== undefined || groups.conn !== undefined) {
      const [id, otherwise] = this.orElse(match, 'conn');
      if (otherwise !== undefined) { throw new TemplateError('conn.get takes an id only here'); }
      if (groups.steps === '') { throw new TemplateError(`write a field of the connection, for example conn.${id}.host`); }
      return this.follow(this.context.connection(id), match);
    }
    if (groups.section !== undefined) { return this.follow(this.context.option(unquote(groups.section), unquote(groups.option)), match); }
    const values = this.context.values.get(root);
    if (values === undefined) { return match[0]; }
    if (groups.param === undefined) { return this.follow(values, match); }
    const found = values.kind === 'object' ? values.entries.get(unquote(groups.param)) : undefined;
    return found ? this.follow(found, match) : `(${groups.paramElse ?? 'none'})`;
  }

  /** @throws TemplateError for a name that nothing stands for, and for a use of a moment that would not come out as in Airflow */
  public check(code: string): void {
    const bare = code.replace(new RegExp(LITERAL, 'g'), text => `'${'x'.repeat(text.length - 2)}'`);
    if (TUPLE.test(bare)) { throw new TemplateError('a tuple would be written as a list here; write a list: [a, b]'); }
    this.checkDates(bare);
    for (const found of bare.matchAll(/(?<![\w.'])[A-Za-z_]\w*/g)) {
      const [name] = found;
      const before = bare.slice(0, found.index);
      const after = bare.slice(found.index + name.length);
      if (WORDS.includes(name) || this.locals.has(name) || GLOBALS.includes(name)) { continue; }
      if (/\|\s*$/.test(before) || /\bis\s+(?:not\s+)?$/.test(before) || /^\s*=(?!=)/.test(after)) { continue; }
      this.checkName(name, after, code, found.index);
    }
  }

  private checkName(name: string, after: string, code: string, at: number): void {
    const { context } = this;
    const known = context.known;
    const why = context.whyAbsent(name);
    if (why !== undefined) { throw new TemplateError(`undefined value '${name}': ${why}`); }
    if (!known.includes(name)) {
      if (this.lenient || TESTED(name).test(this.template)) { return; }
      throw new TemplateError(`undefined value '${name}'${didYouMean(name, known)}; known names are ${known.map(item => `'${item}'`).join(', ')}`);
    }
    if (!PARTS.includes(name)) { return; }
    const [, part] = /^\s*\.\s*(\w+)/.exec(after) ?? [];
    if (name === 'macros') {
      if (!MACROS.includes(part)) { throw new TemplateError(`undefined value 'macros.${part ?? ''}': the macros here are ${MACROS.map(item => `macros.${item}`).join(', ')}`); }
      return;
    }
    PATTERN.lastIndex = at;
    if ((part === 'xcom_pull' && /^(?:ti|task_instance)$/.test(name)) || (part === 'logical_date' && context.dates.has('dag_run.logical_date')) || PATTERN.test(code)) { return; }
    const example: { [root: string]: string } = { var: 'var.value.NAME or var.json.NAME', conn: 'conn.ID.host', conf: "conf.get('SECTION', 'KEY')", dag: 'dag.dag_id', task: 'task.task_id', dag_run: 'dag_run.run_id' };
    throw new TemplateError(`'${name}' is understood with a literal part only; write ${example[name] ?? 'ti.task_id'}`);
  }

  private checkDates(code: string): void {
    const compared = code.replace(new RegExp(`(${DATE})\\s*\\.\\s*(?:${PLAIN_OF_DATE})\\b`, 'g'), '');
    const loop = /^\s*for\b/.test(code);
    if (!loop && new RegExp(`${DATE}|\\bmacros\\.datetime\\b`).test(compared) && COMPARISON.test(compared)) {
      throw new TemplateError("moments cannot be compared here; compare texts, such as ds or logical_date.strftime('%H')");
    }
    const [, filter] = new RegExp(`${DATE}\\s*\\|\\s*(\\w+)`).exec(code) ?? [];
    if (filter && !new RegExp(`^(?:${DATE_FILTERS})$`).test(filter)) {
      throw new TemplateError(`the filter ${filter} does not take a moment`);
    }
    const [, aliased] = new RegExp(`^\\s*set\\s+(\\w+)\\s*=\\s*\\(*\\s*(?:${DATE}|macros\\.datetime\\b)(?!\\s*\\.\\s*(?:${PLAIN_OF_DATE})\\b)`).exec(code) ?? [];
    if (aliased && new RegExp(`\\b${aliased}\\s*(?:[<>=!]=|[<>]|in\\b|\\|(?!\\s*(?:${DATE_FILTERS})\\b))|(?:[<>=!]=|[<>]|\\bin|~)\\s*${aliased}\\b`).test(this.template.replace(code, ''))) {
      throw new TemplateError(`'${aliased}' is a moment: compare and filter its texts, such as ${aliased}.strftime('%H')`);
    }
  }

  /** The literal name of a step or a `get`, and the literal that `get` gives for nothing. */
  private orElse({ groups }: RegExpExecArray, group: string): [string, string | undefined] {
    const { [group]: name, [`${group}Step`]: step, [`${group}Else`]: otherwise, [`${group}By`]: by } = groups!;
    if (by !== undefined && (by === 'default') === this.context.known.includes('conf')) { throw new TemplateError(`this version of Airflow does not know '${by}' there; write the value alone`); }
    return name !== undefined ? [unquote(name), otherwise] : [keyOf(step), undefined];
  }

  private follow(node: JsonNode, match: RegExpExecArray): string {
    let value = node;
    const steps = match.groups!.steps.match(new RegExp(STEP, 'g')) ?? [];
    for (const [i, step] of steps.entries()) {
      const key = keyOf(step);
      const byIndex = step.startsWith('[') && /^\d+$/.test(step.slice(1, -1).trim());
      if (step.startsWith('.') && value.kind === 'object' && DICT_METHODS.includes(key)) { throw new TemplateError(`'${step}' is a method of a dict in Airflow; write ['${key}']`); }
      const next: JsonNode | undefined = value.kind === 'object' && !byIndex ? value.entries.get(key)
        : value.kind === 'array' && byIndex ? value.items[Number(key)]
          : value.kind === 'string' && byIndex && [...value.value][Number(key)] !== undefined ? { kind: 'string', value: [...value.value][Number(key)] } : undefined;
      if (next === undefined) {
        if (i === steps.length - 1 && /^\s*(?:\|\s*(?:default|d)\b|is\s+(?:not\s+)?(?:un)?defined\b)/.test(match.input.slice(match.index + match[0].length))) { return '({}["undefined"])'; }
        const has = value.kind === 'object'
          ? `an object with the keys ${[...value.entries.keys()].map(k => `'${k}'`).join(', ') || '(none)'}`
          : `a value of type ${value.kind}`;
        const hint = match.groups!.root === 'params' ? `; give it with '--params ${key}=VALUE'` : /^(?:dag|ti|task|task_instance|dag_run)\.dag_id/.test(match[0]) ? "; give the DAG id with '--dag-id'" : '';
        throw new TemplateError(`undefined value: '${match[0].trim()}' asks for ${byIndex ? key : `'${key}'`} of ${has}${hint}`);
      }
      value = next;
    }
    return this.literal(value);
  }
}

function keyOf(step: string): string {
  if (step.startsWith('.')) { return step.slice(1); }
  const inner = step.slice(1, -1).trim();
  return /^\d/.test(inner) ? inner : unquote(inner);
}

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, (_, char: string) => ({ n: '\n', t: '\t', r: '\r' }[char] ?? char));
}
