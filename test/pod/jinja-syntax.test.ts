import { jinjaProblem } from '../../src/pod/jinja-syntax';

test.each([
  ['{{ ds', "'{{ ds' at line 1, column 1 has no '}}'"],
  ['a\n  {{ ds }', "'{{ ds }' at line 2, column 3 has no '}}'"],
  ['{{ "a }}', "'{{ \"a }}' at line 1, column 1 has no '}}'"],
  ['{{ (ds }}', "'{{ (ds }}' at line 1, column 1 has no '}}'"],
  ['{{ }}', "'{{ }}' at line 1, column 1 is empty; name a value"],
  ['x {% if a', "'{% if a' at line 1, column 3 has no '%}'"],
  ['{% if a %}b', "'{% if a %}b' at line 1, column 1 has no '{% endif %}'"],
  ['{% for a in b %}{% if a %}{% endfor %}', "'{% endfor %}' at line 1, column 27 ends no block that is open there"],
  ['{% endif %}', "'{% endif %}' at line 1, column 1 ends no block that is open there"],
  ['{% set x %}a', "'{% set x %}a' at line 1, column 1 has no '{% endset %}'"],
  ['{% raw %}{{', "'{% raw %}{{' at line 1, column 1 has no '{% endraw %}'"],
  ['${#list}', "'{#list}' at line 1, column 2 has no '#}'"],
])('%j cannot be read', (text, problem) => expect(jinjaProblem(text)).toBe(problem));

test.each([
  '', 'echo $(date) {} }}', '{{ ds }}', '{{- ds -}}', "{{ {'a': {'b': 1}} }}", "{{ '}}' ~ \"'\" }}", "{{ 'it\\'s }}' }}", '{%- if a -%}b{%+ else %}c{% endif %}', '{% set x = 1 %}{{ x }}',
  '{% set x %}a{% endset %}', "{% set x | replace('=', '') %}a{% endset %}", '{% set (a, b) = c %}{% set ns.x = 1 %}', '{% raw %}{{ {% {% endraw %}{{ ds }}', '{# {{ #}', '{% for a in b if a %}{% for c in a %}{{ c }}{% endfor %}{% endfor %}', '{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1) }}',
])('%j can be read', text => expect(jinjaProblem(text)).toBeUndefined());
