import { mappedOperator } from './dag-mapping';
import { PythonNames } from './dag-python';
import { DAG_TASK_OPTION_TYPES, DAG_TASK_OPTIONS } from './dag-task-option-names';
import { AirflowVersion } from '../../airflow/version';
import { filled } from '../../pod/filled';
import { hasJinja, verbatim } from '../../pod/jinja';
import { safeLabelValue, snakeCase } from '../../pod/names';
import { operatorPod } from '../../pod/operator-pod';
import { parsePodPath, podPathText, podTexts, replaceAt } from '../../pod/pod-path';
import { assertImportPath, PythonCall, pythonModel, PythonName, PythonValue } from '../../pod/python';
import { INT32_MAX, toWire } from '../../pod/schema';
import { LAYER_NAME, TaskAnnotation } from '../../pod/task-annotation';
import { BASE_CONTAINER } from '../../pod/task-parameters';
import { writtenBelow } from '../../pod/task-pod';
import { TaskPodOptions } from '../../pod/task-pod-options';
import { checkPropNames } from '../../private/known-props';
import { checkPropTypes, checkWholeNumber, shown } from '../../private/prop-types';
import { DagTaskOptions } from '../dag-task-options';

/** Parameters of KubernetesPodOperator that its `template_fields` name, and of which fields of the base container and the spec they are made. */
const TEMPLATED = {
  base: {
    image: ['image', 'string'],
    command: ['cmds', 'string'],
    args: ['arguments', 'string'],
    env: ['env_vars', '[]EnvVar'],
    envFrom: ['env_from', '[]EnvFromSource'],
    volumeMounts: ['volume_mounts', '[]VolumeMount'],
    resources: ['container_resources', 'ResourceRequirements'],
  },
  spec: { volumes: ['volumes', '[]Volume'], nodeSelector: ['node_selector', 'string'], hostname: ['hostname', 'string'] },
} as const;

/** The parameters whose text stays as it is. */
const PLAIN = {
  base: { ports: ['ports', '[]ContainerPort'], securityContext: ['container_security_context', 'SecurityContext'], imagePullPolicy: ['image_pull_policy', 'string'] },
  spec: {
    initContainers: ['init_containers', '[]Container'],
    imagePullSecrets: ['image_pull_secrets', '[]LocalObjectReference'],
    serviceAccountName: ['service_account_name', 'string'],
    automountServiceAccountToken: ['automount_service_account_token', 'boolean'],
    securityContext: ['security_context', 'PodSecurityContext'],
    affinity: ['affinity', 'Affinity'],
    tolerations: ['tolerations', '[]Toleration'],
    hostNetwork: ['hostnetwork', 'boolean'],
    hostAliases: ['host_aliases', '[]HostAlias'],
    subdomain: ['subdomain', 'string'],
    dnsPolicy: ['dnspolicy', 'string'],
    dnsConfig: ['dns_config', 'PodDNSConfig'],
    schedulerName: ['schedulername', 'string'],
    priorityClassName: ['priority_class_name', 'string'],
    terminationGracePeriodSeconds: ['termination_grace_period', 'int64'],
    activeDeadlineSeconds: ['active_deadline_seconds', 'int64'],
  },
} as const;

type Table = { readonly [field: string]: readonly [parameter: string, type: string] };

const TRIGGER_RULES = ['all_success', 'all_failed', 'all_done', 'all_done_min_one_success', 'all_done_setup_success', 'all_skipped', 'always', 'one_done', 'one_failed',
  'one_success', 'none_failed', 'none_failed_min_one_success', 'none_skipped'];

/** A task with pods, as it is handed to Airflow's operators. */
export interface OperatorTask {
  readonly taskId: string;
  readonly name: string;
  readonly namespace?: string;
  readonly _options: TaskPodOptions;
  readonly _annotation: TaskAnnotation;
}

/** The arguments of an operator by their names. */
export interface OperatorArgs { readonly [parameter: string]: PythonValue | undefined }

/** The task as KubernetesPodOperator. */
export function dagOperator(task: OperatorTask, options: DagTaskOptions, version: AirflowVersion, names: PythonNames, dagId: string): PythonCall {
  const operator = names.imported('airflow.providers.cncf.kubernetes.operators.pod.KubernetesPodOperator');
  const argsOf = (each: OperatorTask, mapped?: ReadonlySet<string>) => podOperatorArgs(each, options, version, names, dagId, mapped);
  const named = { ...task, name: task._annotation.name ?? task.name };
  return task._annotation.expand ? mappedOperator(operator, named, argsOf, names) : new PythonCall(operator, argsOf(named));
}

/**
 * The pod of a task in KubernetesPodOperator's own parameters, and what no parameter says in `full_pod_spec`.
 *
 * @param mapped parameters that the task is mapped over: what the pods have there in common goes into `full_pod_spec`, too
 */
export function podOperatorArgs(
  task: OperatorTask, options: DagTaskOptions, version: AirflowVersion, names: PythonNames, dagId: string, mapped: ReadonlySet<string> = new Set(),
): OperatorArgs {
  const { doXcomPush, retries, startupTimeoutSeconds, onFinishAction, randomNameSuffix, templated = [] } = task._annotation;
  const airflowLabels = { dag_id: safeLabelValue(dagId), task_id: safeLabelValue(task.taskId) };
  const pod = operatorPod({ ...task._options, airflowLabels }, doXcomPush);
  const { metadata, spec } = pod;
  const [base, ...others] = spec.containers;
  // Arguments are rendered, and what is not to be is kept from it.
  const asArguments = writtenBelow(pod, task._options).reduce((result, path) => replaceAt(result, parsePodPath(path), verbatim), pod);
  // What came from podTemplateDict is rendered in places where parameters are not.
  const tables = templated.length > 0 ? [TEMPLATED] : [TEMPLATED, PLAIN];
  const from = (object: any, asArgument: any, part: 'base' | 'spec') => {
    const table: Table = Object.assign({}, ...tables.map(each => each[part]));
    const given = Object.keys(table).filter(field => object[field] !== undefined && !mapped.has(table[field][0]));
    return {
      args: Object.fromEntries(given.map(field => [table[field][0], pythonModel(table[field][1], asArgument[field])])),
      rest: Object.fromEntries(Object.entries(object).filter(([field]) => !given.includes(field))),
    };
  };
  const { containers: _, restartPolicy: __, ...specFields } = spec;
  const { name: baseName, terminationMessagePolicy, ...baseFields } = base;
  const { baseContainerName = baseName } = task._annotation;
  const ofBase = from(baseFields, asArguments.spec.containers[0], 'base');
  const ofSpec = from(specFields, asArguments.spec, 'spec');
  const { name: ___, namespace: ____, ...fields } = metadata;
  const own = (key: string) => (key === 'labels' || key === 'annotations') && !mapped.has(key);
  // The operator would replace the dots of its argument.
  const dotted = hasJinja(task.name) ? templated.includes(LAYER_NAME) && task.name === task._annotation.name : task.name.includes('.');
  const otherMetadata = { ...(dotted ? { name: task.name } : {}), ...Object.fromEntries(Object.entries(fields).filter(([key]) => !own(key))) };
  const { labels, annotations } = Object.fromEntries(Object.entries<any>(asArguments.metadata).filter(([key]) => own(key)));
  const container = filled(ofBase.rest);
  const hasRest = [container, others, ofSpec.rest, otherMetadata].some(part => Object.keys(part).length > 0);
  const rest = hasRest
    ? { metadata: otherMetadata, spec: { ...ofSpec.rest, containers: [{ name: baseName, ...container }, ...others] } } : undefined;
  const sidecar = task._options.xcomSidecarContainerSecurityContext;
  return {
    task_id: task.taskId,
    name: dotted ? undefined : task.name,
    ...(randomNameSuffix === false ? { random_name_suffix: false } : {}),
    namespace: task.namespace,
    ...ofBase.args,
    ...(doXcomPush ? { do_xcom_push: true } : {}),
    ...(doXcomPush && sidecar ? { xcom_sidecar_container_security_context: pythonModel('SecurityContext', sidecar) } : {}),
    ...ofSpec.args,
    labels,
    annotations,
    ...(rest === undefined ? {} : templated.length > 0
      ? { pod_template_dict: rendered({ apiVersion: 'v1', kind: 'Pod', ...rest }, templated) } : { full_pod_spec: pythonModel('Pod', rest) }),
    ...(baseContainerName === BASE_CONTAINER ? {} : { base_container_name: baseContainerName }),
    ...(terminationMessagePolicy === 'File' ? {} : { termination_message_policy: terminationMessagePolicy }),
    ...(onFinishAction === 'delete_pod' ? {} : { on_finish_action: onFinishAction }),
    ...(startupTimeoutSeconds === 120 ? {} : { startup_timeout_seconds: startupTimeoutSeconds }),
    ...(retries === 0 ? {} : { retries }),
    ...optionArgs(options, version, names),
  };
}

/** A dictionary that Airflow renders whole, with the texts that are not to be rendered kept from it. */
function rendered(pod: any, templated: readonly string[]): any {
  return podTexts(pod).filter(({ path, text }) => hasJinja(text) && !templated.includes(podPathText(path))).reduce((result, { path, text }) => {
    if (/endraw/.test(text)) { throw new Error(`'${podPathText(path)}' holds 'endraw', so that it cannot be kept from being rendered; write it in another way`); }
    return replaceAt(result, path, () => `{% raw %}${text}{% endraw %}`);
  }, pod);
}

/** How Airflow runs a task, as arguments of its operator. */
export function optionArgs(options: DagTaskOptions, version: AirflowVersion, names: PythonNames): OperatorArgs {
  checkPropNames(options, DAG_TASK_OPTIONS, "'taskOptions'", 'DagTaskOptions');
  checkPropTypes(options, DAG_TASK_OPTION_TYPES);
  if (options.triggerRule !== undefined && !TRIGGER_RULES.includes(options.triggerRule)) {
    throw new Error(`'triggerRule' must be one of ${TRIGGER_RULES.map(rule => `'${rule}'`).join(', ')}, got '${options.triggerRule}'`);
  }
  if (options.onKillAction !== undefined && !['delete_pod', 'keep_pod'].includes(options.onKillAction)) {
    throw new Error(`'onKillAction' must be 'delete_pod' or 'keep_pod', got ${shown(options.onKillAction)}`);
  }
  if (options.skipOnExitCode?.some(code => !Number.isInteger(code) || code < 0 || code > 255)) {
    throw new Error(`'skipOnExitCode' must be a list of exit codes from 0 to 255, got ${shown(options.skipOnExitCode)}`);
  }
  checkWholeNumber('priorityWeight', options.priorityWeight, 0);
  checkWholeNumber('maxActiveTisPerDag', options.maxActiveTisPerDag, 1);
  checkWholeNumber('poolSlots', options.poolSlots, 1);
  for (const [option, value] of Object.entries(options)) {
    if (typeof value === 'number' && !(value >= 0 && value <= INT32_MAX)) { throw new Error(`'${option}' must be a number from 0 to ${INT32_MAX}, got ${value}`); }
  }
  const {
    retryDelaySeconds, executionTimeoutSeconds, callbacks, logs, logFormatter, onKillAction, reattachOnRestart, triggerKwargs, ...plain
  } = options;
  const name = (path: string, prop: string) => {
    assertImportPath(path, prop);
    return new PythonName(names.imported(path));
  };
  const seconds = (value: number | undefined) => value === undefined ? undefined : new PythonCall(names.imported('datetime.timedelta'), { seconds: value });
  return {
    ...Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined).map(([option, value]) => [snakeCase(option), value])),
    // Airflow 3.3 has another name for it.
    ...(reattachOnRestart === undefined ? {} : { [version._isAtLeast('3.3') ? 'durable' : 'reattach_on_restart']: reattachOnRestart }),
    // Older providers do not know their own default.
    on_kill_action: onKillAction === 'delete_pod' ? undefined : onKillAction,
    get_logs: logs,
    trigger_kwargs: toWire('object', triggerKwargs, 'triggerKwargs'),
    retry_delay: seconds(retryDelaySeconds),
    execution_timeout: seconds(executionTimeoutSeconds),
    callbacks: callbacks?.map((path, i) => name(path, `callbacks[${i}]`)),
    log_formatter: logFormatter === undefined ? undefined : name(logFormatter, 'logFormatter'),
  };
}
