import { toWire } from '../../pod/schema';
import { ON_FINISH_ACTIONS, OnFinishAction, XCOM_MODES, XComMode } from '../../pod/task-annotation';
import { TaskPodOptions } from '../../pod/task-pod';
import { PodTaskProps } from '../pod-task-props';
import { XComReference } from '../xcom-reference';

/** Reads a task's props into wire JSON; whatever is wrong becomes an error with the construct's path. */
export class TaskReader {
  constructor(private readonly path: string) {}

  public fail(message: string): never {
    throw new Error(`[${this.path}] ${message}`);
  }

  /** The result of a function that knows no path. */
  public guarded<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      return this.fail((error as Error).message);
    }
  }

  public taskId(taskId: string): string {
    // Airflow's own rule for keys, so that the id is one there as well.
    if (typeof taskId !== 'string' || !/^[\p{L}\p{N}_.-]{1,250}$/u.test(taskId)) {
      this.fail(`'taskId' must be 1 to 250 letters, digits, '-', '_' or '.', got '${taskId}'; the construct's id is taken where 'taskId' is not given`);
    }
    return taskId;
  }

  public oneOf<T extends string>(prop: string, value: string, allowed: readonly T[]): T {
    if (!allowed.includes(value as T)) {
      this.fail(`'${prop}' must be one of ${allowed.map(a => `'${a}'`).join(', ')}, got ${JSON.stringify(value)}`);
    }
    return value as T;
  }

  public onFinishAction(value: string): OnFinishAction {
    return this.oneOf('onFinishAction', value, ON_FINISH_ACTIONS);
  }

  public wholeNumber(prop: string, value: number, least: number): number {
    if (!Number.isSafeInteger(value) || value < least) { this.fail(`'${prop}' must be a whole number of at least ${least}, got ${JSON.stringify(value)}`); }
    return value;
  }

  public positive(prop: string, value: number): number {
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
      this.fail(`'${prop}' must be a number of seconds greater than 0, got ${JSON.stringify(value)}`);
    }
    return value;
  }

  /** Labels; None, which the operator takes for an empty value, is null here. */
  public labels(labels: { [key: string]: string } | undefined): { [key: string]: string } {
    return this.stringMap('labels', labels && Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, value === null ? '' : value])));
  }

  public stringMap(prop: string, map: { [key: string]: string } | undefined): { [key: string]: string } {
    for (const [key, value] of Object.entries(map ?? {})) {
      if (typeof value !== 'string') { this.fail(`'${prop}.${key}' must be a string, got ${JSON.stringify(value)}; put it in quotes`); }
    }
    return { ...map };
  }

  /** The parameters that shape the pod. */
  public podOptions(props: PodTaskProps): TaskPodOptions {
    if (typeof props.image !== 'string' || props.image.trim() === '') {
      this.fail(`'image' must be the name of an image, got ${JSON.stringify(props.image)}`);
    }
    const object = (type: string, prop: string, value: any) => value === undefined ? undefined : this.guarded(() => toWire(type, value, prop));
    const list = (type: string, prop: string, values: any[] | undefined) => {
      if (values !== undefined && !Array.isArray(values)) { this.fail(`'${prop}' must be a list, got ${JSON.stringify(values)}`); }
      return values?.map((value, i) => object(type, `${prop}[${i}]`, value));
    };
    return {
      image: props.image,
      cmds: this.texts('cmds', props.cmds),
      arguments: this.texts('arguments', props.arguments),
      env: this.env(props.envVars),
      secrets: props.secrets?.map((secret, i) => ({ ...secret, items: list('KeyToPath', `secrets[${i}].items`, secret.items) })),
      volumes: list('Volume', 'volumes', props.volumes),
      volumeMounts: list('VolumeMount', 'volumeMounts', props.volumeMounts),
      ports: list('ContainerPort', 'ports', props.ports),
      containerResources: object('ResourceRequirements', 'containerResources', props.containerResources),
      serviceAccountName: props.serviceAccountName,
      automountServiceAccountToken: props.automountServiceAccountToken,
      doXcomPush: props.doXcomPush ?? false,
      xcomMode: this.oneOf<XComMode>('xcomMode', props.xcomMode ?? 'native', XCOM_MODES),
      xcomSidecarContainerImage: props.xcomSidecarContainerImage,
      xcomSidecarContainerSecurityContext: object('SecurityContext', 'xcomSidecarContainerSecurityContext', props.xcomSidecarContainerSecurityContext),
      nodeSelector: this.stringMap('nodeSelector', props.nodeSelector),
      tolerations: list('Toleration', 'tolerations', props.tolerations),
      affinity: object('Affinity', 'affinity', props.affinity),
      securityContext: object('PodSecurityContext', 'securityContext', props.securityContext),
      containerSecurityContext: object('SecurityContext', 'containerSecurityContext', props.containerSecurityContext),
      hardening: props.hardening ?? true,
      imagePullSecrets: typeof props.imagePullSecrets === 'string'
        ? props.imagePullSecrets.split(',').map(name => ({ name: name.trim() }))
        : list('LocalObjectReference', 'imagePullSecrets', props.imagePullSecrets),
      imagePullPolicy: props.imagePullPolicy && this.oneOf('imagePullPolicy', props.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']),
      activeDeadlineSeconds: props.activeDeadlineSeconds === undefined
        ? undefined : this.wholeNumber('activeDeadlineSeconds', props.activeDeadlineSeconds, 1),
    };
  }

  private texts(prop: string, values: (string | XComReference)[] | undefined): string[] | undefined {
    if (values !== undefined && !Array.isArray(values)) {
      this.fail(`'${prop}' must be a list of strings, got ${JSON.stringify(values)}; for a shell line write ['sh', '-c', …]`);
    }
    return values?.map((value, i) => this.text(`${prop}[${i}]`, value));
  }

  private text(prop: string, value: any): string {
    if (typeof value !== 'string' && !(value instanceof XComReference)) {
      this.fail(`'${prop}' must be a string or a task's output, got ${JSON.stringify(value)}${typeof value === 'number' ? '; put it in quotes' : ''}`);
    }
    return `${value}`;
  }

  private env(envVars: PodTaskProps['envVars']): any[] | undefined {
    if (envVars === undefined) { return undefined; }
    if (!Array.isArray(envVars)) {
      return Object.entries(envVars).map(([name, value]) => ({ name, value: this.text(`envVars.${name}`, value) }));
    }
    return envVars.map((variable: any, i) => this.guarded(() => toWire(
      'EnvVar', variable?.value instanceof XComReference ? { ...variable, value: `${variable.value}` } : variable, `envVars[${i}]`)));
  }
}
