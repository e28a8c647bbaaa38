import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { Component, Wire } from '../private/component-graph';
import { autoscaler, disruptionBudget, kedaScaler, Owner, podSpecOf, service, workload } from '../private/workload';

/** One component of a deployment: its workload, and the objects that belong to it. `ApiObject.of(component)` is the workload. */
export class AirflowComponent extends Construct {
  /** @internal */
  public static _create(scope: Construct, id: string, owner: Owner, component: Component, annotations: Wire, policy?: Wire): AirflowComponent {
    return new AirflowComponent(scope, id, owner, component, annotations, policy);
  }

  /** Airflow's name for it, also the value of the label `app.kubernetes.io/component`. */
  public readonly componentName: string;

  /** The Deployment, StatefulSet, Job or CronJob. */
  public readonly workload: ApiObject;

  /** The Service, where the component offers ports. */
  public readonly service?: ApiObject;

  /** The HorizontalPodAutoscaler, where there is one. */
  public readonly autoscaler?: ApiObject;

  /** The ScaledObject, where KEDA chooses the number of pods. */
  public readonly scaledObject?: ApiObject;

  /** The PodDisruptionBudget, where there is more than one pod or it was asked for. */
  public readonly disruptionBudget?: ApiObject;

  /** The NetworkPolicy, unless they are switched off. */
  public readonly networkPolicy?: ApiObject;

  /** The spec of its pods, before patches. @internal */
  public readonly _podSpec: Wire;

  private constructor(scope: Construct, id: string, owner: Owner, component: Component, annotations: Wire, policy?: Wire) {
    super(scope, id);
    const object = (name: string, wire: Wire) => new ApiObject(this, name, wire as any);
    this.componentName = component.name;
    if (policy) { this.networkPolicy = object('NetworkPolicy', policy); }
    if (component.service) { this.service = object('Service', service(owner, component)); }
    if (component.autoscaling) { this.autoscaler = object('Autoscaler', autoscaler(owner, component)); }
    if (component.keda) {
      const { scaledObject, triggerAuthentication } = kedaScaler(owner, component, component.keda);
      object('TriggerAuthentication', triggerAuthentication);
      this.scaledObject = object('ScaledObject', scaledObject);
    }
    if ((component.autoscaling?.maxReplicas ?? component.keda?.scaledObject.maxReplicaCount ?? component.replicas ?? 1) > 1 || component.settings.disruptionBudget) { this.disruptionBudget = object('DisruptionBudget', disruptionBudget(owner, component)); }
    const manifest = workload(owner, component, annotations);
    this.workload = object('Resource', manifest);
    this._podSpec = podSpecOf(manifest);
  }
}
