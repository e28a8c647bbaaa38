import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TemplateContext } from '../../src/runtime/context';
import { jsonNode, parseJson } from '../../src/runtime/json';
import { renderTemplate } from '../../src/runtime/template';

// Airflow's own answers: conformance/jinja.
const recorded = readFileSync(join(__dirname, 'jinja.json'), 'utf8');
const { given: { identity, context }, cases } = JSON.parse(recorded);
const xcoms: any = parseJson(JSON.stringify(context.xcom));

function render(template: string): { output: string } | { error: string } {
  try {
    const names = new TemplateContext(identity, context, (task, key) => (key in context.xcom[task] ? xcoms.entries.get(task).entries.get(key) ?? jsonNode(null, '') : null));
    return { output: renderTemplate(template, names) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

test.each(cases as any[])('$template is what Airflow makes of it, or an error', ({ template, output, error }) => {
  const ours = render(template);
  if ('error' in ours) {
    expect(ours.error).not.toMatch(/undefined value \(in|^Cannot|is not a function/);
  } else {
    expect({ output: ours.output, theirs: error }).toEqual({ output, theirs: undefined });
  }
});

test('nearly everything that Airflow renders is rendered', () => {
  const refused = (cases as any[]).filter(({ template, output }) => output !== undefined && 'error' in render(template)).map(({ template }) => template);
  expect(refused).toMatchInlineSnapshot(`
[
  "{{ logical_date == data_interval_end }}",
  "{{ logical_date > data_interval_start }}",
  "{{ [logical_date] }}",
  "{{ logical_date | upper }}",
  "{% set d = logical_date %}{{ d == logical_date }}",
  "{{ macros.timedelta(days=1) }}",
  "{{ macros.random() }}",
  "{{ macros.uuid.uuid4() }}",
  "{{ macros.time.time() }}",
  "{{ params.dict.items() }}",
  "{{ params.path.split('/')[-1] }} {{ params.path.rsplit('.', 1)[0] }} {{ params.path.replace('/', '.') }} {{ params.path.startswith('/a') }}",
  "{% for k, v in params.dict.items() %}{{ k }}{% endfor %}",
  "{{ params.dict.keys() | list }}",
  "{{ conn.db }}",
  "{{ conn.db.get_uri() }}",
  "{{ ti }}",
  "{{ dag }}",
  "{{ prev_data_interval_start_success }}",
  "{{ 'a%sb' % ds }}",
  "{{ '{}-{}'.format(ds, 1) }}",
  "{{ [1, 'a', none] + [2] }} {{ (1, 2) }} {{ [] }} {{ {} }} {{ {'a': 1} }}",
  "{{ 'ü' | upper }} {{ "tab\\there" }} {{ 'x' | center(5) }}|",
  "{{ 'a b c' | wordcount }} {{ 'abc' | reverse }} {{ 3.7 | int }} {{ '3' | float }} {{ -3 | abs }} {{ 2.567 | round(1) }}",
  "{{ ds | default('x') }} {{ params.day | string }} {{ params.ratio | string }} {{ '%05d' % params.day }}",
  "{{ inlets }}",
]
`);
});
