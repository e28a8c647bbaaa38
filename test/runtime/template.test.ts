import { TemplateContext, XComUnknown } from '../../src/runtime/context';
import { parseJson } from '../../src/runtime/json';
import { renderTemplate } from '../../src/runtime/template';

const xcoms: { [task: string]: string | null } = {
  dict: '{"b": 1, "a": [1.0, true, null, "x\'y"], "c": {"z": 1e3, "big": 12345678901234567890}}', text: '"hi"', nothing: null, list: '[1, "a"]',
};

function render(text: string, dagId?: string): string {
  const identity = { dagId, taskId: 'me', runId: 'run', tryNumber: 2, airflowVersion: '3.3.2' };
  const xcom = (id: string) => (id in xcoms ? (xcoms[id] === null ? null : parseJson(xcoms[id])) : undefined);
  return renderTemplate(text, new TemplateContext(identity, {}, xcom));
}

// The right side is Jinja2's answer.
test.each([
  ['no template', 'no template'],
  ["{{ ti.xcom_pull(task_ids='dict') }}", "{'b': 1, 'a': [1.0, True, None, \"x'y\"], 'c': {'z': 1000.0, 'big': 12345678901234567890}}"],
  ["{{ ti.xcom_pull('dict')['a'] }}", "[1.0, True, None, \"x'y\"]"],
  ["{{ task_instance.xcom_pull(task_ids=\"dict\", key='return_value').c.z }}", '1000.0'],
  ["{{ ti.xcom_pull('dict')['a'][1] }}", 'True'],
  ["{{ ti.xcom_pull('nothing') }}", 'None'],
  ["{{ ti.xcom_pull('text') }}", 'hi'],
  ["{{ ti.xcom_pull(['text', 'nothing']) }}", "['hi', None]"],
  ["a  {{- ti.xcom_pull('text') -}}  b", 'ahib'],
  ["{{ ti.xcom_pull('dict')['a'] | tojson }}", '[1.0, true, null, "x\\u0027y"]'],
  ["{% for x in ti.xcom_pull('list') %}{{ x }};{% endfor %}", '1;a;'],
  ["{{ ti.xcom_pull('list')|join('-') }}", '1-a'],
  ["{{ 'yes' if ti.xcom_pull('text') == 'hi' else 'no' }}", 'yes'],
  ['{{ true }} {{ none }} {{ 1.0 }} {{ 7/2 }} {{ 7//2 }} {{ [1, "a"] }}', "True None 1.0 3.5 3 [1, 'a']"],
  ["{{ '}}' }}{# {{ nope }} #}{% raw %}{{ x }}{% endraw %}\n", '}}{{ x }}'],
  ['no template\r\n\r\n', 'no template\n'],
  ["{% for k in ti.xcom_pull('dict') %}{{ k }}{{ ',' if not loop.last }}{% endfor %}", 'b,a,c'],
  ["{{ {'b': 1, 'a': 2} }}", "{'b': 1, 'a': 2}"],
  ['{{ 2.5 | round }} {{ -7 // 2 }} {{ -7 % 3 }}', '2.0 -4 2'],
  ['{{ ti.task_id }} {{ run_id }} {{ ti.try_number }}', 'me run 2'],
  ["{{ nope | default('d') }}", 'd'],
  ["{{ 'a' ~ true ~ none ~ ti.xcom_pull('dict')['c']['z'] ~ '~' }}", 'aTrueNone1000.0~'],
  ["{{ ti.xcom_pull('dict').c.z * 2 + 1 }}", '2001.0'],
  ["{{ [1.0, ti.xcom_pull('dict')['c']['big']] }}", '[1.0, 12345678901234567890]'],
  ["{{ ti.xcom_pull('dict') | string | length }}", '88'],
  ["{{ \"it's <b>\" | e }}", 'it&#39;s &lt;b&gt;'],
  ["{{ 'AB'.lower()[1:] }}", 'b'],
])('%s', (text, expected) => {
  expect(render(text)).toBe(expected);
});

test.each([
  ['{{ nope }}', "undefined value 'nope'; known names are 'conn',"],
  ['{{ nope | tojson }}', "undefined value 'nope'"],
  ["{{ 'x' ~ nope }}", "undefined value 'nope'"],
  ["{{ 'x' ~ 1 + 1 }}", 'the operator + does not take values of type str and int'],
  ['{{ 2.5 | pprint }}', 'the filter pprint would answer otherwise than in Airflow'],
  ["{{ 'x' | uper }}", "there is no filter 'uper'; did you mean 'upper'?"],
  ['{% for i in [1] %}{{ x }}{% endfor %}{% set x = 1 %}', "'x' is read in a block before it is set"],
  ['{% set x = 1 %}{% macro m() %}{{ x }}{% endmacro %}{{ m() }}', 'pass it as an argument'],
  ["{{ ti.xcom_pull('text', 'key') }}", 'a second value without a name'],
  ["{{ ti.xcom_pull('dict')['q'] }}", "asks for 'q' of an object with the keys 'b', 'a', 'c'"],
  ["{{ ti.xcom_pull('text')['q'] }}", "asks for 'q' of a value of type str"],
  ["{{ ti.xcom_pull('text', include_prior_dates=True) }}", "xcom_pull with 'include_prior_dates' asks for XComs of earlier runs, and here are those of this run alone; leave it out"],
  ["{{ ti.xcom_pull('text', dag_id='other') }}", "xcom_pull asks for the DAG 'other', and this run has no DAG id; give it with '--dag-id', or leave 'dag_id' out"],
  ["{{ ti.xcom_pull('text', dag_id=1) }}", 'xcom_pull asks for the DAG of another type than a text'],
  ["{{ ti.xcom_pull('text', key=none) }}", "'key' of xcom_pull must be a text, got a value of type NoneType"],
  ["{{ ti.xcom_pull('text', default=1) }}", "xcom_pull takes 'task_ids', 'key' and 'map_indexes' here, got 'default'"],
  ['{{ x', 'syntax error'],
])('%s is an error', (text, message) => {
  expect(() => render(text)).toThrow(message);
});

test('xcom_pull takes the own DAG, and no other one', () => {
  expect(render("{{ ti.xcom_pull('text', dag_id='etl', include_prior_dates=False) }}", 'etl')).toBe('hi');
  expect(render("{{ ti.xcom_pull(task_ids='text', dag_id=dag.dag_id) }} {{ ti.xcom_pull('text', dag_id=none) }}", 'etl')).toBe('hi hi');
  expect(() => render("{{ ti.xcom_pull('text', dag_id='other') }}", 'etl'))
    .toThrow("xcom_pull asks for the DAG 'other', and here are the XComs of a run of 'etl' alone; leave 'dag_id' out");
});

test('an XCom that is not known yet is told apart from a wrong template', () => {
  expect(() => render("{{ ti.xcom_pull('later') }}")).toThrow(XComUnknown);
  expect(() => render("{{ ti.xcom_pull('later') ~ 'x' }}")).toThrow(XComUnknown);
});

test('an error leaves the engine usable', () => {
  expect(() => render("{{ ti.xcom_pull('later') ~ 'x' }}")).toThrow();
  expect(render("{{ ti.xcom_pull('text') ~ 'x' }}")).toBe('hix');
});
