import { ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { AirflowTask } from './airflow-task';
import { DagTaskOptions } from './dag-task-options';
import type { PythonNames } from './private/dag-python';
import { dagSparkOperator } from './private/dag-spark-operator';
import { onlyThroughRunner } from './private/pod-task-parts';
import { refuseSparkCredentials, SPARK_PROP_TYPES, sparkTemplate, unknownSparkProp } from './private/spark-props';
import { taskConflicts } from './private/task-conflicts';
import { TaskReader } from './private/task-reader';
import { SparkTaskProps } from './spark-task-props';
import { XComReference } from './xcom-reference';
import { AirflowVersion } from '../airflow/version';
import { hasJinja, pulledTaskIds } from '../pod/jinja';
import { NAME_LENGTH, slugName } from '../pod/names';
import { podTexts } from '../pod/pod-path';
import { PythonCall } from '../pod/python';
import { toWire } from '../pod/schema';
import { SPARK_API_VERSION, SPARK_KIND, sparkApplication, SparkConnection } from '../pod/spark-application';
import { TASK_ANNOTATION, TaskAnnotation } from '../pod/task-annotation';
import { withoutNull } from '../private/known-props';
import { checkPropTypes } from '../private/prop-types';
import { warnAtSynth } from '../private/warnings';

const SPARK_TASK = Symbol.for('cdk8s-airflow.SparkTask');

/**
 * A task that runs a Spark program: SparkKubernetesOperator's SparkApplication, of the Spark operator.
 *
 * The runtime creates the application, follows its state and the driver's log, and deletes it. `DagFile` gives it to Airflow's operator.
 *
 * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html#sparkkubernetesoperator
 */
export class SparkTask extends AirflowTask {
  /** True for a {@link SparkTask}, also one of another copy of this package. */
  public static isSparkTask(x: any): x is SparkTask {
    return x !== null && typeof x === 'object' && SPARK_TASK in x;
  }

  /** The task's id, unique in a run. */
  public readonly taskId: string;

  /** The name of the object; the runner adds `-` and eight characters for the application. */
  public readonly name: string;

  /** The kind of object that is synthesised. */
  public readonly renderAs: string;

  /** Ids of the tasks that must have ended with success first, sorted. */
  public readonly dependsOn: string[];

  /** The namespace of the application; undefined where neither the props, the template nor the chart names one. */
  public readonly namespace?: string;

  /** @internal */
  public readonly _annotation: TaskAnnotation;

  /** @internal */
  public readonly _application: { readonly metadata: any; readonly spec: any; readonly connection: SparkConnection };

  private readonly doXcomPush: boolean;

  constructor(scope: Construct, id: string, written: SparkTaskProps) {
    super(scope, id);
    Object.defineProperty(this, SPARK_TASK, { value: true });
    const read = new TaskReader(this.node.path);
    const props = withoutNull(written);
    const problem = unknownSparkProp(props);
    if (problem !== undefined) { read.fail(problem); }
    read.guarded(() => checkPropTypes(props, SPARK_PROP_TYPES));

    this.taskId = read.taskId(props.taskId ?? id);
    this.renderAs = read.oneOf('renderAs', props.renderAs ?? SPARK_KIND, [SPARK_KIND, 'none']);
    this.doXcomPush = props.doXcomPush ?? false;
    const hardening = props.hardening ?? true;
    this._application = read.guarded(() => sparkApplication({
      ...sparkTemplate(props),
      image: props.image || undefined,
      codePath: props.codePath || undefined,
      xcom: this.doXcomPush ? {
        image: props.xcomSidecarContainerImage,
        securityContext: toWire('SecurityContext', props.xcomSidecarContainerSecurityContext, 'xcomSidecarContainerSecurityContext'),
        hardening,
      } : undefined,
    }));
    const { metadata: { name, namespace, ...metadata }, spec } = this._application;
    if (hardening) { read.guarded(() => refuseSparkCredentials(spec)); }
    // The operator cuts the text before it makes a name of it.
    this.name = read.guarded(() => slugName((props.name || name || this.taskId).slice(0, NAME_LENGTH).replace(/^[-.]+|[-.]+$/g, '')));
    this.namespace = props.namespace || namespace || Chart.of(this).namespace;

    const texts = podTexts([spec, metadata]).map(({ text }) => text).join('\n');
    this.dependsOn = [...new Set([...(props.dependsOn ?? []).map(task => task.taskId), ...pulledTaskIds(texts)])].sort();
    if (this.dependsOn.includes(this.taskId)) { read.fail(`task '${this.taskId}' waits for itself: it pulls its own XCom; name another task`); }
    const retries = read.wholeNumber('retries', props.retries ?? 0, 0);
    this._annotation = {
      version: 1,
      taskId: this.taskId,
      dependsOn: this.dependsOn,
      retries,
      doXcomPush: this.doXcomPush,
      xcomMode: 'airflow',
      startupTimeoutSeconds: read.positive('startupTimeoutSeconds', props.startupTimeoutSeconds ?? 600),
      onFinishAction: props.deleteOnTermination ?? true ? 'delete_pod' : 'keep_pod',
    };
    this.node.addValidation({ validate: () => taskConflicts(this) });
    if (this.renderAs === 'none') { return; }
    new ApiObject(this, 'Resource', {
      apiVersion: SPARK_API_VERSION,
      kind: SPARK_KIND,
      metadata: {
        ...metadata,
        name: this.name,
        ...(this.namespace === undefined ? {} : { namespace: this.namespace }),
        annotations: { ...metadata.annotations, [TASK_ANNOTATION]: JSON.stringify(this._annotation) },
      },
      spec,
    });
    const only = [...(hasJinja(texts) ? ['Jinja'] : []), ...(this.dependsOn.length > 0 ? ['dependsOn'] : []), ...(retries > 0 ? ['retries'] : [])];
    if (only.length > 0) {
      warnAtSynth(this, `${onlyThroughRunner(this.taskId, only)}: 'kubectl apply' runs this SparkApplication as written; use 'cdk8s-airflow run'`);
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

  /** @internal */
  public _operator(options: DagTaskOptions, version: AirflowVersion, names: PythonNames): PythonCall {
    return dagSparkOperator(this, options, version, names);
  }
}
