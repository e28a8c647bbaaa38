import { ApiObject, Chart, Yaml } from 'cdk8s';
import { Construct } from 'constructs';
import { AirflowTask } from './airflow-task';
import { DagTaskOptions } from './dag-task-options';
import { PodTaskProps } from './pod-task-props';
import { isBestEffort, warnBestEffort } from './private/best-effort';
import { dagOperator } from './private/dag-operator';
import type { PythonNames } from './private/dag-python';
import { readExpansion } from './private/expansion-reader';
import { checkPlacement } from './private/placement';
import { onlyThroughRunner, podTaskParts } from './private/pod-task-parts';
import { taskConflicts } from './private/task-conflicts';
import { TaskReader } from './private/task-reader';
import { XComReference } from './xcom-reference';
import { AirflowVersion } from '../airflow/version';
import { LABEL_LENGTH, layerName, slug, slugName } from '../pod/names';
import { templateFilePod } from '../pod/operator-pod';
import { PythonCall } from '../pod/python';
import { qosClass } from '../pod/qos';
import { TASK_ANNOTATION, TaskAnnotation } from '../pod/task-annotation';
import { TaskPodOptions } from '../pod/task-pod-options';
import { XCOM_SIDECAR_NAME } from '../pod/xcom';
import { warnAtSynth, warnWhenComplete } from '../private/warnings';

const POD_TASK = Symbol.for('cdk8s-airflow.PodTask');

/**
 * A task that runs in a pod of its own: KubernetesPodOperator's pod, with its parameters under their own names.
 *
 * Applying the manifest runs the pod; the runtime (`cdk8s-airflow run`) also orders tasks, retries them, fills in XComs and collects the result.
 *
 * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html
 */
export class PodTask extends AirflowTask {
  /** True for a {@link PodTask}, also one of another copy of this package. */
  public static isPodTask(x: any): x is PodTask {
    return x !== null && typeof x === 'object' && POD_TASK in x;
  }

  /** The task's id, unique in a run. */
  public readonly taskId: string;

  /** The name of the object; the runner adds `-` and eight characters for the pod. Where `name` holds Jinja, a slug of the task id. */
  public readonly name: string;

  /** The kind of object that is synthesised. */
  public readonly renderAs: string;

  /** Ids of the tasks that must have ended with success first, sorted. */
  public readonly dependsOn: string[];

  /** The namespace of the pod; undefined where neither the props nor the chart names one. */
  public readonly namespace?: string;

  /** The pod's class of service: `BestEffort`, `Burstable` or `Guaranteed`. With Jinja in quantities it may be another one when the pod runs. */
  public readonly qosClass: string;

  /** @internal */
  public readonly _options: TaskPodOptions;

  /** @internal */
  public readonly _annotation: TaskAnnotation;

  /** True where it asks for neither CPU nor memory. @internal */
  public readonly _bestEffort: boolean;

  private readonly doXcomPush: boolean;

  constructor(scope: Construct, id: string, written: PodTaskProps) {
    super(scope, id);
    Object.defineProperty(this, POD_TASK, { value: true });
    const read = new TaskReader(this.node.path);
    const props = read.knownProps(written);

    this.taskId = read.taskId(props.taskId ?? id);
    this.renderAs = read.oneOf('renderAs', props.renderAs ?? 'Pod', ['Pod', 'PodTemplate', 'none']);
    this.doXcomPush = props.doXcomPush ?? false;

    const { options, expansion } = readExpansion(read, props);
    this._options = options;
    const { pod, annotation: task, runnerOnly, advice, vain } = podTaskParts(read, this.taskId, props, options, undefined, expansion);
    const { metadata: { name, namespace, labels, annotations, ...others }, spec } = pod;
    const whole = task.randomNameSuffix === false;
    this.name = name === undefined || task.name !== undefined ? slug(this.taskId, whole ? LABEL_LENGTH : undefined)
      : read.guarded(() => (name === options.parameters.name ? slugName : layerName)(name, whole ? name.length : undefined));
    this.namespace = namespace ?? Chart.of(this).namespace;
    this.dependsOn = task.dependsOn;
    advice.forEach(message => warnAtSynth(this, message));
    if (this.dependsOn.length > 0) { warnWhenComplete(this, () => vain(this)); }
    this._annotation = task;
    const podMetadata = {
      ...others,
      ...(labels ? { labels } : {}),
      annotations: { ...annotations, [TASK_ANNOTATION]: JSON.stringify(task) },
    };
    const metadata = { name: this.name, ...(namespace === undefined ? {} : { namespace }) };
    if (this.renderAs === 'Pod') {
      new ApiObject(this, 'Resource', { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, ...podMetadata }, spec });
    } else if (this.renderAs === 'PodTemplate') {
      const template = { metadata: podMetadata, spec };
      new ApiObject(this, 'Resource', {
        apiVersion: 'v1', kind: 'PodTemplate', metadata: { ...metadata, annotations: { [TASK_ANNOTATION]: JSON.stringify(task) } }, template,
      });
    }

    checkPlacement(this, () => [[`the pod of task '${this.taskId}'`, spec]]);
    this.qosClass = qosClass(spec);
    const withoutSidecar = (containers: any[] = []) => containers.filter(container => container.name !== XCOM_SIDECAR_NAME);
    if (this.qosClass === 'Burstable' && this.doXcomPush && options.xcomMode !== 'termination'
      && qosClass({ ...spec, containers: withoutSidecar(spec.containers), initContainers: withoutSidecar(spec.initContainers) }) === 'Guaranteed') {
      warnAtSynth(this, `the XCom sidecar has no limits, so that the pod of task '${this.taskId}' is Burstable and not Guaranteed: give the container `
        + "'airflow-xcom-sidecar' limits by 'podOverride', or take xcomMode 'termination', which has no sidecar");
    }
    this._bestEffort = isBestEffort(spec);
    warnBestEffort(this);
    this.node.addValidation({ validate: () => taskConflicts(this) });
    if (this.renderAs === 'Pod' && runnerOnly.length > 0) {
      warnAtSynth(this, `${onlyThroughRunner(this.taskId, runnerOnly)}: 'kubectl apply' runs this Pod as written; ` +
        "set renderAs: 'PodTemplate' for a manifest that can be applied without running, or use 'cdk8s-airflow run'");
    }
  }

  /**
   * The task's XCom, for use in another task.
   *
   * @throws Error where the task pushes none.
   */
  public get output(): XComReference {
    if (!this.doXcomPush) {
      throw new Error(`[${this.node.path}] 'output' of task '${this.taskId}' is used, but it pushes no XCom; set 'doXcomPush: true'`);
    }
    return new XComReference(this.taskId);
  }

  /**
   * The pod as the text of a `pod_template_file`, for KubernetesPodOperator in a DAG written by hand: `pod_template_file=` takes it by its path.
   *
   * It holds nothing for the XCom: with `do_xcom_push=True` the operator adds its own sidecar. The operator's arguments win over it, and of those one
   * that is not given: `termination_message_policy`, which is `File`.
   *
   * @throws Error where it would hold Jinja: the operator does not render a file.
   * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html
   */
  public toPodTemplateFile(): string {
    try {
      if (this._mapped) { throw new Error('a template file is one pod, and the task is mapped; put it into a DagFile'); }
      const { name: late } = this._annotation;
      if (late !== undefined) { throw new Error(`a template file would hold Jinja at 'metadata.name', where KubernetesPodOperator does not render it: ${late}; give the operator 'name' in the DAG`); }
      const { metadata: { name: _, namespace: __, ...metadata }, spec } = templateFilePod(this._options);
      const named = { name: this.name, ...(this.namespace === undefined ? {} : { namespace: this.namespace }), ...metadata };
      return Yaml.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: named, spec });
    } catch (error) {
      throw new Error(`[${this.node.path}] ${(error as Error).message}`, { cause: error });
    }
  }

  /** @internal */
  public get _mapped(): boolean {
    return this._annotation.expand !== undefined;
  }

  /** @internal */
  public _operator(options: DagTaskOptions, version: AirflowVersion, names: PythonNames, dagId: string): PythonCall {
    return dagOperator(this, options, version, names, dagId);
  }
}
