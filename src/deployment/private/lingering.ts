import { Component } from '../../private/component-graph';

/** What is to be said where a pod that should end has a further container of the user's, which may run on. */
export function lingering(components: Component[]): string[] {
  const ending = components.filter(({ workload }) => workload === 'Job' || workload === 'CronJob' || workload === 'Pod');
  return ending.flatMap(({ containers, settings: { source, containers: added = [], override } }) => {
    const names = new Set([...added, ...override?.spec?.containers ?? []].map(({ name }) => name));
    return [...names].filter(name => containers.every(own => own.name !== name)).map(name =>
      `the container '${name}' of '${source}' keeps its pod running after '${containers[0].name}' has ended, unless it ends by itself; as a sidecar it ends with the pod: `
      + "write it into 'initContainers' with restartPolicy: 'Always'");
  });
}
