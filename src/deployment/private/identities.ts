import { DeploymentContext } from './deployment-context';
import { Component, Flow, Wire } from '../../private/component-graph';

/** What is to be said where logs or DAGs are reached by an identity of a cloud, and a component that reaches them has none. */
export function withoutIdentity({ logs, dags }: Pick<DeploymentContext, 'logs' | 'dags'>, components: Component[]): string[] {
  const names = (reaches: (flow: Flow) => boolean) => components.filter(component => component.flows.some(reaches) && !hasIdentity(component))
    .map(({ name }) => `'${name}'`).join(', ');
  const buckets = (dags?.identityPeers ?? []).map(peer => JSON.stringify({ kind: 'host', ...peer }));
  const logging = logs.cloudIdentity ? names(flow => logs.flows.includes(flow)) : '';
  // The user interface, which reads logs, may reach the same server.
  const reading = names(flow => buckets.includes(JSON.stringify(flow)) && !logs.flows.includes(flow));
  return [
    ...(logging === '' ? [] : [`'logs' has no credential, and ${logging} no identity of a cloud to write or read `
      + "them with; give 'logs' a credential, or these components 'cloudIdentity'"]),
    ...(reading === '' ? [] : [`'dags' has a bucket without a 'connection', and ${reading} no identity of a cloud to read it with; `
      + "give the bucket a 'connection', or these components 'cloudIdentity'"]),
  ];
}

function hasIdentity({ settings, containers: [{ env = [] }] }: Component): boolean {
  return [settings.serviceAccountName, settings.serviceAccountAnnotations, settings.identityFlows, settings.envFrom].some(Boolean)
    || env.some(({ name }: Wire) => /^(AWS|GOOGLE|AZURE)_/.test(name));
}
