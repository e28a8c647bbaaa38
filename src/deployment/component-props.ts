import * as kplus from '../private/kplus';
import { AirflowPodProps } from '../tasks/airflow-pod-props';

/** What can be set on a component that stays. */
export interface ComponentProps extends AirflowPodProps {
  /**
   * Number of pods; more than one brings a PodDisruptionBudget.
   *
   * @default 1
   */
  readonly replicas?: number;

  /**
   * How many pods a node drain may take: `maxUnavailable` or `minAvailable`, and `unhealthyPodEvictionPolicy`. The selector is the deployment's.
   *
   * @default - `{ maxUnavailable: 1 }` where there is more than one pod; none for a single pod, which would block the drain or do nothing
   */
  readonly podDisruptionBudget?: kplus.k8s.PodDisruptionBudgetSpec | { [key: string]: any };

  /**
   * How pods are replaced: the `strategy` of a Deployment, the `updateStrategy` of a StatefulSet (triggerer; scheduler under LocalExecutor).
   *
   * @default - the API server or webserver: a new pod before an old one goes; others: Kubernetes' own
   */
  readonly strategy?: kplus.k8s.DeploymentStrategy | kplus.k8s.StatefulSetUpdateStrategy | { [key: string]: any };

  /**
   * How many old ReplicaSets or ControllerRevisions are kept.
   *
   * @default - Kubernetes' own: 10
   */
  readonly revisionHistoryLimit?: number;

  /**
   * Fields of the liveness probe over those of the component's own; another handler (`exec`, `httpGet` …) takes the place of its handler.
   *
   * @default - scheduler, API server and webserver by HTTP, others by `airflow jobs check`
   */
  readonly livenessProbe?: kplus.k8s.Probe | { [key: string]: any };

  /**
   * Fields of the readiness probe, in the same way.
   *
   * @default - API server and webserver by HTTP; others have none
   */
  readonly readinessProbe?: kplus.k8s.Probe | { [key: string]: any };

  /**
   * Fields of the startup probe, in the same way.
   *
   * @default - scheduler, API server and webserver by HTTP, ten minutes; others have none
   */
  readonly startupProbe?: kplus.k8s.Probe | { [key: string]: any };
}
