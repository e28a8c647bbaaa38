import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AirflowTask } from './airflow-task';
import { DagFileProps } from './dag-file-props';
import { optionsOf } from './private/dag-options';
import { PythonNames } from './private/dag-python';
import { unknownToProvider } from './private/provider-arguments';
import { withUpstream } from './private/upstream';
import { AirflowVersion } from '../airflow/version';
import { pulledOfDag } from '../pod/jinja';
import { podTexts } from '../pod/pod-path';
import { PythonCall, PythonName, pythonText, PythonValue } from '../pod/python';
import { removedIn } from '../pod/removed-names';
import { toWire } from '../pod/schema';
import { checkPropNames, PropNames } from '../private/known-props';
import { checkPropTypes, checkWholeNumber, hasMember, PropTypes, shown } from '../private/prop-types';
import { isDagSchedule, timeZone } from '../private/schedule';

const PROPS: PropNames<DagFileProps> = {
  dagId: true,
  tasks: true,
  fileName: true,
  version: true,
  cluster: true,
  kubernetesProvider: true,
  schedule: true,
  startDate: true,
  timezone: true,
  catchup: true,
  description: true,
  tags: true,
  params: true,
  maxActiveRuns: true,
  maxActiveTasks: true,
  maxConsecutiveFailedDagRuns: true,
  dagrunTimeoutSeconds: true,
  isPausedUponCreation: true,
  onFailure: true,
  taskOptions: true,
  taskOptionsByTaskId: true,
};

const TYPES: PropTypes<DagFileProps> = {
  catchup: 'true or false',
  dagId: 'a text',
  description: 'a text',
  fileName: 'a text',
  isPausedUponCreation: 'true or false',
  kubernetesProvider: 'a text',
  onFailure: 'a list',
  params: 'an object',
  schedule: 'a text',
  startDate: 'a text',
  tags: 'a list of texts',
  taskOptions: 'an object',
  taskOptionsByTaskId: 'an object',
  tasks: 'a list',
  timezone: 'a text',
};

/** Of the years 1900 to 2999: a day next to either end of Python's is none in another time zone. */
const DATE = /^(19\d\d|2\d{3})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?)?$/;

/**
 * A DAG of Airflow with a KubernetesPodOperator for each task: the same pods as those of `cdk8s-airflow run`, with Jinja left to Airflow.
 *
 * It is a text; `files` gives it to a source of DAGs (`new ConfigMapDags(dag.files)`), `writeTo` to a folder, such as one in git. The provider's sidecar
 * takes the XCom, with what the connection says of it (`podLaunching` of the deployment).
 *
 * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html
 */
export class DagFile {
  /** Its id. */
  public readonly dagId: string;

  /** The name of the file. */
  public readonly fileName: string;

  private readonly text: string;

  constructor(props: DagFileProps) {
    checkPropNames(props, PROPS, 'DagFile', 'DagFileProps');
    this.dagId = props.dagId;
    this.fileName = props.fileName ?? `${props.dagId}.py`;
    try {
      checkPropTypes(props, TYPES);
      check(props, this.fileName);
      this.text = dagText(props);
    } catch (error) {
      const which = typeof props.dagId === 'string' ? ` '${props.dagId}'` : '';
      throw new Error(`DagFile${which}: ${(error as Error).message}`, { cause: error });
    }
  }

  /** File name → text: for `ConfigMapDags`, also of several DAGs together. */
  public get files(): { [name: string]: string } {
    return { [this.fileName]: this.text };
  }

  /** The file's text. */
  public toPython(): string {
    return this.text;
  }

  /**
   * Writes the file, at synth.
   *
   * @param folder a path, made where there is none; a relative one counts from the working directory of the synth
   */
  public writeTo(folder: string): void {
    if (typeof folder !== 'string' || folder === '' || folder.endsWith('.py')) {
      throw new Error(`DagFile '${this.dagId}': 'folder' must be the path of a folder such as 'dags', got ${shown(folder)}; the name of the file is 'fileName'`);
    }
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, this.fileName), this.text);
  }
}

function dagText(props: DagFileProps): string {
  const { tasks, version = AirflowVersion.V3_3, onFailure = [] } = props;
  const names = new PythonNames(path => props.cluster?._import(path) ?? path);
  const dag = names.imported(version._features.executionApi ? 'airflow.sdk.DAG' : 'airflow.models.dag.DAG');
  // These two stand in the text by themselves.
  names.module('import pendulum', 'pendulum');
  names.module('from kubernetes.client import models as k8s', 'k8s');
  const notifiers = onFailure.map(notifier => notifier._python(names.imported));
  const arguments_ = new PythonCall(dag, {
    dag_id: props.dagId,
    description: props.description,
    schedule: props.schedule ?? null,
    start_date: props.startDate === undefined ? undefined : new PythonName(startDate(props.startDate, props.timezone ?? 'UTC')),
    catchup: props.catchup ?? false,
    max_active_runs: props.maxActiveRuns,
    max_active_tasks: props.maxActiveTasks,
    max_consecutive_failed_dag_runs: props.maxConsecutiveFailedDagRuns,
    dagrun_timeout: props.dagrunTimeoutSeconds === undefined
      ? undefined : new PythonCall(names.imported('datetime.timedelta'), { seconds: props.dagrunTimeoutSeconds }),
    is_paused_upon_creation: props.isPausedUponCreation,
    params: toWire('object', props.params, 'params'),
    tags: props.tags,
    default_args: notifiers.length === 0 ? undefined : { on_failure_callback: notifiers },
  });
  const variables = new Map(tasks.map(task => [task.taskId, names.variable(task.taskId)]));
  const upstream = new Map(tasks.map(task => [task.taskId, new Set(task.dependsOn)]));
  // The error goes to somebody, and the pod has its environment in it.
  const ofDag = { ...(notifiers.length > 0 ? { logPodSpecOnFailure: false } : {}), ...props.taskOptions };
  const statements = inOrder(tasks).map(task => {
    const variable = variables.get(task.taskId)!;
    try {
      const options = optionsOf(task._knownOptions, ofDag, props.taskOptionsByTaskId?.[task.taskId]);
      const anywhere = task._operator(options, version, names, props.dagId);
      const operator = props.cluster?._place(anywhere) ?? anywhere;
      const removed = version._features.executionApi ? removedIn(operator) : undefined;
      const refused = removed ?? unknownToProvider(operator, version, props.kubernetesProvider);
      if (refused !== undefined) { throw new Error(refused); }
      const pulled = podTexts(operator.args).flatMap(({ text }) => pulledOfDag(text, props.dagId));
      // What comes later has pushed in an earlier run.
      const isLater = (id: string) => withUpstream([id], each => upstream.get(each) ?? []).has(task.taskId);
      pulled.filter(id => variables.has(id) && !isLater(id)).forEach(id => upstream.get(task.taskId)!.add(id));
      const { operator: call, assigned } = version._isAtLeast('3.3') ? { operator, assigned: '' } : withoutReattaching(operator, variable);
      return `    ${variable} = ${pythonText(call, 4, variable.length + 3)}\n${assigned}`;
    } catch (error) {
      throw new Error(`task '${task.taskId}': ${(error as Error).message}`, { cause: error });
    }
  });
  const order = tasks.flatMap(task => [...upstream.get(task.taskId)!].map(id => `    ${variables.get(id)} >> ${variables.get(task.taskId)}\n`));
  const body = [`with ${pythonText(arguments_, 0, 6)}:\n`, ...statements, ...(order.length > 0 ? [order.join('')] : [])].join('\n').replace(':\n\n', ':\n');
  const needs = (name: string) => body.includes(`${name}.`);
  return `"""Made by cdk8s-airflow: what is changed here is lost."""\n\n${names.statements(needs)}\n${body}`;
}

/** Before Airflow 3.3 the provider warns of the argument, and its successor does nothing there; the attribute that it becomes says the same. */
function withoutReattaching(operator: PythonCall, variable: string): { operator: PythonCall; assigned: string } {
  const { reattach_on_restart: reattach, ...args } = operator.args as { [keyword: string]: PythonValue | undefined };
  if (operator.then || reattach === undefined) { return { operator, assigned: '' }; }
  return { operator: new PythonCall(operator.name, args), assigned: reattach ? '' : `    ${variable}.reattach_on_restart = False\n` };
}

/** The tasks, each after those that it is mapped over, whose variables it needs; else in the order in which they were given. */
function inOrder(tasks: readonly AirflowTask[]): AirflowTask[] {
  const written = new Set<AirflowTask>();
  const write = (task: AirflowTask): void => {
    if (task._mapped) { tasks.filter(({ taskId }) => task.dependsOn.includes(taskId)).forEach(write); }
    written.add(task);
  };
  tasks.forEach(write);
  return [...written];
}

function startDate(text: string, timezone: string): string {
  const [, ...parts] = DATE.exec(text)!;
  return `pendulum.datetime(${parts.filter(part => part !== undefined).map(Number).join(', ')}, tz=${pythonText(timezone)})`;
}

function check(props: DagFileProps, fileName: string): void {
  const { dagId, tasks, schedule, version = AirflowVersion.V3_3 } = props;
  const fail = (message: string): never => { throw new Error(message); };
  if (!hasMember(version, '_features')) { fail(`'version' must be an AirflowVersion, such as AirflowVersion.V3_3, got ${shown(version)}`); }
  if (props.kubernetesProvider !== undefined && !/^\d+\.\d+\.\d+$/.test(props.kubernetesProvider)) {
    fail(`'kubernetesProvider' must be three numbers such as '10.25.0', got '${props.kubernetesProvider}'`);
  }
  if (props.cluster !== undefined && !hasMember(props.cluster, '_place')) { fail(`'cluster' must be a DagCluster, such as DagCluster.gke({ … }), got ${shown(props.cluster)}`); }
  const stranger = (props.onFailure ?? []).findIndex(notifier => !hasMember(notifier, '_python'));
  if (stranger >= 0) { fail(`'onFailure[${stranger}]' must be a DagNotifier, got ${shown(props.onFailure![stranger])}`); }
  if (typeof dagId !== 'string' || !/^[\p{L}\p{N}_.-]{1,250}$/u.test(dagId)) { fail(`'dagId' must be 1 to 250 letters, digits, '-', '_' or '.', got ${shown(dagId)}`); }
  if (!/^[\w][\w.-]{0,248}\.py$/.test(fileName)) {
    fail(`'fileName' must be letters, digits, '-', '_' and '.', with '.py' at its end, got '${fileName}'${props.fileName === undefined ? " from 'dagId'; set it" : ''}`);
  }
  if (!Array.isArray(tasks) || tasks.length === 0) { fail("'tasks' is empty; give at least one task"); }
  const other = tasks.findIndex(task => !AirflowTask.isAirflowTask(task));
  if (other >= 0) { fail(`'tasks[${other}]' is no task, such as a PodTask`); }
  const ids = tasks.map(({ taskId }) => taskId);
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined) { fail(`two tasks are called '${twice}'; give one of them another 'taskId'`); }
  for (const { taskId, dependsOn } of tasks) {
    const missing = dependsOn.find(id => !ids.includes(id));
    if (missing !== undefined) { fail(`task '${taskId}' waits for '${missing}', which is not in 'tasks'; add it`); }
  }
  const free = new Set<string>();
  for (let more = true; more;) {
    const next = tasks.filter(task => !free.has(task.taskId) && task.dependsOn.every(id => free.has(id)));
    next.forEach(({ taskId }) => free.add(taskId));
    more = next.length > 0;
  }
  const circle = ids.filter(id => !free.has(id));
  if (circle.length > 0) { fail(`tasks wait for each other: ${circle.map(id => `'${id}'`).join(', ')}; take one 'dependsOn' or XCom out`); }
  const byTaskId: { [taskId: string]: object } = props.taskOptionsByTaskId ?? {};
  checkPropTypes(byTaskId, Object.fromEntries(Object.keys(byTaskId).map(id => [id, 'an object' as const])), 'taskOptionsByTaskId.');
  const unknown = Object.keys(byTaskId).find(id => !ids.includes(id));
  if (unknown !== undefined) { fail(`'taskOptionsByTaskId' names '${unknown}', which is not in 'tasks'`); }
  if (schedule !== undefined && !isDagSchedule(schedule)) { fail(`'schedule' must be a cron expression such as '0 6 * * *', or '@daily' and the like, got '${schedule}'`); }
  if (schedule === '@continuous' && props.maxActiveRuns !== 1) { fail("'schedule' of '@continuous' needs 'maxActiveRuns: 1'"); }
  if (props.startDate === undefined && (schedule !== undefined || !version._features.executionApi)) {
    fail(`'startDate' is missing${schedule === undefined ? `: Airflow ${version} wants one in every DAG` : ": with 'schedule' it says from when on"}; give a date such as '2026-01-31'`);
  }
  if (props.startDate !== undefined && !(DATE.test(props.startDate) && isDate(props.startDate))) {
    fail(`'startDate' must be a date from 1900 to 2999 such as '2026-01-31' or '2026-01-31T06:00', got '${props.startDate}'; its time zone is 'timezone'`);
  }
  if (props.timezone !== undefined) { timeZone(props.timezone, 'timezone'); }
  const long = props.tags?.find(tag => tag.length > 100);
  if (long !== undefined) { fail(`'tags' must be texts of at most 100 characters, got '${long.slice(0, 20)}…' of ${long.length}`); }
  for (const limit of ['maxActiveRuns', 'maxActiveTasks', 'maxConsecutiveFailedDagRuns', 'dagrunTimeoutSeconds'] as const) {
    checkWholeNumber(limit, props[limit], 1);
  }
}

/** True for a day that there is. */
function isDate(text: string): boolean {
  const date = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  const [hour, ...others] = text.slice(11).split(':').map(Number);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text.slice(0, 10)) && hour <= 23 && others.every(part => part <= 59);
}
