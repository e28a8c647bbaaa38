/** Wire JSON of a part of a pod. */
export interface Wire { [key: string]: any }

/** What a container gets from one thing that it needs (a database, a key, a folder), and the volumes that go with it. */
export interface Parts {
  readonly env?: Wire[];
  readonly volumeMounts?: Wire[];
  readonly volumes?: Wire[];
}

/** The specs of a ScaledObject, without the target, and of its TriggerAuthentication. */
export interface KedaScaler {
  readonly scaledObject: Wire;
  readonly triggerAuthentication: Wire;
}

/** @default 'TCP' */
export type Protocol = 'TCP' | 'UDP';

/** A connection to something outside of the deployment. */
export interface HostFlow {
  readonly kind: 'host';
  readonly host: string;
  readonly port: number;
  readonly cidrs?: string[];
  readonly protocol?: Protocol;
}

/** A connection that a component opens. */
export type Flow =
  | { readonly kind: 'component'; readonly component: string; readonly port: number; readonly protocol?: Protocol }
  | HostFlow
  /** The user's own code runs there and may go where it wants. */
  | { readonly kind: 'anywhere' };

/** One rule of a Role. */
export interface PolicyRule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly resourceNames?: string[];
  readonly verbs: string[];
}

/** Rules in a namespace that is not the deployment's. */
export interface NamespaceRules {
  readonly namespace: string;
  readonly rules: PolicyRule[];
}

/** A port that other components, or the outside, connect to. */
export interface Port {
  readonly name: string;
  readonly port: number;
  readonly protocol?: Protocol;
  /** Who connects to it from outside of the deployment, as peers of a NetworkPolicy. */
  readonly from?: Wire[];
}

/** What a user may set on a component, as wire JSON. */
export interface PodSettings {
  /** The prop that holds it, for messages. */
  readonly source?: string;
  readonly labels?: { [key: string]: string };
  readonly annotations?: { [key: string]: string };
  readonly nodeSelector?: { [key: string]: string };
  readonly tolerations?: Wire[];
  readonly affinity?: Wire;
  readonly topologySpreadConstraints?: Wire[];
  readonly priorityClassName?: string;
  readonly schedulerName?: string;
  readonly runtimeClassName?: string;
  readonly hostAliases?: Wire[];
  readonly terminationGracePeriodSeconds?: number;
  readonly serviceAccountName?: string;
  readonly serviceAccountAnnotations?: { [key: string]: string };
  /** Connections by which the ServiceAccount becomes an identity of a cloud. */
  readonly identityFlows?: Flow[];
  readonly envFrom?: Wire[];
  readonly lifecycle?: Wire;
  /** By the name of their field. */
  readonly probes?: { [probe: string]: Wire };
  readonly volumes?: Wire[];
  readonly volumeMounts?: Wire[];
  readonly containers?: Wire[];
  readonly initContainers?: Wire[];
  /** A pod that is merged over the finished one. */
  readonly override?: Wire;
  /** Paths of what is taken out at last. */
  readonly unset?: string[];
  /** Of the PodDisruptionBudget; it is made without it, too, where there are several pods. */
  readonly disruptionBudget?: Wire;
}

/** The parts of Airflow that differ in what they read of airflow.cfg. `tasks` run in Celery workers and in the scheduler of LocalExecutor. */
export type ConfigReader = 'scheduler' | 'ui' | 'dag-processor' | 'triggerer' | 'celery-worker' | 'tasks';

/** What one component runs, needs, offers and may do: the only place where any of it is written. */
export interface Component {
  /** Airflow's name for it: the component label and the end of its objects' names. */
  readonly name: string;
  /** A `Pod` is made by Airflow from a template. */
  readonly workload: 'Deployment' | 'StatefulSet' | 'Job' | 'CronJob' | 'Pod';
  readonly replicas?: number;
  /** The spec of its HorizontalPodAutoscaler, without the target; `replicas` is then absent. */
  readonly autoscaling?: Wire;
  /** What KEDA scales it by; `replicas` is then absent, too. */
  readonly keda?: KedaScaler;
  readonly initContainers?: Wire[];
  /** The first one is the component; the others are its sidecars. */
  readonly containers: Wire[];
  readonly volumes: Wire[];
  readonly ports?: Port[];
  /** How the ports are reached: by one address, or pod by pod. */
  readonly service?: 'ClusterIP' | 'headless';
  /** True where the ports are open to the outside as well. */
  readonly exposed?: boolean;
  readonly flows: Flow[];
  /** What the first container does at the Kubernetes API; it alone gets a token, and only where there are any. */
  readonly rules?: PolicyRule[];
  /** The same in other namespaces. */
  readonly rulesElsewhere?: NamespaceRules[];
  /** Spec fields of the workload, such as its update strategy. */
  readonly workloadSpec?: Wire;
  readonly terminationGracePeriodSeconds?: number;
  /** As what it reads airflow.cfg, so that only changes of what it reads replace its pods; all of it where it does not say. */
  readonly readsConfigAs?: ConfigReader[];
  /** Where its pods may be beside the deployment's namespace; of pods that Airflow makes. */
  readonly namespaces?: string[];
  readonly pullSecrets: string[];
  readonly settings: PodSettings;
}

/** True for a component that speaks to the Kubernetes API. */
export function usesKubernetesApi(component: Component): boolean {
  return (component.rules ?? []).length + (component.rulesElsewhere ?? []).length > 0;
}

/** A component that connects to another one. */
export interface Caller {
  readonly from: string;
  readonly port: number;
  /** Where its pods may be beside the deployment's namespace. */
  readonly namespaces: string[];
}

/** All components of one deployment. */
export class ComponentGraph {
  private readonly byName = new Map<string, Component>();

  constructor(components: Component[]) {
    components.forEach(component => this.byName.set(component.name, component));
    for (const component of components) {
      for (const flow of component.flows) {
        if (flow.kind === 'component' && !this.get(flow.component)?.ports?.some(port => port.port === flow.port)) {
          throw new Error(`component '${component.name}' connects to port ${flow.port} of '${flow.component}', which does not offer it`);
        }
      }
    }
  }

  public get components(): Component[] {
    return [...this.byName.values()];
  }

  public get(name: string): Component | undefined {
    return this.byName.get(name);
  }

  /** Who connects to a component, in the order of the graph. */
  public callersOf(name: string): Caller[] {
    return this.components.flatMap(component => component.flows
      .filter(flow => flow.kind === 'component' && flow.component === name)
      .map(flow => ({ from: component.name, port: (flow as { port: number }).port, namespaces: component.namespaces ?? [] })));
  }
}
