import { RenderedPod } from './manifests';

/** A label selector as objects hold it. */
export interface LabelSelector {
  readonly matchLabels?: { [key: string]: string };
  readonly matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

/** True where the labels satisfy the selector; an empty one is satisfied by any. */
export function matches(selector: LabelSelector, labels: { [key: string]: string } = {}): boolean {
  return Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value)
    && (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      switch (operator) {
        case 'In': return values.includes(labels[key]);
        case 'NotIn': return !values.includes(labels[key]);
        case 'Exists': return key in labels;
        default: return !(key in labels);
      }
    });
}

/** The pods of a namespace that a selector finds. */
export function selected(pods: RenderedPod[], namespace: string, selector: LabelSelector): RenderedPod[] {
  return pods.filter(pod => pod.namespace === namespace && matches(selector, pod.metadata.labels));
}
