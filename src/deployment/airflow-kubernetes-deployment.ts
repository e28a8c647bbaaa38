import { ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { AirflowComponent } from './airflow-component';
import { AirflowKubernetesDeploymentProps } from './airflow-kubernetes-deployment-props';
import { Executor } from './executor';
import { bindDeployment } from './private/bind-deployment';
import { deploymentComponents } from './private/components';
import { configHash, ConfigMaps } from './private/config-maps';
import { deliver } from './private/delivery';
import { tellDoubts } from './private/doubts';
import { monitoringObjects } from './private/monitoring';
import { mountPodTemplates, podTemplateFolder, PodTemplates } from './private/pod-templates';
import { assertPropNames } from './private/prop-names';
import { resourcePolicies } from './private/resource-policies';
import { MAPPINGS_FILE } from './private/statsd';
import { triggererStays } from './private/triggerer';
import { assertKnownProps, assertName, assertPullSecrets, conflicts, defaultName } from './private/validation';
import { assertNamespace, copyForWorkers } from './private/worker-namespaces';
import { workerPodTemplate } from './private/workers';
import { renderAirflowCfg } from '../airflow/config';
import { configReadBy } from '../airflow/config-readers';
import { AirflowVersion } from '../airflow/version';
import { constructsOf } from '../private/complete-app';
import { ComponentGraph } from '../private/component-graph';
import { pascal } from '../private/pascal';
import { hasMember, shown } from '../private/prop-types';
import { warnAtSynth } from '../private/warnings';
import { Owner } from '../private/workload';
import { AirflowRbac } from '../security/airflow-rbac';
import { networkPolicies, networkPoliciesElsewhere } from '../security/network-policies';
import { PodTask } from '../tasks/pod-task';
import { WorkerPodOverride } from '../tasks/worker-pod-override';
import { WorkerPodTemplate } from '../tasks/worker-pod-template';

const DEPLOYMENT = Symbol.for('cdk8s-airflow.AirflowKubernetesDeployment');

/**
 * Apache Airflow on Kubernetes.
 *
 * Objects are called `<name>-<component>`, with `name` the construct ids below the chart joined by `-` (or `releaseName`). Users log in through FAB
 * unless `auth` says otherwise, as with the official chart: its users are in the database, shared by all API servers. There is none until `auth` names
 * one, or somebody makes one with `kubectl exec -it deploy/<name>-api-server -- airflow users create --role Admin …`.
 *
 * @see https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/overview.html
 */
export class AirflowKubernetesDeployment extends Construct {
  /** True for an {@link AirflowKubernetesDeployment}, also one of another copy of this package. */
  public static isAirflowKubernetesDeployment(x: any): x is AirflowKubernetesDeployment {
    return x !== null && typeof x === 'object' && DEPLOYMENT in x;
  }

  /** The name with which the names of all objects begin. */
  public readonly releaseName: string;

  /** Namespace of all objects. */
  public readonly namespace: string;

  /** Airflow's version. */
  public readonly version: AirflowVersion;

  /** Where tasks run. */
  public readonly executor: Executor;

  /** The scheduler. */
  public readonly scheduler: AirflowComponent;

  /** The API server; Airflow 3. */
  public readonly apiServer?: AirflowComponent;

  /** The webserver; Airflow 2. */
  public readonly webserver?: AirflowComponent;

  /** The DAG processor of all bundles, where it is a component of its own. */
  public readonly dagProcessor?: AirflowComponent;

  /** The DAG processors: that one, or those of `dagProcessors`. */
  public readonly dagProcessors: AirflowComponent[];

  /** The triggerer. */
  public readonly triggerer: AirflowComponent;

  /** The Job that migrates the database. */
  public readonly migration: AirflowComponent;

  /** The Job that fills the Secrets that were not given; absent where all were. */
  public readonly secretBootstrap?: AirflowComponent;

  /** The Job that makes the users of `auth`; absent where there are none. */
  public readonly createUser?: AirflowComponent;

  /** The Job that writes `objects` into the database; absent where there are none. */
  public readonly objects?: AirflowComponent;

  /** The CronJob that deletes task pods which have ended; absent unless asked for. */
  public readonly podCleanup?: AirflowComponent;

  /** The CronJob that deletes old rows of the database; absent unless asked for. */
  public readonly databaseCleanup?: AirflowComponent;

  /** Flower; absent unless asked for. */
  public readonly flower?: AirflowComponent;

  /** The Redis of CeleryBroker.developmentRedis(); absent under other brokers. */
  public readonly redis?: AirflowComponent;

  /** The StatsD exporter; absent unless `monitoring` has one. */
  public readonly statsd?: AirflowComponent;

  /** The workers of CeleryExecutor, pool by pool; none under other executors. */
  public readonly celeryWorkers: AirflowComponent[];

  /** PgBouncer; absent unless asked for. */
  public readonly pgbouncer?: AirflowComponent;

  /** The template of the task pods; under KubernetesExecutor. */
  public readonly workerPodTemplate?: WorkerPodTemplate;

  /** The namespaces in which task pods may be, the deployment's own first; none under other executors than KubernetesExecutor. */
  public readonly taskNamespaces: string[];

  /** ServiceAccounts and Roles. */
  public readonly rbac: AirflowRbac;

  /** The ConfigMap with airflow.cfg. */
  public readonly configMap: ApiObject;

  private readonly podTemplates: PodTemplates;

  constructor(scope: Construct, id: string, props: AirflowKubernetesDeploymentProps) {
    super(scope, id);
    Object.defineProperty(this, DEPLOYMENT, { value: true });
    try {
      assertPropNames(props);
      this.version = props.version ?? AirflowVersion.V3_3;
      this.executor = props.executor ?? Executor.kubernetes();
      this.releaseName = props.releaseName ?? defaultName(this);
      this.namespace = props.namespace ?? Chart.of(this).namespace ?? 'default';
      assertName(this.releaseName, props.releaseName !== undefined);
      assertNamespace(this.namespace, 'namespace');
      assertPullSecrets(props.imagePullSecrets);
      assertKnownProps(props, this.version, this.executor);

      const owner: Owner = { name: this.releaseName, namespace: this.namespace, version: this.version.version };
      const context = bindDeployment(this, owner, this.version, this.executor, props);
      const { auth, identity, monitoring: { statsd }, pgbouncer, pythonFiles } = context;
      this.taskNamespaces = this.executor._runs('KubernetesExecutor') ? [this.namespace, ...context.workerNamespaces] : [];

      const configMaps = new ConfigMaps(this, identity, context.dags?.configMaps);
      this.configMap = configMaps.add('Config', `${owner.name}-config`, { 'airflow.cfg': renderAirflowCfg(context.airflowCfg) });
      for (const [name, data] of Object.entries(pythonFiles.configMaps)) { configMaps.add(pascal(name.slice(owner.name.length + 1)), name, data); }
      if (auth.webserverConfigText !== undefined) {
        configMaps.add('WebserverConfig', `${owner.name}-webserver-config`, { 'webserver_config.py': auth.webserverConfigText });
      }
      this.podTemplates = new PodTemplates(this, identity, props.workers?.namespaces ?? [], () => this.mountPodTemplates());
      if (this.executor._runs('KubernetesExecutor')) {
        this.workerPodTemplate = workerPodTemplate(context, props.workers ?? {});
        this.podTemplates.own('pod_template_file.yaml', () => this.workerPodTemplate!.toYaml());
      }
      if (statsd) { configMaps.add('StatsdMappings', statsd.configMap, { [MAPPINGS_FILE]: statsd.mappings }); }
      if (props.monitoring) { monitoringObjects(new Construct(this, 'Monitoring'), identity, this.version, props.monitoring, triggererStays(props.triggerer)); }
      if (pgbouncer) { configMaps.add('PgBouncerConfig', `${owner.name}-pgbouncer`, { 'pgbouncer.ini': pgbouncer.ini }); }

      const components = deploymentComponents(context, props, this.workerPodTemplate, () => new Construct(this, 'ObjectSecrets'));
      const graph = new ComponentGraph(components);
      this.rbac = AirflowRbac._derive(this, 'Rbac', owner, graph);
      const policies = props.networkPolicies?.enabled === false ? {}
        : networkPolicies(owner, graph, props.networkPolicies ?? {}, context.databaseComponent);
      const made: { [name: string]: AirflowComponent } = {};
      for (const component of graph.components) {
        // Task pods have no workload: Airflow makes them.
        if (component.workload === 'Pod') {
          if (policies[component.name]) { new ApiObject(this, `${pascal(component.name)}NetworkPolicy`, policies[component.name] as any); }
          if (component.namespaces?.length) {
            const elsewhere = policies[component.name] ? networkPoliciesElsewhere(owner, graph, component, props.networkPolicies ?? {}) : [];
            const existing = this.node.findAll().filter(node => ApiObject.isApiObject(node));
            copyForWorkers(new Construct(this, 'WorkerNamespaces'), owner, component, this.workerPodTemplate!.toJson().spec, elsewhere, existing, context.secrets.generated)
              .forEach(message => warnAtSynth(this, message));
          }
          continue;
        }
        const read = { ...configMaps.contents, [`${owner.name}-config`]: renderAirflowCfg(configReadBy(context.airflowCfg, component.readsConfigAs)) };
        made[component.name] = AirflowComponent._create(
          this, pascal(component.name), owner, component, configHash(component, read), policies[component.name],
        );
      }
      resourcePolicies(this, identity, props);
      this.scheduler = made.scheduler;
      this.apiServer = made['api-server'];
      this.webserver = made.webserver;
      this.dagProcessor = made['dag-processor'];
      this.dagProcessors = components.filter(({ name }) => name.startsWith('dag-processor')).map(({ name }) => made[name]);
      this.triggerer = made.triggerer;
      this.celeryWorkers = Object.keys(context.workerPools).map(name => made[name]);
      this.migration = made.migration;
      this.pgbouncer = made.pgbouncer;
      this.secretBootstrap = made['secret-bootstrap'];
      this.statsd = made.statsd;
      this.redis = made.redis;
      this.flower = made.flower;
      this.createUser = made['create-user'];
      this.objects = made.objects;
      this.podCleanup = made['pod-cleanup'];
      this.databaseCleanup = made['database-cleanup'];

      tellDoubts(this, props, context, graph, made, () => constructsOf(this, AirflowKubernetesDeployment.isAirflowKubernetesDeployment));
      deliver(props.delivery, Object.values(made), ['Logs', 'Exposure', 'FlowerParts'].map(part => this.node.tryFindChild(part) as Construct | undefined));
    } catch (error) {
      throw new Error(`[${this.node.path}] ${(error as Error).message}`, { cause: error });
    }
    this.node.addValidation({
      validate: () =>
        conflicts(this, constructsOf(this, PodTask.isPodTask), constructsOf(this, AirflowKubernetesDeployment.isAirflowKubernetesDeployment)),
    });
  }

  /**
   * Mounts a task's pod as a `pod_template_file`, wherever Airflow opens it: in the scheduler and where tasks run.
   *
   * @returns its path, for `KubernetesPodOperator(pod_template_file=…)`
   * @throws Error where the file would hold Jinja, or another one has its name
   */
  public addPodTemplate(task: PodTask): string {
    return this.guarded(() => {
      if (!PodTask.isPodTask(task)) { throw new Error(`'addPodTemplate' takes a PodTask, got ${shown(task)}`); }
      const text = task.toPodTemplateFile();
      return this.podTemplates.add(`${task.name}.yaml`, () => text);
    });
  }

  /**
   * Mounts the pod of some tasks of KubernetesExecutor as a `pod_template_file`: that of `workers` with what differs.
   *
   * @returns its path, for `executor_config={"pod_template_file": …}`
   */
  public addWorkerPodTemplate(override: WorkerPodOverride): string {
    return this.guarded(() => {
      const template = this.workerPodTemplate;
      if (!hasMember(override, 'toPodTemplateFile')) { throw new Error(`'addWorkerPodTemplate' takes a WorkerPodOverride, got ${shown(override)}`); }
      if (!template) { throw new Error(`WorkerPodOverride '${override.name}' is for pods of KubernetesExecutor, the executor is ${this.executor.name}`); }
      return this.podTemplates.add(`${override.name}.yaml`, () => override.toPodTemplateFile(template));
    });
  }

  private guarded<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new Error(`[${this.node.path}] ${(error as Error).message}`, { cause: error });
    }
  }

  /** KubernetesExecutor opens template files in the scheduler, KubernetesPodOperator where it runs. */
  private mountPodTemplates(): void {
    this.workerPodTemplate?._mount(podTemplateFolder(this.releaseName));
    const openers = [...(this.executor._runs('KubernetesExecutor') || this.executor._runs('LocalExecutor') ? [this.scheduler] : []), ...this.celeryWorkers];
    openers.forEach(({ workload }) => mountPodTemplates(workload, this.releaseName));
  }
}
