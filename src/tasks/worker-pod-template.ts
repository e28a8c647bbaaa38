import { Yaml } from 'cdk8s';
import { AirflowPodProps } from './airflow-pod-props';
import { containerResources, podSettings, userEnv } from './private/airflow-pod';
import { WORKER_POD_TEMPLATE } from './private/pod-structs';
import { AirflowImage } from '../airflow/image';
import { AirflowVersion } from '../airflow/version';
import { LABEL_LENGTH } from '../pod/names';
import { throwProblems } from '../pod/problems';
import { named } from '../pod/rules/words';
import { toWire } from '../pod/schema';
import { Component, Wire } from '../private/component-graph';
import { checkStruct } from '../private/known-props';
import * as kplus from '../private/kplus';
import { container, logFolder, TMP, volumesOf } from '../private/pod-parts';
import { IMAGE, shown, VERSION } from '../private/prop-types';
import { checkSubPath } from '../private/sub-path';
import { podTemplate } from '../private/workload';

/** What can be set on the task pods of a deployment. Containers, volumes and variables of a task's own come from its `pod_override`. */
export interface WorkerPodTemplateOptions extends AirflowPodProps {}

/** A worker pod template of its own, for an Airflow that this package does not deploy, or beside the one that the deployment makes. */
export interface WorkerPodTemplateProps extends WorkerPodTemplateOptions {
  /** The deployment's name; the pods' ServiceAccount is `<name>-worker`. */
  readonly name: string;

  /** Airflow's version. */
  readonly version: AirflowVersion;

  /** The image, with the same DAG code's dependencies as the rest of the deployment. */
  readonly image: AirflowImage;

  /**
   * The ConfigMap that holds `airflow.cfg`.
   *
   * @default `<name>-config`
   */
  readonly configMapName?: string;

  /**
   * The volume of the log files, called `logs`.
   *
   * @default - an empty folder
   */
  readonly logsVolume?: kplus.k8s.Volume | { [key: string]: any };

  /**
   * The folder of that volume that is mounted.
   *
   * @default - the volume itself
   */
  readonly logsSubPath?: string;
}

/**
 * The pod of which KubernetesExecutor makes each task's pod. It satisfies Pod Security `restricted` with a read-only root. On Airflow 3 it holds no
 * secret at all: the scheduler gives each task a token of its own, with which it speaks to the API server only.
 *
 * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/kubernetes_executor.html#pod-template-file
 */
export class WorkerPodTemplate {
  /** The variables of each. @internal */
  public static _ownEnv(version: AirflowVersion): Wire[] {
    return [
      // The entrypoint would wait for a database that the pod cannot open.
      { name: 'CONNECTION_CHECK_MAX_COUNT', value: '0' },
      // Airflow 2 runs the task through an executor of the pod's own.
      ...(version._features.executionApi ? [] : [{ name: 'AIRFLOW__CORE__EXECUTOR', value: 'LocalExecutor' }]),
    ];
  }

  /** @internal */
  public _component: Component;

  private readonly props: WorkerPodTemplateProps;
  /** What was rendered last; a check of the whole pod takes its time. */
  private json?: string;

  constructor(props: WorkerPodTemplateProps) {
    checkStruct(props, WORKER_POD_TEMPLATE, 'WorkerPodTemplate');
    for (const [prop, what] of Object.entries({ name: "the deployment's name, such as 'airflow'", version: VERSION, image: IMAGE })) {
      if (props[prop as 'name'] === undefined) { throw new Error(`'${prop}' of WorkerPodTemplate is missing; give ${what}`); }
    }
    // A label has it, which a Helm release with dots in its name may have too.
    const long = props.name.length > LABEL_LENGTH ? [`'name' must be at most ${LABEL_LENGTH} characters, got ${props.name.length}`] : [];
    throwProblems([...named('name', props.name, 'name'), ...long, ...named('configMapName', props.configMapName, 'name')]);
    this.props = props;
    const config = {
      volumeMounts: [{ name: 'config', mountPath: '/opt/airflow/airflow.cfg', subPath: 'airflow.cfg', readOnly: true }],
      volumes: [{ name: 'config', configMap: { name: props.configMapName ?? `${props.name}-config` } }],
    };
    const env = WorkerPodTemplate._ownEnv(props.version);
    checkSubPath(props.logsSubPath, 'logsSubPath');
    const logsVolume: Wire = toWire('Volume', props.logsVolume ?? { name: 'logs', emptyDir: {} }, 'logsVolume');
    if (logsVolume.name !== 'logs') { throw new Error(`'logsVolume.name' must be 'logs', which the container mounts, got ${shown(logsVolume.name)}`); }
    const logs = logFolder(logsVolume, props.logsSubPath);
    const parts = [TMP, logs, config, { env: [...env, ...userEnv(props.version, env, props.env, 'env')] }];
    this._component = {
      name: 'worker',
      workload: 'Pod',
      containers: [container({
        // The executor looks for this name.
        name: 'base',
        image: props.image.reference,
        imagePullPolicy: props.image.pullPolicy,
        parts,
        resources: containerResources(props.resources, 'resources')
          ?? { requests: { cpu: '100m', memory: '512Mi' }, limits: { memory: '2Gi' } },
      })],
      volumes: volumesOf(parts),
      flows: [],
      terminationGracePeriodSeconds: 600,
      pullSecrets: props.image.pullSecrets,
      settings: { ...podSettings(props, ''), source: 'WorkerPodTemplate' },
    };
  }

  /** Has messages call it by the prop that it is made of. @internal */
  public _named(source: string): void {
    this._component = { ...this._component, settings: { ...this._component.settings, source } };
  }

  /** Adds the deployment's own variables, which may say what a user's may not. @internal */
  public _addEnv(variables: Wire[]): void {
    this._component.containers[0].env.push(...variables);
    this.json = undefined;
  }

  /** Mounts a volume in the container of the task; once. @internal */
  public _mount(part: { volumes: Wire[]; volumeMounts: Wire[] }): void {
    const { volumes, containers: [base] } = this._component;
    if (volumes.some(({ name }) => name === part.volumes[0].name)) { return; }
    volumes.push(...part.volumes);
    base.volumeMounts.push(...part.volumeMounts);
    this.json = undefined;
  }

  /** The Pod as wire JSON. The executor replaces its name. */
  public toJson(): any {
    return JSON.parse(this.json ??= JSON.stringify(this.render()));
  }

  /** The Pod as a file: `[kubernetes_executor] pod_template_file`. */
  public toYaml(): string {
    return Yaml.stringify(this.toJson());
  }

  private render(): Wire {
    const owner = { name: this.props.name, namespace: '', version: this.props.version.version };
    // A task that is evicted for the sake of fewer nodes starts again from nothing.
    const { metadata, spec }: Wire = podTemplate(owner, this._component, { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' });
    return { apiVersion: 'v1', kind: 'Pod', metadata: { name: `${owner.name}-worker`, ...metadata }, spec };
  }
}
