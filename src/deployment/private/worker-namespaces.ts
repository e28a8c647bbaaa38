import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { SecretKey } from '../../airflow/secret-ref';
import { PodReference, podReferences } from '../../pod/pod-references';
import { Component, Flow, Wire } from '../../private/component-graph';
import { pascal } from '../../private/pascal';
import { shown } from '../../private/prop-types';
import { Owner } from '../../private/workload';

/** Throws where a text is no name of a namespace. `path` is the prop. */
export function assertNamespace(name: string, path: string): void {
  if (typeof name !== 'string' || name.length > 63 || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
    throw new Error(`'${path}' must be the name of a namespace, at most 63 lower-case letters, digits and '-', got ${shown(name)}`);
  }
}

/** Throws where a list does not hold names of namespaces, each once. `path` is the prop. */
export function assertNamespaces(namespaces: string[], path: string): void {
  namespaces.forEach((name, i) => {
    assertNamespace(name, `${path}[${i}]`);
    if (namespaces.indexOf(name) !== i) { throw new Error(`'${path}' names '${name}' twice; remove one`); }
  });
}

/** The namespaces, beside the deployment's own, in which task pods may be. */
export function workerNamespaces(own: string, namespaces: string[] = []): string[] {
  assertNamespaces(namespaces, 'workers.namespaces');
  if (namespaces.includes(own)) {
    throw new Error(`'workers.namespaces' names '${own}', the deployment's own, in which task pods may always be; remove it`);
  }
  return namespaces;
}

/** Components that are named together with their namespace. */
const KNOWN_EVERYWHERE = ['api-server', 'pgbouncer', 'statsd'];

/** Where task pods of another namespace look for a host by a name that only the deployment's namespace knows, they do not find it. */
function assertReached(owner: Owner, worker: Component): void {
  const short = (flow: Flow) => flow.kind === 'host' && !/[.:]/.test(flow.host) ? [flow.host]
    : flow.kind === 'component' && !KNOWN_EVERYWHERE.includes(flow.component) ? [`${owner.name}-${flow.component}`] : [];
  const hosts = worker.flows.flatMap(short);
  if (hosts.length > 0) {
    throw new Error(`'workers.namespaces': task pods connect to '${hosts[0]}', a name that only namespace '${owner.namespace}' knows; `
      + `write it with the namespace, such as '${hosts[0]}.${owner.namespace}', or leave 'workers.namespaces' out`);
  }
}

/**
 * Makes what task pods need in their other namespaces: copies of what the deployment makes for them, and their network policies.
 *
 * @param existing objects of the deployment
 * @param generated Secrets that only a Job in the deployment's namespace fills
 * @returns warnings of what must be there besides
 */
export function copyForWorkers(
  scope: Construct, owner: Owner, worker: Component, podSpec: any, policies: Wire[], existing: ApiObject[], generated: SecretKey[],
): string[] {
  assertReached(owner, worker);
  const needed = podReferences(podSpec);
  const secret = needed.find(({ kind, name }) => kind === 'Secret' && generated.some(made => made.name === name));
  if (secret) {
    throw new Error(`'workers.namespaces': a task of Airflow 2 reads Secret '${secret.name}', which is made in namespace '${owner.namespace}'; `
      + "give 'fernetKey' and 'secretKey' as SecretRef.external, or as SecretRef.existing with the same values in each namespace");
  }
  const source = ({ kind, name }: PodReference) => existing.find(object => object.metadata.namespace === owner.namespace && object.name === name
    && (object.kind === kind || (kind === 'Secret' && object.kind === 'ExternalSecret')));
  const stores = needed.flatMap(reference => {
    const store = source(reference)?.toJson().spec?.secretStoreRef;
    return store?.kind === 'SecretStore' ? [`SecretStore '${store.name}'`] : [];
  });
  const others = needed.filter(reference => !source(reference) || reference.kind === 'PersistentVolumeClaim').map(({ kind, name }) => `${kind} '${name}'`);
  const account = worker.settings.serviceAccountName;
  const missing = [...new Set([...(account === undefined ? [] : [`ServiceAccount '${account}'`]), ...others, ...stores])];
  for (const namespace of worker.namespaces!) {
    const there = new Construct(scope, namespace);
    policies.filter(policy => policy.metadata.namespace === namespace).forEach(policy => new ApiObject(there, 'NetworkPolicy', policy as any));
    for (const reference of needed) {
      const object = source(reference);
      if (!object || object.kind === 'PersistentVolumeClaim') { continue; }
      const { metadata, ...rest } = object.toJson();
      new ApiObject(there, `${object.kind}${pascal(object.name)}`, { ...rest, metadata: { ...metadata, namespace } });
    }
  }
  return missing.length === 0 ? []
    : [`'workers.namespaces': task pods in ${worker.namespaces!.map(name => `'${name}'`).join(', ')} need there: ${missing.join(', ')}`];
}
