/** Templates that a seed decides: expressions, filters, tests, methods, formats, whitespace, loops, macros and sets over the context of context.json. */
export function generate(seed: number, count: number): string[] {
  let state = seed * 2654435761 + 1;
  const random = (): number => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) | 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 2246822507);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 3266489909);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 4294967296;
  };
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(all: readonly T[]): T => all[below(all.length)];
  const chance = (share: number) => random() < share;
  const quote = (text: string) => `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n')}'`;
  const some = <T>(make: () => T, most: number, least = 0): T[] => Array.from({ length: least + below(most - least + 1) }, make);

  const WORDS = ['', 'a', 'abc', 'Hello World', 'foo_bar-baz', '  padded ', 'a,b,,c', 'x=y=z', '/data/in/file.csv', '42', '-7', '3.14', '1e3', 'ÄÖü', 'straße', '日本', '😀!', "it's", 'say "hi"', 'a\nb\n', '<b>&</b>', 'True', 'tab\there', '%d%%', '{x}', 'AbC dEf', '2026-01-31', '0x1F', 'ǆ', 'ΣΑΣ', 'İstanbul', 'ﬁne', '١٢', '²'];
  let locals: string[] = [];

  const NUMBERS = ['0', '1', '2', '3', '7', '10', '-1', '-7', '100', '255', '1.0', '0.5', '2.5', '-2.5', '0.1', '1e3', '1e16', '123456.789', '1e-7', '12345678901234567890', '0.0', '2.675', '1_000', '0x10'];
  const ATOMS: { readonly [kind: string]: readonly string[] } = {
    text: ['ds', 'ts', 'ds_nodash', 'ts_nodash', 'run_id', 'params.name', 'params.path', 'params.umlaut', 'params.text', 'params.empty', 'var.value.bucket', 'var.value.n', "var.value.get('bucket')", 'conn.db.host', 'ti.task_id', 'dag.dag_id', "ti.xcom_pull('text')", "ti.xcom_pull(task_ids='up')['l'][0]", "dag_run.conf['who']", "params['name']", 'task_instance_key_str', 'params.words[0]', 'conn.http.extra', "conn.db.extra_dejson['a']"],
    number: ['params.day', 'params.ratio', 'params.float', 'params.neg', 'params.big', 'params.list[0]', "ti.xcom_pull('up').k", "ti.xcom_pull('up')['f']", 'ti.try_number', 'conn.db.port', 'var.json.n', 'params.list | length', 'dag_run.conf.n', 'params.list | sum', 'params.nested.rows[0].w', 'var.json.cfg.k[1]', 'logical_date.day', 'params.list[-1]'],
    list: ['params.list', 'params.words', "ti.xcom_pull('up')['l']", 'params.nested.rows', 'var.json.cfg.k', 'params.dict.a', '[]', '[1, 2.0, none]', "['b', 'A', 'c']", 'range(4)', '(1, 2)', "(3, 'x')", 'params.dict.items()', 'params.dict.keys()', "ds.split('-')", 'params.dict', 'params.path'],
    dict: ['params.dict', 'params.nested', 'var.json.cfg', "ti.xcom_pull('up')", 'dag_run.conf', '{}', "{'b': 1, 'a': [2]}", "{1: 'x', 'y': none}", 'conn.db.extra_dejson', 'params.nested.rows[1]', "dict(z=1, y='q')"],
    any: ['params.flag', 'params.nothing', 'none', 'true', 'false', 'True', 'None', 'params', 'params.nested.none', 'params.day', 'params.list', 'params.name', ...(chance(0.15) ? ['nope', 'params.nope', 'params.list[9]'] : []), 'logical_date', 'data_interval_start', 'conn.http.port', "params['items']", 'macros.timedelta(days=1)'],
  };
  const KINDS = ['text', 'number', 'list', 'dict', 'any'] as const;
  type Kind = typeof KINDS[number];

  const int = () => String(below(8) - 2);
  const small = () => String(below(6));

  function expression(depth: number, kind: Kind = pick(KINDS)): string {
    if (chance(0.02)) { return expression(depth, pick(KINDS)); }
    if (locals.length > 0 && chance(0.12)) { return pick(locals); }
    if (depth <= 0) { return kind === 'text' && chance(0.5) ? quote(pick(WORDS)) : kind === 'number' && chance(0.5) ? pick(NUMBERS) : pick(ATOMS[kind]); }
    const sub = (of: Kind) => expression(depth - 1 - below(2), of);
    const operand = (of: Kind) => (chance(0.75) ? `(${sub(of)})` : sub(of));
    switch (kind) {
      case 'text': return pick([
        () => `${operand('text')}${textMethod(depth)}`,
        () => `${operand('text')}${textMethod(depth)}${textMethod(depth)}`,
        () => `${operand('text')} | ${textFilter(depth)}`,
        () => `${operand('text')} | ${textFilter(depth)} | ${textFilter(depth)}`,
        () => `${operand('text')} + ${operand('text')}`,
        () => `${operand(pick(KINDS))} ~ ${operand(pick(KINDS))}`,
        () => `${operand('text')}${slice()}`,
        () => `${operand('list')} | join(${chance(0.5) ? quote(pick([',', ' ', '', '-', 'ab'])) : ''})`,
        () => `${operand(pick(KINDS))} | tojson${chance(0.2) ? `(${small()})` : ''}`,
        () => `${operand(pick(KINDS))} | string`,
        () => percent(depth),
        () => brace(depth),
        () => `${operand('any')} if ${operand('any')} else ${operand('text')}`,
        () => date(),
        () => `${operand('text')} * ${int()}`,
        () => `${quote(pick(['-', ', ', '']))}.join(${operand('list')})`,
        () => `${operand(pick(KINDS))} | default(${quote(pick(WORDS))}${chance(0.4) ? ', true' : ''})`,
        () => `${operand(pick(KINDS))} | ${pick(['upper', 'lower', 'e', 'title', 'capitalize', 'trim', 'urlencode', 'escape', 'safe', 'wordcount', 'center(9)', 'reverse'])}`,
      ])();
      case 'number': return pick([
        () => `${operand('number')} ${pick(['+', '-', '*', '/', '//', '%', '**'])} ${operand('number')}`,
        () => `${operand('number')} ${pick(['+', '-', '*', '/', '//', '%'])} ${operand('number')} ${pick(['+', '-', '*', '/', '//', '%'])} ${operand('number')}`,
        () => `${pick(['-', '+', '- -'])}${operand('number')}`,
        () => `${operand('number')} | ${pick(['abs', 'int', 'float', 'round', `round(${small()})`, `round(${small()}, 'floor')`, `round(${small()}, 'ceil')`, 'string', 'round | int'])}`,
        () => `${operand('text')} | ${pick(['int', 'float', 'int(5)', 'float(2)', 'int(base=16)', 'int(0, 8)', 'length', 'wordcount', 'count'])}`,
        () => `${operand('list')} | ${pick(['length', 'sum', 'first', 'last', 'max', 'min', 'count'])}`,
        () => `${operand('text')}.${pick([`count(${quote(pick(['a', 'o', '', '-']))})`, `find(${quote(pick(['a', 'l', '', 'zz']))}${chance(0.3) ? `, ${int()}` : ''})`, `rfind(${quote(pick(['a', 'o', '-']))})`, `index(${quote(pick(['a', 'o']))})`])}`,
        () => `${operand('list')}[${int()}]`,
        () => `${operand(pick(KINDS))} | length`,
      ])();
      case 'list': return pick([
        () => `${operand('list')} | ${listFilter(depth)}`,
        () => `${operand('list')} | ${listFilter(depth)} | list`,
        () => `${operand('list')} | ${listFilter(depth)} | ${listFilter(depth)} | list`,
        () => `${operand('list')}${slice()}`,
        () => `${operand('list')} + ${operand('list')}`,
        () => `[${some(() => sub(pick(KINDS)), 3).join(', ')}]`,
        () => `(${some(() => sub(pick(KINDS)), 3, 1).join(', ')},)`,
        () => `${operand('text')}.${pick(['split()', "split(',')", "split('-', 1)", "rsplit('/', 1)", 'rsplit(none, 1)', 'split(none, 2)', 'splitlines()', "partition('=')", "rpartition('/')", 'splitlines(true)', "split('')"])}`,
        () => `${operand('dict')}.${pick(['items()', 'keys()', 'values()', 'copy()'])}`,
        () => `${operand('dict')} | ${pick(['list', 'dictsort', 'items | list', "dictsort(by='value')", 'dictsort(reverse=true)'])}`,
        () => `range(${int()}${chance(0.4) ? `, ${int()}` : ''}) | list`,
        () => `${operand('list')} * ${small()}`,
      ])();
      case 'dict': return pick([
        () => `{${some(() => `${chance(0.8) ? quote(pick(['a', 'b', 'k', 'z'])) : pick(NUMBERS)}: ${sub(pick(KINDS))}`, 3).join(', ')}}`,
        () => `dict(a=${sub(pick(KINDS))})`,
        () => `${operand('dict')}.get(${quote(pick(['a', 'b', 'k', 'nope']))}${chance(0.5) ? `, ${sub(pick(KINDS))}` : ''})`,
        () => `${operand('dict')}[${quote(pick(['a', 'b', 'k', 'l', 'nope']))}]`,
        () => `${operand('dict')}.${pick(['a', 'b', 'k', 'l', 'rows', 'nope', 'z'])}`,
        () => `${operand('dict')} | default({'d': 1}, true)`,
      ])();
      default: return pick([
        () => `${operand(pick(KINDS))} ${pick(['==', '!=', '<', '<=', '>', '>='])} ${operand(pick(KINDS))}`,
        () => { const of = pick(KINDS); return `${operand(of)} ${pick(['==', '!=', '<', '<=', '>', '>='])} ${operand(of)}`; },
        () => `${operand(pick(KINDS))} ${pick(['in', 'not in'])} ${operand(pick(['list', 'dict', 'text'] as const))}`,
        () => `${operand(pick(KINDS))} ${pick(['and', 'or'])} ${operand(pick(KINDS))}`,
        () => `not ${operand(pick(KINDS))}`,
        () => `${operand(pick(KINDS))} is ${chance(0.2) ? 'not ' : ''}${test(depth)}`,
        () => `${operand('number')} < ${operand('number')} ${pick(['<', '<=', '==', '>'])} ${operand('number')}`,
        () => `${operand('text')}.${pick(['isdigit()', 'isalpha()', 'isalnum()', 'islower()', 'isupper()', 'isspace()', 'isnumeric()', 'isascii()', `startswith(${quote(pick(['a', '', '/']))})`, `endswith(${quote(pick(['c', '.csv', '']))})`])}`,
        () => `${sub(pick(KINDS))} if ${sub('any')}`,
        () => `${sub(pick(KINDS))} if ${sub('any')} else ${sub(pick(KINDS))}`,
      ])();
    }
  }

  function slice(): string {
    const part = () => (chance(0.4) ? '' : int());
    return `[${pick([() => int(), () => `${part()}:${part()}`, () => `${part()}:${part()}:${pick(['-1', '2', '-2', ''])}`])()}]`;
  }

  function textMethod(depth: number): string {
    const word = () => quote(pick(['a', 'l', ' ', '-', '/', 'o', '', '.csv', 'ab', ',']));
    return `.${pick([
      'upper()', 'lower()', 'title()', 'capitalize()', 'strip()', 'lstrip()', 'rstrip()', 'swapcase()', 'casefold()', `strip(${word()})`, `lstrip(${word()})`, `rstrip(${word()})`,
      `replace(${word()}, ${word()})`, `replace(${word()}, 'xy', ${int()})`, `split(${word()})[${int()}]`, `zfill(${below(9)})`, `ljust(${below(9)})`, `rjust(${below(9)}, '*')`, `center(${below(12)})`, `center(${below(12)}, '.')`,
      `removeprefix(${word()})`, `removesuffix(${word()})`, `join(${depth > 0 ? expression(depth - 1, 'list') : "['x', 'y']"})`, 'format(1, "b")', `format(x=${pick(NUMBERS)})`,
    ])}`;
  }

  function textFilter(depth: number): string {
    const word = () => quote(pick(['a', 'l', ' ', '-', 'o', '']));
    return pick([
      'upper', 'lower', 'title', 'capitalize', 'trim', `trim(${word()})`, `replace(${word()}, ${word()})`, `replace(${word()}, 'x', ${small()})`, `truncate(${below(12)})`, `truncate(${below(12)}, true)`, `truncate(${3 + below(9)}, false, '..', 0)`,
      'indent', 'indent(2, true)', "indent('> ', true, true)", `center(${below(20)})`, 'urlencode', 'e', 'reverse', 'string', 'first', 'last', 'list', 'default("x")', 'wordcount', 'length', 'tojson', `format(${depth > 0 ? expression(depth - 1) : '1'})`, 'int', 'safe', 'forceescape', 'unique | join', 'sort | join', 'batch(2) | list',
    ]);
  }

  function listFilter(depth: number): string {
    return pick([
      'first', 'last', 'length', 'sort', 'sort(reverse=true)', 'sort(case_sensitive=true)', 'unique', 'reverse', 'list', 'sum', 'max', 'min', `batch(${1 + below(3)})`, `batch(2, ${pick(['0', "'x'", 'none'])})`, `slice(${1 + below(3)})`, "slice(2, 'f')",
      "map('upper')", "map('string')", "map('int')", "map('length')", "map(attribute='name')", "map(attribute='nope', default='-')", "map('default', 'd')", "select('odd')", "select('string')", "select('none')", "reject('none')", 'select', "selectattr('id', '>', 1)", "selectattr('name')", "rejectattr('id', 'eq', 1)",
      "map('round', 1)", "sort(attribute='name')", "sum(attribute='w')", "join(',')", "join(', ', attribute='name')", 'tojson', 'string', `join(${depth > 0 ? expression(0, 'text') : "'-'"})`, "map('replace', 'a', 'b')", "select('in', [1, 'a', 'fig'])", 'map(attribute=0)', "map('first')", 'random | length', "max(attribute='w')",
    ]);
  }

  function test(depth: number): string {
    return pick([
      'defined', 'undefined', 'none', 'string', 'number', 'integer', 'float', 'boolean', 'mapping', 'sequence', 'iterable', 'odd', 'even', 'lower', 'upper', 'true', 'false', `divisibleby ${1 + below(4)}`, `divisibleby(${below(4)})`,
      `eq ${pick(NUMBERS)}`, `in ${depth > 0 ? `(${expression(depth - 1, 'list')})` : '[1]'}`, `gt(${pick(NUMBERS)})`, `lt ${pick(NUMBERS)}`, `ne ${quote(pick(WORDS))}`, 'callable', 'escaped', 'filter', 'sameas(none)', `equalto ${quote('a')}`,
    ]);
  }

  function percent(depth: number): string {
    const one = () => pick(['%s', '%d', '%5d', '%-5s', '%05d', '%.2f', '%x', '%e', '%g', '%r', '%+d', '%i', '%5.1f', '%X', '%o', '%.3s', '%c', '%%', '%5s', '% d', '%#x', '%.0f', '%G', '%10.3e', '%-8.2f', '%08.3f']);
    const items = some(() => expression(depth - 1), 3, 1);
    const format = items.map(one).join(pick([' ', '-', '', '|']));
    return items.length === 1 && chance(0.5) ? `${quote(format)} % (${items[0]})` : `${quote(format)} % (${items.join(', ')},)`;
  }

  function brace(depth: number): string {
    const spec = () => pick(['', '', ':>8', ':<8', ':^8', ':*^9', ':05', ':05d', ':d', ':,', ':.2f', ':,.1f', ':x', ':X', ':b', ':o', ':e', ':g', ':%', ':.1%', ':+', ':+d', '!r', '!s', ':8.3f', ':.3', ':_', ':10', ': d', ':G', ':<08', ':s', ':n', ':=+8', ':.0f', ':08.2f']);
    const items = some(() => expression(depth - 1), 2, 1);
    return `${quote(items.map((_, i) => `{${chance(0.2) ? String(i) : ''}${spec()}}`).join(pick([' ', '-', '{{}}'])))}.format(${items.join(', ')})`;
  }

  function date(): string {
    const moment = () => pick(['logical_date', 'data_interval_start', 'data_interval_end', 'dag_run.logical_date', 'macros.datetime(2026, 2, 3, 4, 5)', "macros.datetime.strptime(ds, '%Y-%m-%d')"]);
    const delta = () => `macros.timedelta(${pick(['days=1', 'hours=7', 'days=-3', 'minutes=90', '1', 'weeks=2, seconds=5', 'days=0.5', 'milliseconds=1500', 'days=1.5'])})`;
    const moved = () => pick([moment, moment, () => `(${moment()} + ${delta()})`, () => `(${moment()} - ${delta()})`, () => `${moment()}.add(${pick(['days=1', 'months=1', 'years=-1', 'weeks=2, hours=1', 'months=13', 'days=-40'])})`,
      () => `${moment()}.subtract(${pick(['days=1', 'months=2', 'minutes=5'])})`, () => `${moment()}.replace(${pick(['day=1', 'month=2, day=3', 'hour=0, minute=0', 'microsecond=7', 'day=31, month=4'])})`, () => `${moment()}.${pick(['start_of', 'end_of'])}('${pick(['day', 'week', 'month', 'year', 'hour', 'minute', 'second'])}')`])();
    const format = () => pick(['%Y-%m-%d', '%d/%m/%y', '%H:%M:%S.%f', '%A %B %-d', '%j %U %W %V', '%Y%m%dT%H%M%S%z', '%I %p', '%b %a', '%s', '%c', '%x', '%G-%V-%u', '%e', '%D', '%F %T', '%', '%Z', '%h', '%n', '%k']);
    return pick([
      moved, () => `${moved()} | ${pick(['ds', 'ds_nodash', 'ts', 'ts_nodash', 'ts_nodash_with_tz', 'string', 'upper', 'tojson', 'length'])}`, () => `${moved()}.strftime('${format()}')`, () => `${moved()}.isoformat()`,
      () => `${moved()}.${pick(['year', 'month', 'day', 'hour', 'weekday()', 'isoweekday()', 'timestamp()', 'int_timestamp', 'day_of_year', 'quarter', 'date()', 'to_date_string()', 'to_datetime_string()', 'to_time_string()', "in_timezone('UTC')", "format('YYYY-MM-DD')", "format('D.M.YY HH:mm')", 'week_of_year', 'isocalendar()', 'day_of_week', 'timezone_name', "format('dddd, MMMM D')", 'date().isoformat()', "format('DDDD')", "format('Do')"])}`,
      () => `macros.ds_add(${pick(['ds', "'2024-02-28'", 'yesterday_ds', 'ts'])}, ${int()})`, () => `macros.ds_format(ds, '%Y-%m-%d', '${format()}')`, () => `${moved()} ${pick(['<', '==', '>=', '!='])} ${moved()}`, () => `(${moved()} - ${moved()}).${pick(['days', 'total_seconds()', 'seconds', 'in_days()', 'in_weeks()', 'in_hours()'])}`,
      () => `${delta()}${pick(['', '.days', '.total_seconds()', '.seconds', ' * 2', ' | string', ` + ${delta()}`, ` > ${delta()}`])}`, () => `macros.ds_format('${pick(['5/7/2026', '20260131', '31.12.99', 'Jan 5 2026'])}', '${pick(['%d/%m/%Y', '%Y%m%d', '%d.%m.%y', '%b %d %Y'])}', '${format()}')`,
      () => pick(['yesterday_ds', 'tomorrow_ds_nodash', "conf.get('core', 'dags_folder')", 'execution_date', 'execution_date | ds']), () => `[${moved()}]`,
    ])();
  }

  const sign = () => (chance(0.25) ? pick(['-', '-', '+']) : '');
  const space = () => pick(['', ' ', '\n', '  \n ', 'x', ' y ', '\n\n', '\t', ' # ', '{', '}', '%', '\r\n', ' $VAR ']);
  const end = () => (chance(0.2) ? '-' : '');
  const out = (depth: number) => `{{${sign()} ${expression(depth)} ${end()}}}`;
  const name = () => pick(['x', 'y', 'item', 'ds', 'value']);

  function within<T>(names: string[], make: () => T): T {
    const before = locals;
    locals = [...locals, ...names];
    try { return make(); } finally { locals = before; }
  }

  function body(depth: number, size = 3): string {
    const before = locals;
    const text = some(() => space() + statement(depth), size, 1).join('') + space();
    locals = before;
    return text;
  }

  function statement(depth: number): string {
    if (depth <= 0 || chance(0.45)) { return out(1 + below(2)); }
    const tag = (code: string) => `{%${sign()} ${code} ${end()}%}`;
    const v = name();
    return pick([
      () => `${tag(`if ${expression(1, pick(['any', 'list', 'number', 'text'] as const))}`)}${body(depth - 1)}${chance(0.3) ? `${tag(`elif ${expression(1, 'any')}`)}${body(depth - 1)}` : ''}${chance(0.5) ? `${tag('else')}${body(depth - 1)}` : ''}${tag('endif')}`,
      () => `${tag(`for ${v} in ${expression(1, 'list')}${chance(0.2) ? ` if ${within([v], () => expression(1, 'any'))}` : ''}`)}${within([v, 'loop.index', 'loop.last', 'loop.first', 'loop.length', "loop.cycle('a', 'b')", 'loop.revindex'], () => body(depth - 1))}${chance(0.2) ? `${tag('else')}none` : ''}${tag('endfor')}`,
      () => `${tag(`for k, v in ${expression(0, 'dict')}.items()`)}${within(['k', 'v', 'loop.index0'], () => body(depth - 1))}${tag('endfor')}`,
      () => { const set = tag(`set ${v} = ${expression(1)}`); locals = [...locals, v]; return `${set}${space()}${out(1)}`; },
      () => { const set = `${tag(`set ${v}`)}${space()}${out(1)}${tag('endset')}`; locals = [...locals, v]; return `${set}${out(1)}{{ ${v} }}`; },
      () => `${tag(`with ${v} = ${expression(1)}`)}${within([v], () => body(depth - 1))}${tag('endwith')}`,
      () => `${tag('set ns = namespace(n=0)')}${tag(`for ${v} in ${expression(1, 'list')}`)}${tag(`set ns.n = ns.n + ${pick(['1', v, 'loop.index'])}`)}${tag('endfor')}{{ ns.n }}`,
      () => `${tag(`filter ${textFilter(0)}`)}${space()}${out(1)}${tag('endfilter')}`,
      () => { const m = `m${below(1000)}`; return `${tag(`macro ${m}(p, q=${expression(0)})`)}${space()}{{ p }}${out(0)}{{ q }}${tag('endmacro')}{{ ${m}(${expression(1)}) }}{{ ${m}(${expression(0)}, q=${expression(0)})${chance(0.3) ? ' | upper' : ''} }}`; },
      () => `{#${end()} comment {{ x }} ${end()}#}`,
      () => `{%${end()} raw ${end()}%}${space()}{{ raw }}{%${end()} endraw ${end()}%}`,
      () => `${tag('set l = []')}${tag(`do l.append(${expression(0)})`)}{{ l }}`,
      () => `${tag(`set a, b = ${expression(0)}, ${expression(0)}`)}{{ a }}{{ b }}`,
    ])();
  }

  return Array.from({ length: count }, () => {
    locals = [];
    if (chance(0.6)) { return `${chance(0.3) ? space() : ''}{{ ${expression(1 + below(3))} }}${chance(0.2) ? space() : ''}`; }
    return body(2, 2);
  });
}
