import { POD_TASK_PROPS, unknownProp } from './known-props';
import { readPod, readTemplateDict, readTemplateFile } from './pod-template';
import { didYouMean } from '../../pod/closest';
import { hasJinja } from '../../pod/jinja';
import { PodLayer } from '../../pod/merge';
import { replaceAt } from '../../pod/pod-path';
import { INT32_MAX, isObject, toWire } from '../../pod/schema';
import { ON_FINISH_ACTIONS, OnFinishAction, TASK_ANNOTATION } from '../../pod/task-annotation';
import { BASE_CONTAINER, TaskParameters } from '../../pod/task-parameters';
import { TaskPodOptions } from '../../pod/task-pod-options';
import { XCOM_MODES, XComMode } from '../../pod/xcom';
import { PropNames, withoutNull } from '../../private/known-props';
import { shown } from '../../private/prop-types';
import { AirflowTask } from '../airflow-task';
import { PodMutation } from '../pod-mutation';
import { TaskPodProps } from '../task-pod-props';
import { TaskSecret } from '../task-secret';
import { XComReference } from '../xcom-reference';

const SECRET = ['deployType', 'deployTarget', 'secret', 'key', 'items'];

/** Reads a task's props into wire JSON; whatever is wrong becomes an error with the construct's path. */
export class TaskReader {
  /** @param within what the props are a part of, for messages */
  constructor(private readonly path: string, private readonly within?: string) {}

  /** A reader of a part of the props. */
  public at(within: string): TaskReader {
    return new TaskReader(this.path, within);
  }

  public fail(message: string): never {
    throw new Error(`[${this.path}] ${this.within === undefined ? '' : `'${this.within}': `}${message}`);
  }

  /** The result of a function that knows no path. */
  public guarded<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      return this.fail((error as Error).message);
    }
  }

  /** The props without null, Python's None, which gives nothing. */
  public knownProps<T extends object>(props: T, names: PropNames<any> = POD_TASK_PROPS, type = 'PodTaskProps'): T {
    if (!isObject(props)) { this.fail(`expected an object with the members of ${type}, got ${shown(props)}`); }
    const problem = unknownProp(props, names, type);
    if (problem !== undefined) { this.fail(problem); }
    return withoutNull(props);
  }

  public taskId(taskId: string): string {
    // Airflow's own rule for keys, so that the id is one there as well.
    if (typeof taskId !== 'string' || !/^[\p{L}\p{N}_.-]{1,250}$/u.test(taskId)) {
      this.fail(`'taskId' must be 1 to 250 letters, digits, '-', '_' or '.', got ${shown(taskId)}; the construct's id is taken where 'taskId' is not given`);
    }
    return taskId;
  }

  public oneOf<T extends string>(prop: string, value: string, allowed: readonly T[]): T {
    if (!allowed.includes(value as T)) {
      this.fail(`'${prop}' must be one of ${allowed.map(a => `'${a}'`).join(', ')}, got ${shown(value)}`);
    }
    return value as T;
  }

  public onFinishAction(value: string): OnFinishAction {
    return this.oneOf('onFinishAction', value, ON_FINISH_ACTIONS);
  }

  public wholeNumber(prop: string, value: number, least: number): number {
    if (!Number.isSafeInteger(value) || value < least || value > INT32_MAX) { this.fail(`'${prop}' must be a whole number ${exceeds(value) ? `from ${least} to ${INT32_MAX}` : `of at least ${least}`}, got ${shown(value)}${numeric(value)}`); }
    return value;
  }

  public positive(prop: string, value: number): number {
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0 || value > INT32_MAX) {
      this.fail(`'${prop}' must be a number of seconds greater than 0${exceeds(value) ? ` and at most ${INT32_MAX}` : ''}, got ${shown(value)}${numeric(value)}`);
    }
    return value;
  }

  /** Ids of the tasks that come first. */
  public dependsOn(tasks: TaskPodProps['dependsOn']): string[] {
    return (this.list('dependsOn', tasks) ?? []).map((task, i) => {
      if (!AirflowTask.isAirflowTask(task)) {
        const fix = task as any instanceof XComReference ? '; a task whose output is used comes first by itself' : '; give the task itself, not its id';
        this.fail(`'dependsOn[${i}]' must be a PodTask, got ${task as any instanceof XComReference ? 'the output of one' : shown(task)}${fix}`);
      }
      return task.taskId;
    });
  }

  private annotations(annotations: TaskPodProps['annotations']): { [key: string]: string } {
    const map = this.stringMap('annotations', annotations);
    if (Object.hasOwn(map, TASK_ANNOTATION)) { this.fail(`'annotations' must not set '${TASK_ANNOTATION}', which says what the task is to the runner; use another key`); }
    return map;
  }

  /** Null is Python's None here: the operator, or else the API server, takes it for an empty text. */
  public stringMap(prop: string, map: { [key: string]: string } | undefined): { [key: string]: string } {
    if (map !== undefined && !isObject(map)) { this.fail(`'${prop}' must be an object of names and texts, got ${shown(map)}; write { name: 'text' }`); }
    return Object.fromEntries(Object.entries(map ?? {}).map(([key, value]) => {
      const text = value === null ? '' : value;
      if (typeof text !== 'string') { this.fail(`'${prop}.${key}' must be a string, got ${got(text)}`); }
      return [key, text];
    }));
  }

  /**
   * The parameters that shape the pod.
   *
   * @param lower layers below those of the props
   * @param imageLater the image comes from elsewhere
   */
  public podOptions(props: TaskPodProps, lower: readonly PodLayer[] = [], imageLater = false): TaskPodOptions {
    const base = this.label('baseContainerName', props.baseContainerName);
    const lateBaseName = base !== undefined && hasJinja(base);
    const layers = [...lower, ...this.layers(props)];
    const hardening = this.flag('hardening', props.hardening) ?? true;
    return {
      layers,
      parameters: this.parameters(props, layers.length > 0 || imageLater),
      podOverride: props.podOverride === undefined ? undefined : this.guarded(() => readPod('podOverride', props.podOverride)),
      unset: this.list('unset', props.unset)?.map((path, i) => this.string(`unset[${i}]`, path) ?? this.fail(`'unset[${i}]' is empty; write a path such as 'spec.affinity'`)),
      mutations: this.guarded(() => PodMutation._all(props.podMutations, 'podMutations')),
      // The container that a run gives its name to.
      baseContainerName: base === undefined || lateBaseName ? BASE_CONTAINER : base,
      ...(lateBaseName ? { lateBaseName } : {}),
      doXcomPush: this.flag('doXcomPush', props.doXcomPush) ?? false,
      xcomMode: this.oneOf<XComMode>('xcomMode', props.xcomMode ?? (hardening ? 'native' : 'airflow'), XCOM_MODES),
      xcomSidecarContainerImage: this.string('xcomSidecarContainerImage', props.xcomSidecarContainerImage),
      xcomSidecarContainerSecurityContext: this.wire('SecurityContext', 'xcomSidecarContainerSecurityContext', props.xcomSidecarContainerSecurityContext),
      hardening,
    };
  }

  private layers({ podTemplateFile, podTemplateDict, fullPodSpec }: TaskPodProps): PodLayer[] {
    if (podTemplateFile !== undefined && podTemplateDict !== undefined) {
      this.fail("'podTemplateFile' and 'podTemplateDict' are both given, and KubernetesPodOperator would ignore the second; give one, or one of them as 'fullPodSpec'");
    }
    const layer = (prop: string, pod: any): PodLayer => ({ source: `'${prop}'`, pod });
    return this.guarded(() => [
      ...(podTemplateFile === undefined ? [] : [layer('podTemplateFile', readTemplateFile(podTemplateFile))]),
      ...(podTemplateDict === undefined ? [] : [layer('podTemplateDict', readTemplateDict(podTemplateDict))]),
      ...(fullPodSpec === undefined ? [] : [layer('fullPodSpec', readPod('fullPodSpec', fullPodSpec))]),
    ]);
  }

  /** @param imageElsewhere the image may come from elsewhere */
  public parameters(props: TaskPodProps, imageElsewhere: boolean): TaskParameters {
    if (!(imageElsewhere && (props.image === undefined || props.image === '')) && (typeof props.image !== 'string' || props.image.trim() === '')) {
      this.fail(`'image' must be the name of an image, got ${shown(props.image)}`);
    }
    return {
      name: this.string('name', props.name),
      namespace: this.string('namespace', props.namespace),
      labels: this.stringMap('labels', props.labels),
      annotations: this.annotations(props.annotations),
      image: props.image,
      cmds: this.texts('cmds', props.cmds),
      arguments: this.texts('arguments', props.arguments),
      env: this.env(props.envVars),
      envFrom: this.wireList('EnvFromSource', 'envFrom', props.envFrom),
      configmaps: this.list('configmaps', props.configmaps)?.map((name, i) => this.string(`configmaps[${i}]`, name) ?? this.fail(`'configmaps[${i}]' is empty`)),
      podRuntimeInfoEnvs: this.wireList('EnvVar', 'podRuntimeInfoEnvs', props.podRuntimeInfoEnvs),
      secrets: this.list('secrets', props.secrets)?.map((secret, i) => this.secret(`secrets[${i}]`, secret)),
      volumes: this.wireList('Volume', 'volumes', props.volumes),
      volumeMounts: this.wireList('VolumeMount', 'volumeMounts', props.volumeMounts),
      ports: this.wireList('ContainerPort', 'ports', props.ports),
      initContainers: this.wireList('Container', 'initContainers', props.initContainers),
      containerResources: this.resources(props.containerResources),
      containerSecurityContext: this.wire('SecurityContext', 'containerSecurityContext', props.containerSecurityContext),
      imagePullPolicy: this.choice('imagePullPolicy', props.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']),
      terminationMessagePolicy: this.choice('terminationMessagePolicy', props.terminationMessagePolicy, ['File', 'FallbackToLogsOnError']),
      serviceAccountName: this.string('serviceAccountName', props.serviceAccountName),
      automountServiceAccountToken: this.flag('automountServiceAccountToken', props.automountServiceAccountToken),
      securityContext: this.wire('PodSecurityContext', 'securityContext', props.securityContext),
      nodeSelector: this.stringMap('nodeSelector', props.nodeSelector),
      affinity: this.wire('Affinity', 'affinity', props.affinity),
      tolerations: this.wireList('Toleration', 'tolerations', props.tolerations),
      imagePullSecrets: typeof props.imagePullSecrets === 'string'
        ? props.imagePullSecrets.split(',').filter(name => name.trim() !== '').map(name => ({ name: name.trim() }))
        : this.wireList('LocalObjectReference', 'imagePullSecrets', props.imagePullSecrets),
      runtimeClassName: this.string('runtimeClassName', props.runtimeClassName),
      priorityClassName: this.string('priorityClassName', props.priorityClassName),
      schedulername: this.string('schedulername', props.schedulername),
      hostnetwork: this.flag('hostnetwork', props.hostnetwork),
      hostAliases: this.wireList('HostAlias', 'hostAliases', props.hostAliases),
      hostname: this.label('hostname', props.hostname),
      subdomain: this.label('subdomain', props.subdomain),
      dnspolicy: this.choice('dnspolicy', props.dnspolicy, ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None']),
      dnsConfig: this.wire('PodDNSConfig', 'dnsConfig', props.dnsConfig),
      activeDeadlineSeconds: props.activeDeadlineSeconds === undefined
        ? undefined : this.wholeNumber('activeDeadlineSeconds', props.activeDeadlineSeconds, 1),
      terminationGracePeriod: props.terminationGracePeriod === undefined
        ? undefined : this.wholeNumber('terminationGracePeriod', props.terminationGracePeriod, 0),
    };
  }

  /** Wire JSON of one value; what is empty counts as not given, as it does for the operator. */
  public wire(type: string, prop: string, value: any): any {
    if (value === undefined || value === '') { return undefined; }
    const wire = this.guarded(() => toWire(type, value, prop, { none: true }));
    return Object.keys(wire).length === 0 ? undefined : wire;
  }

  /** Quantities may hold Jinja. */
  private resources(resources: TaskPodProps['containerResources']): any {
    if (!isObject(resources)) { return this.wire('ResourceRequirements', 'containerResources', resources); }
    const { limits, requests }: any = resources;
    const jinja = Object.entries({ limits, requests }).filter(([, amounts]) => isObject(amounts))
      .flatMap(([kind, amounts]) => Object.entries<any>(amounts).map(([name, amount]) => ({ path: [kind, name], text: amount?.value ?? amount })))
      .filter(({ text }) => typeof text === 'string' && hasJinja(text));
    const plain = jinja.reduce((rest, { path }) => replaceAt(rest, path, () => '1'), resources);
    return jinja.reduce((wire, { path, text }) => replaceAt(wire, path, () => text), this.wire('ResourceRequirements', 'containerResources', plain));
  }

  private wireList(type: string, prop: string, values: any[] | undefined): any[] | undefined {
    return this.list(prop, values)?.map((value, i) => this.guarded(() => toWire(type, value, `${prop}[${i}]`, { none: true })));
  }

  private list<T>(prop: string, values: T[] | undefined): T[] | undefined {
    if (values !== undefined && !Array.isArray(values)) { this.fail(`'${prop}' must be a list, got ${shown(values)}; write [${shown(values)}]`); }
    const missing = values?.findIndex(value => value === undefined) ?? -1;
    if (missing >= 0) { this.fail(`'${prop}[${missing}]' is undefined; take it out of the list`); }
    return values;
  }

  public string(prop: string, value: string | undefined): string | undefined {
    if (value !== undefined && typeof value !== 'string') { this.fail(`'${prop}' must be a string, got ${got(value)}`); }
    return value === '' ? undefined : value;
  }

  public flag(prop: string, value: boolean | undefined): boolean | undefined {
    if (value !== undefined && typeof value !== 'boolean') {
      this.fail(`'${prop}' must be true or false, got ${shown(value)}${/^(true|false)$/i.test(String(value)) ? `; write ${['true', 'false'].includes(value as any) ? 'it' : String(value).toLowerCase()} without quotes` : ''}`);
    }
    return value;
  }

  private secret(prop: string, written: TaskSecret): any {
    if (!isObject(written)) { this.fail(`'${prop}' must be an object such as { deployType: 'env', deployTarget: 'SQL_CONN', secret: 'name', key: 'key' }, got ${shown(written)}`); }
    const secret = withoutNull(written);
    const unknown = Object.keys(secret).find(key => !SECRET.includes(key));
    if (unknown !== undefined) {
      const fix = ['secretName', 'name'].includes(unknown) ? "; write 'secret'" : didYouMean(unknown, SECRET) || `; it has ${SECRET.map(key => `'${key}'`).join(', ')}`;
      this.fail(`'${prop}': unknown prop '${unknown}'${fix}`);
    }
    (['deployTarget', 'secret', 'key'] as const).forEach(key => this.string(`${prop}.${key}`, secret[key]));
    const items = this.wireList('KeyToPath', `${prop}.items`, secret.items);
    return { ...secret, items: items?.length === 0 ? undefined : items };
  }

  public choice<T extends string>(prop: string, value: string | undefined, allowed: readonly T[]): T | undefined {
    return value === undefined || value === '' ? undefined : this.oneOf(prop, value, allowed);
  }

  /** A DNS label, or Jinja. */
  private label(prop: string, value: string | undefined): string | undefined {
    const label = this.string(prop, value);
    if (label !== undefined && !((prop === 'hostname' || prop === 'baseContainerName') && hasJinja(label)) && !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(label)) {
      this.fail(`'${prop}' must be at most 63 lower-case letters, digits and '-', with a letter or digit at both ends, got '${label}'`);
    }
    return label;
  }

  private texts(prop: string, values: (string | XComReference)[] | undefined): string[] | undefined {
    if (values !== undefined && !Array.isArray(values)) {
      this.fail(`'${prop}' must be a list of strings, got ${shown(values)}; for a shell line write ['sh', '-c', …]`);
    }
    return this.list(prop, values)?.map((value, i) => this.text(`${prop}[${i}]`, value));
  }

  private text(prop: string, value: any): string {
    if (typeof value !== 'string' && !(value instanceof XComReference)) {
      const fix = AirflowTask.isAirflowTask(value) ? `the task '${value.taskId}'; write its 'output'` : got(value);
      this.fail(`'${prop}' must be a string or a task's output, got ${fix}`);
    }
    return `${value}`;
  }

  /** A text or a task's output that must be there. */
  public required(prop: string, value: string | XComReference): string {
    const text = this.text(prop, value);
    if (text.trim() === '') { this.fail(`'${prop}' is empty`); }
    return text;
  }

  private env(envVars: TaskPodProps['envVars']): any[] | undefined {
    if (envVars === undefined) { return undefined; }
    if (!Array.isArray(envVars)) {
      if (!isObject(envVars)) {
        this.fail(`'envVars' must be an object such as { NAME: 'text' }, or a list of { name, value }, got ${shown(envVars)}`);
      }
      return Object.entries(envVars).map(([name, value]: [string, any]) => {
        if (isObject(value) && ('valueFrom' in value || 'secretKeyRef' in value || 'fieldRef' in value)) {
          this.fail(`'envVars.${name}' must be a text, got ${shown(value)}; write envVars as a list: [{ name: '${name}', valueFrom: { … } }], or name a Secret in 'secrets'`);
        }
        return value === null ? { name } : { name, value: this.text(`envVars.${name}`, value) };
      });
    }
    return this.list<any>('envVars', envVars)!.map((variable, i) => this.guarded(() => toWire(
      'EnvVar', variable?.value instanceof XComReference ? { ...variable, value: `${variable.value}` } : variable, `envVars[${i}]`, { none: true })));
  }
}

/** More than Airflow and Kubernetes hold. */
function exceeds(value: unknown): boolean {
  return typeof value === 'number' && value > INT32_MAX;
}

function numeric(value: unknown): string {
  return typeof value === 'string' && /^\d+$/.test(value) ? '; write it without quotes' : '';
}

/** A value of another type than a text, and how it becomes one. */
function got(value: unknown): string {
  const quoted = typeof value === 'number' || typeof value === 'boolean';
  return `${shown(value)}${quoted ? '; put it in quotes' : ''}`;
}
