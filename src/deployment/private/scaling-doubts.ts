import { Component, Wire } from '../../private/component-graph';

/** What is to be said where a component never scales, or never lets a node be drained. `ranges` are the deployment's limit ranges. */
export function scalingDoubts(component: Component, podSpec: Wire, ranges: readonly Wire[]): string[] {
  return [...neverScales(component, podSpec, ranges), ...blocksDrains(component)];
}

/** An autoscaler that counts a share of what is requested does nothing while a container requests nothing. */
function neverScales({ name, autoscaling }: Component, podSpec: Wire, ranges: readonly Wire[]): string[] {
  const stay = [...podSpec.containers, ...(podSpec.initContainers ?? []).filter(({ restartPolicy }: Wire) => restartPolicy === 'Always')];
  const filledIn = (resource: string) => ranges.some(({ type = 'Container', defaultLimit = {}, defaultRequest = {} }) =>
    type === 'Container' && (resource in defaultLimit || resource in defaultRequest));
  return (autoscaling?.metrics ?? []).flatMap(({ type, resource, containerResource }: Wire) => {
    const metric = type === 'Resource' ? resource : type === 'ContainerResource' ? containerResource : undefined;
    if (metric?.target?.type !== 'Utilization' || filledIn(metric.name)) { return []; }
    const without = stay.filter(({ name: container, resources: { requests = {}, limits = {} } = {} }: Wire) =>
      (metric.container === undefined || metric.container === container) && !(metric.name in requests) && !(metric.name in limits));
    return without.length === 0 ? [] : [`the autoscaler of '${name}' counts a share of the requested ${metric.name}, and never scales while `
      + `${without.map((container: Wire) => `'${container.name}'`).join(', ')} requests none; give it 'resources.requests.${metric.name}' ('podOverride' for containers beside the component)`];
  });
}

function blocksDrains({ name, replicas = 1, autoscaling, keda, settings: { disruptionBudget } }: Component): string[] {
  const pods: number = autoscaling?.minReplicas ?? (keda ? Math.max(keda.scaledObject.minReplicaCount, 1) : replicas);
  if (!disruptionBudget || pods === 0) { return []; }
  const { minAvailable, maxUnavailable } = disruptionBudget;
  // Kubernetes rounds up.
  const amount = (value: string | number) => (typeof value === 'string' && value.endsWith('%') ? Math.ceil(pods * parseFloat(value) / 100) : Number(value));
  const taken = maxUnavailable === undefined ? pods - amount(minAvailable) : amount(maxUnavailable);
  return taken > 0 ? [] : [`'podDisruptionBudget' of '${name}' lets no pod go while there ${pods === 1 ? 'is one' : `are ${pods}`}, so that a node with it is never drained; `
    + 'write maxUnavailable: 1, or have more pods'];
}
