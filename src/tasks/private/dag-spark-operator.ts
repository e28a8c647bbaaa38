import { operatorNamespace } from './action-task';
import { optionArgs } from './dag-operator';
import { PythonNames } from './dag-python';
import { AirflowVersion } from '../../airflow/version';
import { PythonCall } from '../../pod/python';
import { SPARK_API_VERSION, SPARK_KIND, SparkConnection } from '../../pod/spark-application';
import { TaskAnnotation } from '../../pod/task-annotation';
import { DagTaskOptions } from '../dag-task-options';

interface OperatorSparkTask {
  readonly taskId: string;
  readonly name: string;
  readonly namespace?: string;
  readonly _annotation: TaskAnnotation;
  readonly _application: { readonly metadata: any; readonly spec: any; readonly connection: SparkConnection };
}

/** The task as SparkKubernetesOperator: the finished application as its template, which it renders whole. */
export function dagSparkOperator(task: OperatorSparkTask, options: DagTaskOptions, version: AirflowVersion, names: PythonNames): PythonCall {
  const { doXcomPush, retries, startupTimeoutSeconds, onFinishAction } = task._annotation;
  const { metadata: { name: _, namespace: __, ...metadata }, spec, connection } = task._application;
  // This operator knows only the older name.
  const { reattachOnRestart, ...others } = options;
  return new PythonCall(names.imported('airflow.providers.cncf.kubernetes.operators.spark_kubernetes.SparkKubernetesOperator'), {
    task_id: task.taskId,
    name: task.name,
    namespace: noFile(operatorNamespace(task)),
    template_spec: noFile({
      spark: { apiVersion: SPARK_API_VERSION, kind: SPARK_KIND, ...(Object.keys(metadata).length > 0 ? { metadata } : {}), spec },
    }),
    ...(doXcomPush ? { do_xcom_push: true } : {}),
    ...(onFinishAction === 'delete_pod' ? {} : { delete_on_termination: false }),
    ...(startupTimeoutSeconds === 600 ? {} : { startup_timeout_seconds: startupTimeoutSeconds }),
    ...(retries === 0 ? {} : { retries }),
    reattach_on_restart: reattachOnRestart,
    ...optionArgs({ ...connection, ...others }, version, names),
  });
}

/** The operator takes a text with one of these ends, such as an argument `conf.yaml`, for the name of a file with a template, and fails; so it ends in another way. */
function noFile<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_, text) => typeof text === 'string' && /(yaml|yml|json)$/.test(text) ? `${text}{{ '' }}` : text);
}
