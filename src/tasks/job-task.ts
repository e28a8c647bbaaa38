import { ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { AirflowTask } from './airflow-task';
import { DagTaskOptions } from './dag-task-options';
import { JobTaskProps } from './job-task-props';
import { isBestEffort, warnBestEffort } from './private/best-effort';
import { dagJobOperator } from './private/dag-job-operator';
import type { PythonNames } from './private/dag-python';
import { jobLayers } from './private/job-layers';
import { JOB_TASK_PROPS } from './private/known-props';
import { checkPlacement } from './private/placement';
import { onlyThroughRunner, podTaskParts } from './private/pod-task-parts';
import { taskConflicts } from './private/task-conflicts';
import { TaskReader } from './private/task-reader';
import { XComReference } from './xcom-reference';
import { AirflowVersion } from '../airflow/version';
import { jobName, taskJob, TaskJobOptions, templateLayers } from '../pod/job';
import { slug, slugName } from '../pod/names';
import { PythonCall } from '../pod/python';
import { PROPAGATION_POLICIES, TASK_ANNOTATION, TaskAnnotation } from '../pod/task-annotation';
import { warnAtSynth, warnWhenComplete } from '../private/warnings';

const JOB_TASK = Symbol.for('cdk8s-airflow.JobTask');

/**
 * A task that is a Kubernetes Job: KubernetesJobOperator's Job, with its parameters under their own names.
 *
 * The runtime makes the Job once, and with `waitUntilJobComplete` follows its pods, judges it by its conditions and collects the XComs of the pods that
 * succeeded: one, or a list in the order of the indexes of an `Indexed` Job, else of their making.
 *
 * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html#kubernetesjoboperator
 */
export class JobTask extends AirflowTask {
  /** True for a {@link JobTask}, also one of another copy of this package. */
  public static isJobTask(x: any): x is JobTask {
    return x !== null && typeof x === 'object' && JOB_TASK in x;
  }

  public readonly taskId: string;

  /** The name of the Job, `job-` at its begin; the runner adds `-` and eight characters. */
  public readonly name: string;

  public readonly renderAs: string;

  public readonly dependsOn: string[];

  public readonly namespace?: string;

  /** @internal */
  public readonly _options: TaskJobOptions;

  /** @internal */
  public readonly _annotation: TaskAnnotation;

  /** @internal */
  public readonly _props: JobTaskProps;

  /** True where its pods ask for neither CPU nor memory. @internal */
  public readonly _bestEffort: boolean;

  constructor(scope: Construct, id: string, written: JobTaskProps) {
    super(scope, id);
    Object.defineProperty(this, JOB_TASK, { value: true });
    const read = new TaskReader(this.node.path);
    const props = read.knownProps(written, JOB_TASK_PROPS, 'JobTaskProps');
    this._props = props;

    this.taskId = read.taskId(props.taskId ?? id);
    this.renderAs = read.oneOf('renderAs', props.renderAs ?? 'Job', ['Job', 'none']);
    const waits = read.flag('waitUntilJobComplete', props.waitUntilJobComplete) ?? false;
    const layers = read.guarded(() => jobLayers(props));
    const number = (prop: 'backoffLimit' | 'completions' | 'parallelism' | 'ttlSecondsAfterFinished') =>
      props[prop] === undefined ? undefined : read.wholeNumber(prop, props[prop], 0);
    const pod = read.podOptions(props, templateLayers(layers));
    this._options = {
      layers,
      pod,
      parameters: {
        backoffLimit: number('backoffLimit'),
        completionMode: read.choice('completionMode', props.completionMode, ['Indexed', 'NonIndexed']),
        completions: number('completions'),
        manualSelector: read.flag('manualSelector', props.manualSelector),
        parallelism: number('parallelism'),
        selector: read.wire('LabelSelector', 'selector', props.selector),
        suspend: read.flag('suspend', props.suspend),
        ttlSecondsAfterFinished: number('ttlSecondsAfterFinished'),
      },
    };
    if (props.jobPollInterval !== undefined) { read.positive('jobPollInterval', props.jobPollInterval); }
    if (props.discoverPodsRetryNumber !== undefined) { read.wholeNumber('discoverPodsRetryNumber', props.discoverPodsRetryNumber, 0); }
    const { metadata: { name, namespace, labels, annotations, ...others }, spec } = read.guarded(() => taskJob(this._options));
    if (waits && spec.parallelism === 0) { read.fail("'parallelism' of 0 starts no pod, so that 'waitUntilJobComplete: true' would wait for ever; give at least 1"); }
    if (pod.doXcomPush && !waits) { read.fail("'doXcomPush: true' needs 'waitUntilJobComplete: true': nobody reads the XCom of a Job that nobody waits for"); }

    const { annotation, runnerOnly, advice, vain } = podTaskParts(read, this.taskId, props, pod, [labels, annotations]);
    const given = props.name ?? name;
    this.name = jobName(given === undefined || given === '' || annotation.name !== undefined ? slug(this.taskId) : read.guarded(() => slugName(given)));
    this.namespace = props.namespace || namespace || Chart.of(this).namespace;
    this.dependsOn = annotation.dependsOn;
    advice.forEach(message => warnAtSynth(this, message));
    if (this.dependsOn.length > 0) { warnWhenComplete(this, () => vain(this)); }
    this._bestEffort = isBestEffort(spec.template.spec);
    warnBestEffort(this);
    checkPlacement(this, () => [[`a pod of task '${this.taskId}'`, spec.template.spec]]);
    const policy = read.choice('onKillPropagationPolicy', props.onKillPropagationPolicy, PROPAGATION_POLICIES) ?? 'Foreground';
    this._annotation = {
      ...annotation,
      ...(waits ? {} : { wait: false }),
      ...(policy === 'Foreground' ? {} : { onKillPropagationPolicy: policy }),
      ...(read.flag('unwrapSingle', props.unwrapSingle) ?? true ? {} : { unwrapSingle: false }),
    };
    this.node.addValidation({ validate: () => taskConflicts(this) });
    if (this.renderAs === 'none') { return; }
    new ApiObject(this, 'Resource', {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: this.name,
        ...(this.namespace === undefined ? {} : { namespace: this.namespace }),
        ...others,
        ...(labels ? { labels } : {}),
        annotations: { ...annotations, [TASK_ANNOTATION]: JSON.stringify(this._annotation) },
      },
      spec,
    });
    if (runnerOnly.length > 0) {
      warnAtSynth(this, `${onlyThroughRunner(this.taskId, runnerOnly)}: 'kubectl apply' runs this Job as written; `
        + "use 'cdk8s-airflow run', or set renderAs: 'none' for a task of a DagFile");
    }
  }

  /**
   * The XCom of the Job's pods, for use in another task: of the only one, or a list.
   *
   * @throws Error where the task pushes none.
   */
  public get output(): XComReference {
    if (!this._options.pod.doXcomPush) {
      throw new Error(`[${this.node.path}] 'output' of task '${this.taskId}' is used, but it pushes no XCom; set 'doXcomPush: true'`);
    }
    return new XComReference(this.taskId);
  }

  /** The name of the Job that a run makes, for use in another task. */
  public get jobName(): XComReference {
    return XComReference._of(this.taskId, 'job_name');
  }

  /** The namespace of the Job that a run makes, for use in another task. */
  public get jobNamespace(): XComReference {
    return XComReference._of(this.taskId, 'job_namespace');
  }

  /** The Job itself as the operator pushes it, fields in snake_case, for use in another task: `task.job.get('status').get('succeeded')`. */
  public get job(): XComReference {
    return XComReference._of(this.taskId, 'job');
  }

  /** @internal */
  public _operator(options: DagTaskOptions, version: AirflowVersion, names: PythonNames, dagId: string): PythonCall {
    return dagJobOperator(this, options, version, names, dagId);
  }
}
