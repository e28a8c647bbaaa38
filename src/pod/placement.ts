import { didYouMean } from './closest';
import { hasJinja } from './jinja';

/** A node, or what all nodes of a pool have in common. */
export interface NodeKind {
  readonly name: string;
  readonly labels: { readonly [label: string]: string };
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
}

/** One thing that a pod asks of its node. */
interface Wish {
  /** Where it stands, for messages. */
  readonly from: string;
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** Labels that each node has by itself. */
const OF_EVERY_NODE = /^(kubernetes\.io\/(os|arch|hostname)|topology\.kubernetes\.io\/(zone|region)|node\.kubernetes\.io\/instance-type|(failure-domain\.)?beta\.kubernetes\.io\/.*)$/;
const NODE_AFFINITY = "'affinity.nodeAffinity'";

/**
 * Why no node takes a pod, by its node selector, its required node affinity and its tolerations; undefined where one does. Texts with Jinja may be anything.
 *
 * @param complete true where the nodes' labels are all that there are, false for those that somebody declared
 */
export function unplaceable(spec: any, nodes: readonly NodeKind[], complete: boolean): string | undefined {
  if (spec.nodeName !== undefined || nodes.length === 0) { return undefined; }
  const selector = Object.entries<string>(spec.nodeSelector ?? {}).map(([key, value]): Wish => ({ from: "'nodeSelector'", key, operator: 'In', values: [value] }));
  // The admission plugin ExtendedResourceToleration, on in most clusters, lets a pod to the devices that it asks for.
  const devices = new Set([...spec.containers ?? [], ...spec.initContainers ?? []]
    .flatMap(({ resources }: any) => Object.keys({ ...resources?.limits, ...resources?.requests }))
    .filter(name => name.includes('/')));
  const terms: any[] = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [{}];
  const open = nodes.flatMap(node => terms.map(term => {
    const wishes = [...selector, ...termWishes(term)].filter(wish => !grants(node, wish, complete));
    return { node, wishes, taints: node.taints.filter(taint => !tolerated(taint, spec.tolerations ?? []) && !devices.has(taint.key)) };
  }));
  if (open.some(({ wishes, taints }) => wishes.length === 0 && taints.length === 0)) { return undefined; }
  const nearest = open.reduce((best, next) => next.wishes.length < best.wishes.length
    || (next.wishes.length === best.wishes.length && next.taints.length < best.taints.length) ? next : best);
  if (nearest.wishes.length > 0) { return nearest.wishes.map(wish => unmet(wish, nodes)).join('; '); }
  const [{ key, value, effect }] = nearest.taints;
  const toleration = { key, operator: value === undefined ? 'Exists' : 'Equal', ...(value === undefined ? {} : { value }), effect };
  return `'${nearest.node.name}' has the taint ${key}${value === undefined ? '' : `=${value}`}:${effect}, which it does not tolerate; `
    + `add to 'tolerations' ${JSON.stringify(toleration)}`;
}

/** What a pod prefers of its nodes and none has. */
export function unmetPreferences(spec: any, nodes: readonly NodeKind[]): string[] {
  const preferred: any[] = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  if (nodes.length === 0) { return []; }
  return preferred.flatMap(({ preference }) => {
    const wishes = termWishes(preference);
    if (nodes.some(node => wishes.every(wish => grants(node, wish, false)))) { return []; }
    const alone = wishes.find(wish => !nodes.some(node => grants(node, wish, false)));
    return [alone ? unmet(alone, nodes) : `${NODE_AFFINITY} prefers what is not together on one node: ${wishes.map(wishText).join(', ')}`];
  });
}

/** The labels that a pod asks of its node, for where nobody knows the nodes. */
export function wantedLabels(spec: any): string[] {
  const terms: any[] = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const wishes = terms.flatMap(termWishes).map(wishText);
  return [...Object.entries(spec.nodeSelector ?? {}).map(([key, value]) => `${key}=${value}`), ...wishes];
}

/** Names of single nodes are known to nobody here. */
function termWishes(term: any): Wish[] {
  return (term.matchExpressions ?? []).map(({ key, operator, values = [] }: any): Wish => ({ from: NODE_AFFINITY, key, operator, values }));
}

function grants({ labels }: NodeKind, { key, operator, values }: Wish, complete: boolean): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  if ([key, ...values].some(hasJinja) || (!complete && value === undefined && OF_EVERY_NODE.test(key))) { return true; }
  return operatorHolds(operator, values, value) ?? true;
}

/** Whether an operator of a node affinity holds for the value of a label, which may be missing; undefined for an operator that there is not. */
export function operatorHolds(operator: string, values: readonly string[], value: string | undefined): boolean | undefined {
  switch (operator) {
    case 'In': return value !== undefined && values.includes(value);
    case 'NotIn': return value === undefined || !values.includes(value);
    case 'Exists': return value !== undefined;
    case 'DoesNotExist': return value === undefined;
    case 'Gt': return Number(value) > Number(values[0]);
    case 'Lt': return Number(value) < Number(values[0]);
    default: return undefined;
  }
}

function tolerated(taint: NodeKind['taints'][number], tolerations: any[]): boolean {
  return (taint.effect !== 'NoSchedule' && taint.effect !== 'NoExecute') || tolerations.some(({ key, operator = 'Equal', value, effect }) =>
    (!key || key === taint.key) && (!effect || effect === taint.effect) && (operator === 'Exists' || (value ?? '') === (taint.value ?? '')));
}

function unmet(wish: Wish, nodes: readonly NodeKind[]): string {
  const { from, key, operator, values } = wish;
  const having = [...new Set(nodes.flatMap(({ labels }) => Object.hasOwn(labels, key) ? [labels[key]] : []))].sort();
  const keys = [...new Set(nodes.flatMap(({ labels }) => Object.keys(labels)))];
  const near = having.length === 0 ? didYouMean(key, keys)
    : operator === 'In' && didYouMean(values[0], having) || `; nodes have ${having.slice(0, 5).map(value => `${key}=${value}`).join(', ')}`;
  return `no node has the label ${wishText({ from, key, operator, values })} of ${from}${near}`;
}

function wishText({ key, operator, values }: Wish): string {
  if (operator === 'In') { return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(', ')})`; }
  return `${key} ${operator}${values.length > 0 ? ` ${values.join(', ')}` : ''}`;
}
