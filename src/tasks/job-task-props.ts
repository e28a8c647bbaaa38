import { TaskPodProps } from './task-pod-props';
import * as kplus from '../private/kplus';

/**
 * The parameters of a {@link JobTask}: KubernetesJobOperator's own names in camelCase, beside those of KubernetesPodOperator, which shape its pods.
 * What no parameter says, such as `podFailurePolicy`, goes into `fullJobSpec`.
 *
 * `onFinishAction` is for the Job together with its pods: by default it is deleted when the run has ended, or at once where it failed. A Job with
 * `ttlSecondsAfterFinished` is left to Kubernetes.
 */
export interface JobTaskProps extends TaskPodProps {
  /**
   * Path of a YAML file with a Job, the lowest layer; read at synth, from the working directory where it is relative. The layers above win: `fullJobSpec`,
   * then the layers of the pod and the parameters. Jinja in it is refused: the operator does not render it.
   *
   * @default - none
   */
  readonly jobTemplateFile?: string;

  /**
   * A whole Job (`metadata` and `spec`), the layer between a template file and the parameters. Jinja in it is refused: the operator does not render it.
   *
   * @default - none
   */
  readonly fullJobSpec?: kplus.k8s.KubeJobProps | { [key: string]: any };

  /**
   * How many pods may fail before the Job has failed.
   *
   * @default - Kubernetes' own: 6
   */
  readonly backoffLimit?: number;

  /**
   * How completions are counted: `Indexed` gives each of the `completions` pods a number from 0 on, in `JOB_COMPLETION_INDEX`.
   *
   * @default - Kubernetes' own: `NonIndexed`
   * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode
   */
  readonly completionMode?: 'Indexed' | 'NonIndexed';

  /**
   * How many pods must succeed.
   *
   * @default - Kubernetes' own: one, or as many as `parallelism` says
   */
  readonly completions?: number;

  /**
   * How many pods may run at a time. 0 starts none, which nobody can wait for.
   *
   * @default - that of the layers below, else 1
   */
  readonly parallelism?: number;

  /**
   * Whether the Job's pods are found by `selector`.
   *
   * @default - false: Kubernetes makes a selector of its own
   */
  readonly manualSelector?: boolean;

  /**
   * How the Job's pods are found, with `manualSelector: true`.
   *
   * @default - Kubernetes makes one
   */
  readonly selector?: kplus.k8s.LabelSelector | { [key: string]: any };

  /**
   * Whether the Job starts no pods until somebody, such as a {@link PatchJobTask}, sets this to false.
   *
   * @default - false
   */
  readonly suspend?: boolean;

  /**
   * Seconds after which Kubernetes deletes the Job when it has ended.
   *
   * @default - never
   */
  readonly ttlSecondsAfterFinished?: number;

  /**
   * Whether the task ends with the Job. Otherwise it ends as soon as the Job is made, which then goes its own way: it has no log and no XCom of its pods, and is
   * deleted by nobody but by a run that is cancelled.
   *
   * @default false
   */
  readonly waitUntilJobComplete?: boolean;

  /**
   * Seconds between two looks at the Job in a generated DAG. The runner watches it instead.
   *
   * @default 10
   */
  readonly jobPollInterval?: number;

  /**
   * What becomes of the pods when the Job is deleted because the task is ended before its time.
   *
   * @default 'Foreground'
   */
  readonly onKillPropagationPolicy?: 'Foreground' | 'Background' | 'Orphan';

  /**
   * How often a generated DAG looks again for the Job's pods, where not all are there. The runner watches them instead.
   *
   * @default 3
   */
  readonly discoverPodsRetryNumber?: number;

  /**
   * Whether the XCom of a Job with one pod is that pod's, and not a list of one.
   *
   * @default true
   */
  readonly unwrapSingle?: boolean;

  /**
   * The object that is synthesised. A `Job` runs as soon as it is applied; `none` synthesises nothing. Not a parameter of KubernetesJobOperator.
   *
   * @default 'Job'
   */
  readonly renderAs?: 'Job' | 'none';
}
