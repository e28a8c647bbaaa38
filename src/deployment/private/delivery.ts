import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { AirflowComponent } from '../airflow-component';

const DELIVERIES = ['kubectl', 'argocd', 'flux', 'helm'] as const;

const WAVE = 'argocd.argoproj.io/sync-wave';
/** Component → the wave after which it comes; all others come at the end. Objects that nothing runs in are in wave 0. */
const WAVES: { [component: string]: string } = { 'secret-bootstrap': '1', 'pgbouncer': '1', 'migration': '2' };
const LAST_WAVE = '3';
/** What Argo CD takes for unhealthy until a pod mounts it, or a load balancer or router has taken it up: in an earlier wave it would hold up those pods. */
const WAITING = ['HTTPRoute', 'Ingress', 'PersistentVolumeClaim', 'Route', 'Service'];

/** What a tool needs to be told of an order that our pods keep by themselves. */
export function deliver(delivery: string | undefined, components: AirflowComponent[], parts: (Construct | undefined)[]): void {
  if (delivery !== undefined && !(DELIVERIES as readonly string[]).includes(delivery)) {
    throw new Error(`'delivery' must be one of ${DELIVERIES.map(known => `'${known}'`).join(', ')}, got '${delivery}'`);
  }
  if (delivery === 'argocd') {
    parts.flatMap(part => part?.node.findAll() ?? []).filter((node): node is ApiObject => ApiObject.isApiObject(node) && WAITING.includes(node.kind))
      .forEach(object => object.metadata.addAnnotation(WAVE, LAST_WAVE));
  }
  for (const component of components) {
    if (delivery === 'argocd') {
      // An autoscaler is unhealthy as long as its target is not there, and would hold up the waves.
      const objects = component.node.findAll().filter((node): node is ApiObject => ApiObject.isApiObject(node));
      objects.filter(object => object !== component.service && object !== component.networkPolicy)
        .forEach(object => object.metadata.addAnnotation(WAVE, WAVES[component.componentName] ?? LAST_WAVE));
    }
  }
}
