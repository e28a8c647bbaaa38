import { OperatorTask, podOperatorArgs } from './dag-operator';
import { PythonNames } from './dag-python';
import { AirflowVersion } from '../../airflow/version';
import { JOB_PREFIX, JobParameters, taskJob, TaskJobOptions } from '../../pod/job';
import { PythonCall, pythonModel, PythonValue } from '../../pod/python';
import { DagTaskOptions } from '../dag-task-options';
import { JobTaskProps } from '../job-task-props';

/** Parameters of KubernetesJobOperator by the fields of a Job's spec. */
const PARAMETERS: { readonly [field in keyof JobParameters]-?: readonly [parameter: string, type: string] } = {
  backoffLimit: ['backoff_limit', 'int32'],
  completionMode: ['completion_mode', 'string'],
  completions: ['completions', 'int32'],
  manualSelector: ['manual_selector', 'boolean'],
  parallelism: ['parallelism', 'int32'],
  selector: ['selector', 'LabelSelector'],
  suspend: ['suspend', 'boolean'],
  ttlSecondsAfterFinished: ['ttl_seconds_after_finished', 'int32'],
};

interface OperatorJobTask extends Omit<OperatorTask, '_options'> {
  readonly _options: TaskJobOptions;
  readonly _props: JobTaskProps;
}

/** The task as KubernetesJobOperator: the Job in its own parameters, and what no parameter says in `full_job_spec`. */
export function dagJobOperator(
  task: OperatorJobTask, options: DagTaskOptions, version: AirflowVersion, names: PythonNames, dagId: string,
): PythonCall {
  return new PythonCall(names.imported('airflow.providers.cncf.kubernetes.operators.job.KubernetesJobOperator'), jobOperatorArgs(task, options, version, names, dagId));
}

/** The parameters of KubernetesJobOperator and those made of it. */
export function jobOperatorArgs(
  task: OperatorJobTask, options: DagTaskOptions, version: AirflowVersion, names: PythonNames, dagId: string,
): { [parameter: string]: PythonValue | undefined } {
  const { metadata: { name: _, namespace: __, labels, annotations, ...otherMetadata }, spec } = taskJob(task._options);
  const { template: ___, activeDeadlineSeconds, ...fields } = spec;
  refuseHanging(task, options, fields);
  const own = task._options.pod.parameters;
  const less = (all: any, known: any) => Object.fromEntries(Object.entries(all ?? {}).filter(([key]) => !Object.hasOwn(known ?? {}, key)));
  // The operator's own default.
  const ofOperator = (field: string) => field === 'parallelism' && fields.parallelism === 1 && task._options.parameters.parallelism === undefined;
  const given = (Object.keys(PARAMETERS) as (keyof JobParameters)[]).filter(field => fields[field] !== undefined && !ofOperator(field));
  const restOfSpec = less(fields, PARAMETERS);
  if (activeDeadlineSeconds !== own.activeDeadlineSeconds) { restOfSpec.activeDeadlineSeconds = activeDeadlineSeconds; }
  const restOfMetadata = {
    ...otherMetadata,
    ...onlyFilled({ labels: less(labels, own.labels), annotations: less(annotations, own.annotations) }),
  };
  const hasRest = Object.keys(restOfSpec).length > 0 || Object.keys(restOfMetadata).length > 0;
  const { jobPollInterval, onKillPropagationPolicy, discoverPodsRetryNumber, unwrapSingle, waitUntilJobComplete } = task._props;
  const name = task._annotation.name ?? task.name.slice(JOB_PREFIX.length);
  const pod = podOperatorArgs({ ...task, _options: task._options.pod, name }, options, version, names, dagId);
  return {
    ...pod,
    name,
    ...Object.fromEntries(given.map(field => [PARAMETERS[field][0], pythonModel(PARAMETERS[field][1], fields[field])])),
    ...(hasRest ? { full_job_spec: pythonModel('Job', { metadata: restOfMetadata, spec: { ...restOfSpec, template: {} } }) } : {}),
    ...(waitUntilJobComplete ? { wait_until_job_complete: true } : {}),
    job_poll_interval: jobPollInterval,
    on_kill_propagation_policy: onKillPropagationPolicy,
    discover_pods_retry_number: discoverPodsRetryNumber,
    unwrap_single: unwrapSingle,
  };
}

/** The operator would wait for ever, for what it may not read, or for pods that nobody starts yet. */
function refuseHanging({ taskId, _options, _props: { waitUntilJobComplete } }: OperatorJobTask, options: DagTaskOptions, job: any): void {
  if (waitUntilJobComplete && job.suspend) {
    throw new Error('it is suspended when it is made, and KubernetesJobOperator looks for its pods at once and fails where there are none; leave out '
      + "'waitUntilJobComplete', and let a DeleteJobTask with 'waitForCompletion: true' wait");
  }
  if (!_options.pod.doXcomPush) { return; }
  if (options.deferrable) {
    throw new Error('it is deferrable and pushes an XCom, which the triggerer may not read; '
      + `write 'taskOptionsByTaskId: { ${taskId}: { deferrable: false } }'`);
  }
  const { completions = 1, parallelism = 1 } = job;
  if (waitUntilJobComplete && completions > parallelism) {
    throw new Error(`it has ${completions} pods of which ${parallelism} run at once: KubernetesJobOperator reads the XComs of the first ${parallelism} `
      + `alone, and the sidecars of the others run for ever; set 'parallelism' to ${completions}, or remove 'doXcomPush'`);
  }
}

function onlyFilled(maps: { [name: string]: { [key: string]: any } }): { [name: string]: any } {
  return Object.fromEntries(Object.entries(maps).filter(([, map]) => Object.keys(map).length > 0));
}
