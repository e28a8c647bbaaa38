import { jobProblems } from '../../src/pod/rules/job-rules';

const template = { metadata: { labels: { app: 'x' } }, spec: { restartPolicy: 'Never', containers: [{ name: 'base' }], initContainers: [{ name: 'init' }] } };
const problems = (spec: any) => jobProblems({ template, ...spec });
const indexed = { completionMode: 'Indexed', completions: 3 };
const policy = (...rules: any[]) => ({ podFailurePolicy: { rules } });

test.each<[string, any]>([
  ['nothing', {}],
  ['a failure policy', policy(
    { action: 'FailJob', onExitCodes: { containerName: 'init', operator: 'In', values: [1, 42] } }, { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    { action: 'Count', onExitCodes: { operator: 'NotIn', values: [0, 3] } })],
  ['limits of each index', { ...indexed, backoffLimitPerIndex: 1, maxFailedIndexes: 3, ...policy({ action: 'FailIndex', onExitCodes: { operator: 'In', values: [7] } }) }],
  ['a success policy', { ...indexed, successPolicy: { rules: [{ succeededIndexes: '0,2' }, { succeededIndexes: '0-1', succeededCount: 2 }, { succeededCount: 3 }] } }],
  ['a selector', { manualSelector: true, selector: { matchLabels: { app: 'x' } } }],
  ['another controller', { managedBy: 'kueue.x-k8s.io/multikueue' }],
])('the API server takes %s', (_, spec) => {
  expect(problems(spec)).toEqual([]);
});

test.each<[string, any, string]>([
  ['a success among failures', policy({ action: 'FailJob', onExitCodes: { operator: 'In', values: [0] } }), "'podFailurePolicy.rules[0].onExitCodes.values' must not hold 0 with operator 'In'"],
  ['codes out of order', policy({ action: 'FailJob', onExitCodes: { operator: 'In', values: [3, 1] } }), 'must be exit codes in ascending order, none twice, got [3,1]'],
  ['a code twice', policy({ action: 'FailJob', onExitCodes: { operator: 'In', values: [1, 1] } }), 'must be exit codes in ascending order, none twice, got [1,1]'],
  ['no code', policy({ action: 'FailJob', onExitCodes: { operator: 'In', values: [] } }), 'must be exit codes in ascending order, none twice, got []'],
  ['an unknown container', policy({ action: 'FailJob', onExitCodes: { containerName: 'bsae', operator: 'In', values: [1] } }), "must be a container of the pod: 'base', 'init', got 'bsae'"],
  ['both conditions', policy({ action: 'FailJob', onExitCodes: { operator: 'In', values: [1] }, onPodConditions: [] }), "'podFailurePolicy.rules[0]' needs one of 'onExitCodes' and 'onPodConditions', got both"],
  ['no condition', policy({ action: 'FailJob' }), "'podFailurePolicy.rules[0]' needs one of 'onExitCodes' and 'onPodConditions', got none"],
  ['FailIndex', { ...indexed, ...policy({ action: 'FailIndex', onExitCodes: { operator: 'In', values: [1] } }) }, "'podFailurePolicy.rules[0].action' of 'FailIndex' needs 'backoffLimitPerIndex'"],
  ['failed indexes', { ...indexed, maxFailedIndexes: 1 }, "'maxFailedIndexes' needs 'backoffLimitPerIndex'"],
  ['too many failed indexes', { ...indexed, backoffLimitPerIndex: 1, maxFailedIndexes: 4 }, "'maxFailedIndexes' must be at most 'completions', 3, got 4"],
  ['pods of two tries at once', { podReplacementPolicy: 'TerminatingOrFailed', ...policy({ action: 'Ignore', onPodConditions: [] }) }, "'podReplacementPolicy' must be 'Failed' with 'podFailurePolicy'"],
  ['a manager without a domain', { managedBy: 'kueue' }, "'managedBy' must begin with a domain, such as 'kueue.x-k8s.io/multikueue', got 'kueue'"],
  ['other labels', { manualSelector: true, selector: { matchLabels: { app: 'y' } } }, "'selector' must select the pods of the Job, which have 'app: x'; set labels: { 'app': 'y' }"],
  ['no labels', { manualSelector: true, selector: { matchLabels: { a: 'y' } } }, "'selector' must select the pods of the Job, which have no label 'a'; set labels: { 'a': 'y' }"],
  ['indexes beyond the last', { ...indexed, successPolicy: { rules: [{ succeededIndexes: '0-9' }] } }, "must be indexes below 3 in ascending order, such as '0,2-4', got '0-9'"],
  ['indexes out of order', { ...indexed, successPolicy: { rules: [{ succeededIndexes: '2,1' }] } }, "got '2,1'"],
  ['more successes than indexes', { ...indexed, successPolicy: { rules: [{ succeededIndexes: '0-1', succeededCount: 3 }] } }, "'successPolicy.rules[0].succeededCount' must be from 1 to 2, got 3"],
  ['an empty rule', { ...indexed, successPolicy: { rules: [{}] } }, "'successPolicy.rules[0]' needs 'succeededIndexes' or 'succeededCount', got none"],
  ['no rule', { ...indexed, successPolicy: { rules: [] } }, "'successPolicy.rules' must have at least one rule, got none"],
  ['too many pods at once', { ...indexed, parallelism: 200000 }, "'parallelism' must be from 0 to 100000, got 200000"],
  ['a negative number', { backoffLimit: -1 }, "'backoffLimit' must be at least 0, got -1"],
])('the API server refuses %s', (_, spec, message) => {
  expect(problems(spec)).toEqual([expect.stringContaining(message)]);
});
