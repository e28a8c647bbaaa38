import { numberIn, shown } from './words';

const COUNTS = ['backoffLimit', 'backoffLimitPerIndex', 'completions', 'maxFailedIndexes', 'parallelism', 'ttlSecondsAfterFinished'];
/** Kubernetes' own limit of the pods that an indexed Job runs at once. */
const MOST_PARALLEL = 100_000;

/** What the API server refuses of a Job's spec beyond the types of its fields. */
export function jobProblems(spec: any): string[] {
  const indexed = spec.completionMode === 'Indexed';
  const perIndex = ['backoffLimitPerIndex', 'maxFailedIndexes', 'successPolicy'].filter(field => spec[field] !== undefined && !indexed);
  return [
    ...COUNTS.flatMap(field => numberIn(field, spec[field], 0)),
    ...(indexed && spec.completions === undefined ? ["completionMode 'Indexed' needs 'completions': that many indexes there are"] : []),
    ...(indexed ? numberIn('parallelism', spec.parallelism, 0, MOST_PARALLEL) : []),
    ...perIndex.map(field => `'${field}' is for completionMode 'Indexed' only`),
    ...(spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined ? ["'maxFailedIndexes' needs 'backoffLimitPerIndex'"] : []),
    ...(spec.maxFailedIndexes > spec.completions ? [`'maxFailedIndexes' must be at most 'completions', ${spec.completions}, got ${spec.maxFailedIndexes}`] : []),
    ...(spec.managedBy !== undefined && !spec.managedBy.includes('/') ? [`'managedBy' must begin with a domain, such as 'kueue.x-k8s.io/multikueue', got ${shown(spec.managedBy)}`] : []),
    ...selectorProblems(spec),
    ...failurePolicyProblems(spec),
    ...(indexed && spec.successPolicy !== undefined ? successPolicyProblems(spec.successPolicy, spec.completions) : []),
  ];
}

function selectorProblems({ selector, manualSelector, template }: any): string[] {
  if (selector !== undefined && manualSelector !== true) {
    return ["'selector' is refused by Kubernetes without 'manualSelector: true'; leave it out: the Job finds its pods by itself"];
  }
  if (manualSelector === true && selector === undefined) { return ["'manualSelector: true' needs 'selector'"]; }
  const labels = template.metadata?.labels ?? {};
  return Object.entries<any>(selector?.matchLabels ?? {}).filter(([key, value]) => labels[key] !== value)
    .map(([key, value]) => `'selector' must select the pods of the Job, which ${key in labels ? `have '${key}: ${labels[key]}'` : `have no label '${key}'`}; set labels: { '${key}': '${value}' }`);
}

function failurePolicyProblems({ podFailurePolicy, podReplacementPolicy, backoffLimitPerIndex, template }: any): string[] {
  if (podFailurePolicy === undefined) { return []; }
  const { restartPolicy = 'Never', containers, initContainers = [] } = template.spec;
  const names: string[] = [...containers, ...initContainers].map(({ name }: any) => name);
  return [
    ...(restartPolicy === 'Never' ? [] : [`'podFailurePolicy' needs restartPolicy 'Never', got ${shown(restartPolicy)}`]),
    ...(podReplacementPolicy === 'TerminatingOrFailed' ? ["'podReplacementPolicy' must be 'Failed' with 'podFailurePolicy', got 'TerminatingOrFailed'; leave it out"] : []),
    ...podFailurePolicy.rules.flatMap((rule: any, i: number) => {
      const path = `podFailurePolicy.rules[${i}]`;
      const { action, onExitCodes, onPodConditions } = rule;
      return [
        ...((onExitCodes === undefined) === (onPodConditions === undefined) ? [`'${path}' needs one of 'onExitCodes' and 'onPodConditions', got ${onExitCodes ? 'both' : 'none'}`] : []),
        ...(action === 'FailIndex' && backoffLimitPerIndex === undefined ? [`'${path}.action' of 'FailIndex' needs 'backoffLimitPerIndex'`] : []),
        ...(onExitCodes === undefined ? [] : exitCodeProblems(onExitCodes, names, `${path}.onExitCodes`)),
      ];
    }),
  ];
}

function exitCodeProblems({ containerName, operator, values }: any, names: string[], path: string): string[] {
  const ordered = values.every((value: number, i: number) => i === 0 || value > values[i - 1]);
  return [
    ...(values.length === 0 || !ordered ? [`'${path}.values' must be exit codes in ascending order, none twice, got ${shown(values)}`] : []),
    ...(operator === 'In' && values.includes(0) ? [`'${path}.values' must not hold 0 with operator 'In': that is no failure, got ${shown(values)}`] : []),
    ...(containerName !== undefined && !names.includes(containerName)
      ? [`'${path}.containerName' must be a container of the pod: ${names.map(name => `'${name}'`).join(', ')}, got ${shown(containerName)}`] : []),
  ];
}

function successPolicyProblems({ rules }: any, completions: number): string[] {
  return rules.length === 0 ? ["'successPolicy.rules' must have at least one rule, got none"] : rules.flatMap(({ succeededIndexes, succeededCount }: any, i: number) => {
    const path = `successPolicy.rules[${i}]`;
    if (succeededIndexes === undefined && succeededCount === undefined) { return [`'${path}' needs 'succeededIndexes' or 'succeededCount', got none`]; }
    const count = succeededIndexes === undefined ? completions : indexCount(succeededIndexes, completions);
    return count === undefined
      ? [`'${path}.succeededIndexes' must be indexes below ${completions} in ascending order, such as '0,2-4', got ${shown(succeededIndexes)}`]
      : numberIn(`${path}.succeededCount`, succeededCount, 1, count);
  });
}

/** How many indexes a text such as `0,2-4` names; undefined where it is none. */
function indexCount(text: string, completions: number): number | undefined {
  let last = -1;
  let count = 0;
  for (const part of text.split(',')) {
    const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    if (from === undefined || Number(from) <= last || Number(to) < Number(from) || Number(to) >= completions || (part.includes('-') && Number(to) === Number(from))) { return undefined; }
    last = Number(to);
    count += last - Number(from) + 1;
  }
  return count;
}
