import { ComponentProps } from './component-props';
import * as kplus from '../private/kplus';

/** A HorizontalPodAutoscaler. */
export interface HorizontalAutoscaling {
  /**
   * Fewest pods.
   *
   * @default 1
   */
  readonly minReplicas?: number;

  /** Most pods. */
  readonly maxReplicas: number;

  /**
   * CPU use at which pods are added, in percent of the request.
   *
   * @default 50 where there are no `metrics`
   */
  readonly targetCpuUtilization?: number;

  /**
   * Other metrics, instead of CPU or beside it.
   *
   * @default - CPU only
   * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
   */
  readonly metrics?: (kplus.k8s.MetricSpecV2 | { [key: string]: any })[];

  /**
   * How fast it scales.
   *
   * @default - Kubernetes' own
   */
  readonly behavior?: kplus.k8s.HorizontalPodAutoscalerBehaviorV2 | { [key: string]: any };
}

/** What can be set on the API server (3.x) or webserver (2.11). */
export interface ApiServerProps extends ComponentProps {
  /**
   * Lets Kubernetes choose the number of pods. It needs a metrics server; `replicas` must not be given.
   *
   * @default - `replicas` pods
   */
  readonly autoscaling?: HorizontalAutoscaling;
}
