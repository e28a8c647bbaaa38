import { vainWaits } from './task-order';
import { TaskReader } from './task-reader';
import { credentialIn, credentialInArguments, credentialInVariable } from '../../pod/credentials';
import { Expansion, withItems } from '../../pod/expansion';
import { hasJinja, pulledTaskIds } from '../../pod/jinja';
import { partMutations } from '../../pod/mutation';
import { brokenJinja, misplacedJinja, podAdvice } from '../../pod/pod-advice';
import { podTexts } from '../../pod/pod-path';
import { throwProblems } from '../../pod/problems';
import { TaskAnnotation } from '../../pod/task-annotation';
import { taskPod, templatedByDict, writtenBelow } from '../../pod/task-pod';
import { TaskPodOptions } from '../../pod/task-pod-options';
import { constructsOf } from '../../private/complete-app';
import { AirflowTask } from '../airflow-task';
import { TaskPodProps } from '../task-pod-props';
import { XComReference } from '../xcom-reference';

/** What tasks with pods have in common: the finished pod, and what a runner needs to know of it. */
export interface PodTaskParts {
  readonly pod: { readonly metadata: any; readonly spec: any };
  readonly annotation: TaskAnnotation;
  /** What works only through a runner, in words. */
  readonly runnerOnly: string[];
  /** What most likely does not do what its author meant. */
  readonly advice: string[];
  /** What the task waits for in vain, when the app is complete. */
  readonly vain: (task: AirflowTask) => string[];
}

/**
 * @param further texts beside those of the pod that Jinja is rendered in
 * @param expansion of a mapped task, of whose pods `options` are one
 */
export function podTaskParts(
  read: TaskReader, taskId: string, props: TaskPodProps, options: TaskPodOptions, further: any = undefined, expansion?: Expansion,
): PodTaskParts {
  if (options.hardening) {
    [options, ...(expansion?.factors ?? []).flatMap(({ items = [] }) => items.map(item => withItems(expansion!, [item])))]
      .forEach(each => read.guarded(() => refuseCredentials(each)));
  }
  const retries = read.wholeNumber('retries', props.retries ?? 0, 0);
  const pod = read.guarded(() => taskPod(options));
  const { metadata: { name, labels, annotations }, spec } = pod;
  const late = { name: lateName(name, options), baseContainerName: jinja(props.baseContainerName) };
  const texts = podTexts([spec, labels, annotations, further, Object.values(late), ...mappedTexts(expansion)]).map(({ text }) => text).join('\n');
  const dependsOn = dependencies(read, taskId, props.dependsOn, texts);
  // The operator's argument is normalised more.
  const dictName = late.name === undefined || late.name === options.parameters.name ? {} : { name };
  const dict = options.layers.find(layer => layer.source === "'podTemplateDict'");
  const templated = dict === undefined ? []
    : templatedByDict({ metadata: { ...dictName, labels, annotations }, spec }, dict.pod, options.baseContainerName);
  const asWritten = writtenBelow({ metadata: { labels, annotations }, spec }, options);
  const finished = { metadata: { labels, annotations }, spec, templated };
  read.guarded(() => throwProblems([...misplacedJinja(finished), ...brokenJinja(finished, [further, ...mappedTexts(expansion)])]));
  const { later } = partMutations(options.mutations ?? [], options.lateBaseName);
  return {
    pod,
    advice: podAdvice(finished),
    vain: task => vainWaits(task, texts, constructsOf(task, AirflowTask.isAirflowTask)),
    annotation: {
      version: 1,
      taskId,
      dependsOn,
      retries,
      doXcomPush: options.doXcomPush,
      xcomMode: options.xcomMode,
      startupTimeoutSeconds: read.positive('startupTimeoutSeconds', props.startupTimeoutSeconds ?? 120),
      onFinishAction: read.onFinishAction(props.onFinishAction ?? 'delete_pod'),
      ...(read.flag('randomNameSuffix', props.randomNameSuffix) ?? true ? {} : { randomNameSuffix: false }),
      ...(late.name === undefined ? {} : { name: late.name }),
      ...(late.baseContainerName === undefined ? {} : { baseContainerName: late.baseContainerName }),
      ...(templated.length > 0 ? { templated } : {}),
      ...(asWritten.length > 0 ? { asWritten } : {}),
      ...(later.length > 0 ? { mutations: later } : {}),
      ...(expansion ? { expand: expansion } : {}),
    },
    runnerOnly: [
      ...(hasJinja(texts) ? ['Jinja'] : []), ...(dependsOn.length > 0 ? ['dependsOn'] : []), ...(retries > 0 ? ['retries'] : []),
      ...(expansion ? ['mapping'] : []),
    ],
  };
}

function jinja(text: string | undefined): string | undefined {
  return text !== undefined && hasJinja(text) ? text : undefined;
}

/** Jinja in the name of a pod where the operator renders it: in its argument, and in `pod_template_dict`. */
function lateName(name: string | undefined, { parameters, layers }: TaskPodOptions): string | undefined {
  const dict = layers.find(layer => layer.source === "'podTemplateDict'")?.pod.metadata?.name;
  return [parameters.name, dict].includes(name) ? jinja(name) : undefined;
}

/** The begin of a warning about what a manifest does not do by itself. */
export function onlyThroughRunner(taskId: string, what: readonly string[]): string {
  return `${what.join(' and ')} of task '${taskId}' ${what.length === 1 && what[0] !== 'retries' ? 'works' : 'work'} only through a runner`;
}

/** What is rendered for one map index or another, and the XComs that the task is mapped over. */
function mappedTexts(expansion: Expansion | undefined): any[] {
  return (expansion?.factors ?? []).map(({ items, xcom }) => xcom === undefined ? items : `${new XComReference(xcom)}`);
}

/** Ids of the tasks that a task waits for: those that are named, and those whose XCom its texts pull. */
export function dependencies(read: TaskReader, taskId: string, named: TaskPodProps['dependsOn'], texts: string): string[] {
  const dependsOn = [...new Set([...read.dependsOn(named), ...pulledTaskIds(texts)])].sort();
  if (dependsOn.includes(taskId)) { read.fail(`task '${taskId}' waits for itself: it pulls its own XCom; name another task`); }
  return dependsOn;
}

/** Throws for a credential in a parameter or a layer below: whoever may read pods reads it. */
function refuseCredentials({ parameters, layers }: TaskPodOptions): void {
  const fail = (where: string, what: string, name: string) => {
    throw new Error(`${where} holds ${what}, which everybody sees who may read pods; name a Secret: secrets: [{ deployType: 'env', deployTarget: '${name}', `
      + "secret: '…', key: '…' }]; where it is none, write it into 'podOverride'");
  };
  const container = ({ env = [], command = [], args = [] }: any, names: readonly string[], where: string) => {
    for (const { name, value } of env) {
      const what = credentialInVariable(name, value);
      if (what) { fail(`the variable '${name}'${where}`, what, name); }
    }
    [command, args].forEach((texts, i) => {
      const found = credentialInArguments(texts);
      if (found) { fail(`'${names[i]}[${found.index}]'${where}`, found.what, 'NAME'); }
    });
  };
  const { env = [], podRuntimeInfoEnvs = [], cmds, arguments: args, initContainers = [] } = parameters;
  container({ env: [...env, ...podRuntimeInfoEnvs], command: cmds, args }, ['cmds', 'arguments'], '');
  initContainers.forEach(c => container(c, ['command', 'args'], ` of the init container '${c.name}'`));
  for (const { source, pod } of layers) {
    [...pod.spec?.containers ?? [], ...pod.spec?.initContainers ?? []].forEach(c => container(c, ['command', 'args'], ` of container '${c.name}' in ${source}`));
  }
  for (const map of ['labels', 'annotations'] as const) {
    const [key, text] = Object.entries(parameters[map] ?? {}).find(([, value]) => credentialIn(value)) ?? [];
    if (text !== undefined) { fail(`'${map}.${key}'`, credentialIn(text)!, 'NAME'); }
  }
}
