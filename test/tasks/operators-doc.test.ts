import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { operators, wheels } from './operator-signatures.json';
import { snakeCase } from '../../src/pod/names';
import { DAG_TASK_OPTIONS } from '../../src/tasks/private/dag-task-option-names';
import { JOB_TASK_PROPS, POD_TASK_PROPS } from '../../src/tasks/private/known-props';

const text = readFileSync(join(__dirname, '../../docs/operators.md'), 'utf8');
const sections = new Map(text.split(/^## /m).slice(1).map(section => [section.slice(0, section.indexOf('\n')), section]));
const rows = (operator: string) => [...sections.get(operator)?.matchAll(/^\| `(\w+)` \| (.*?) \|/gm) ?? []].map(([, parameter, ours]) => ({ parameter, ours }));
const documented = (Object.keys(operators) as (keyof typeof operators)[]).filter(operator => !/^GKE(?!StartPod)/.test(operator));

test('the page names the releases that were recorded', () => {
  for (const [name, release] of wheels) { expect(text).toContain(`${name === 'cncf_kubernetes' ? 'Kubernetes' : name} ${release}`); }
});

test.each(documented)('%s has each of its parameters and no other', operator => {
  expect(rows(operator).map(({ parameter }) => parameter)).toEqual(operators[operator]);
});

test('the other operators of GKE have the parameters of one, or of what they stand for', () => {
  const known = [...operators.GKEStartPodOperator, ...operators.KubernetesJobOperator];
  for (const [operator, parameters] of Object.entries(operators)) {
    if (operator.startsWith('GKE')) { expect(parameters.filter(parameter => !known.includes(parameter))).toEqual([]); }
  }
});

test.each([['KubernetesPodOperator', POD_TASK_PROPS], ['KubernetesJobOperator', JOB_TASK_PROPS]] as const)('what %s is said to be is there', (operator, props) => {
  for (const { parameter, ours } of rows(operator)) {
    const [, name, place] = /^`(\w+)`(?: of (`taskOptions`))?/.exec(ours)!;
    expect([parameter, Object.hasOwn(place ? DAG_TASK_OPTIONS : props, name)]).toEqual([parameter, true]);
  }
});

test('every prop of PodTask that is a parameter of the operator is said to be one', () => {
  const own = ['taskId', 'podOverride', 'unset', 'podMutations', 'hardening', 'xcomMode', 'xcomSidecarContainerImage', 'retries', 'dependsOn', 'renderAs', 'expand', 'expandKwargs'];
  const props = Object.keys(POD_TASK_PROPS).filter(prop => !own.includes(prop)).map(snakeCase);
  expect(props.filter(prop => !rows('KubernetesPodOperator').some(({ parameter }) => parameter === prop))).toEqual([]);
});
