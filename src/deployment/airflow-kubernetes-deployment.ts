import { ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { AirflowComponent } from './airflow-component';
import { AirflowKubernetesDeploymentProps } from './airflow-kubernetes-deployment-props';
import { Executor } from './executor';
import { airflowConfig } from './private/airflow-config';
import { airflowObjectsComponent } from './private/airflow-objects';
import { API_SERVER_PORT, apiServerComponent, webserverComponent } from './private/api-server';
import { deploymentAuth } from './private/auth';
import { capacityEntries, DEFAULT_PARALLELISM, launchedPods, quotaWarnings } from './private/capacity';
import { celeryContext, celeryWorkerComponent, unheardQueue, withoutDatabase } from './private/celery-worker';
import { databaseCleanupComponent, podCleanupComponent } from './private/cleanup';
import { configHash, mountedFile } from './private/config-maps';
import { entriesOf, refuseDerived } from './private/configuration';
import { connections, connectionWarnings } from './private/connections';
import { DeploymentContext } from './private/context';
import { createUserComponent } from './private/create-user';
import { dagProcessorComponents } from './private/dag-processor';
import { deliver } from './private/delivery';
import { DeploymentSecrets } from './private/deployment-secrets';
import { bindFlower, flowerComponent } from './private/flower';
import { deploymentLogs, withoutIdentity } from './private/logs';
import { migrationComponent } from './private/migration';
import { monitoring, monitoringObjects } from './private/monitoring';
import { PgBouncer } from './private/pgbouncer';
import { podLaunching } from './private/pod-launching';
import { mutatedWorkerPod, podMutationSettings } from './private/pod-mutations';
import { mountPodTemplates, PodTemplates, podTemplateFolder } from './private/pod-templates';
import { pooledServers } from './private/pooled-servers';
import { assertPropNames } from './private/prop-names';
import { pythonFiles } from './private/python-files';
import { redisComponent } from './private/redis';
import { podSpecOf, refusedByPolicies, resourcePolicies } from './private/resource-policies';
import { schedulerComponent } from './private/scheduler';
import { secretBootstrapComponent } from './private/secret-bootstrap';
import { MAPPINGS_FILE } from './private/statsd';
import { triggererComponent, triggererStays } from './private/triggerer';
import { assertKnownProps, assertName, assertPullSecrets, conflicts, defaultName, isExternalName, otherVersion, sharedNamespace } from './private/validation';
import { assertNamespace, copyForWorkers, workerNamespaces } from './private/worker-namespaces';
import { workerPools } from './private/worker-pools';
import { workerComponent, workerPodTemplate } from './private/workers';
import { renderAirflowCfg } from '../airflow/config';
import { configReadBy } from '../airflow/config-readers';
import { DeploymentIdentity } from '../airflow/deployment-identity';
import { AirflowImage, union } from '../airflow/image';
import { mirrored, resolveImages } from '../airflow/image-catalogue';
import { AirflowVersion } from '../airflow/version';
import { throwProblems } from '../pod/problems';
import { constructsOf } from '../private/complete-app';
import { Component, ComponentGraph } from '../private/component-graph';
import { selectorLabels } from '../private/identity';
import { pascal } from '../private/pascal';
import { hasMember, shown } from '../private/prop-types';
import { warnAtSynth, warnWhenComplete } from '../private/warnings';
import { Owner } from '../private/workload';
import { AirflowRbac } from '../security/airflow-rbac';
import { inseparableServers, networkPolicies, networkPoliciesElsewhere } from '../security/network-policies';
import { PodTask } from '../tasks/pod-task';
import { mergeEnv, podSettings } from '../tasks/private/airflow-pod';
import { checkPlacement } from '../tasks/private/placement';
import { withDefaults } from '../tasks/private/pod-defaults';
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
      // Variables and volumes are for Airflow; its components have them already.
      const { envFrom: _, volumes: __, volumeMounts: ___, ...placement } = podSettings(props.podDefaults ?? {}, 'podDefaults.');
      assertKnownProps(props, this.version, this.executor);

      const owner: Owner = { name: this.releaseName, namespace: this.namespace, version: this.version.version };
      const context = this.context(owner, props);
      this.taskNamespaces = this.executor._runs('KubernetesExecutor') ? [this.namespace, ...context.workerNamespaces] : [];
      const files: { [configMap: string]: string } = { ...context.dags?.configMaps };
      const file = (fileId: string, name: string, key: string, text: string) => {
        files[name] = text;
        return new ApiObject(this, fileId, {
          apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: owner.namespace, labels: identityOf(owner).labels }, data: { [key]: text },
        });
      };
      this.configMap = file('Config', `${owner.name}-config`, 'airflow.cfg', renderAirflowCfg(context.airflowCfg));

      this.podTemplates = new PodTemplates(this, identityOf(owner), props.workers?.namespaces ?? [], () => this.mountPodTemplates());
      for (const [name, data] of Object.entries(context.pythonFiles.configMaps)) {
        files[name] = JSON.stringify(data);
        new ApiObject(this, pascal(name.slice(owner.name.length + 1)), {
          apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: owner.namespace, labels: identityOf(owner).labels }, data,
        });
      }

      refuseDerived(context.derived, props.podDefaults?.env, 'podDefaults.env');
      mergeEnv(this.version, [], props.podDefaults?.env, 'podDefaults.env');
      const components: Component[] = [];
      if (context.secrets.generated.length > 0) {
        components.push(secretBootstrapComponent(context.image, context.secrets.generated, props.secretBootstrap ?? {}));
      }
      components.push(migrationComponent(context, props.migration ?? {}), schedulerComponent(context, props.scheduler ?? {}));
      if (context.auth.webserverConfigText !== undefined) {
        file('WebserverConfig', `${owner.name}-webserver-config`, 'webserver_config.py', context.auth.webserverConfigText);
      }
      if (context.auth.users.length > 0) { components.push(createUserComponent(context, props.createUser ?? {})); }
      components.push(context.airflow3 ? apiServerComponent(context, props.apiServer ?? {}) : webserverComponent(context, props.webserver ?? {}));
      const dagProcessors = context.dagProcessor ? dagProcessorComponents(context, props.dagProcessor ?? {}, props.dagProcessors) : [];
      components.push(...dagProcessors);
      components.push(triggererComponent(context, props.triggerer ?? {}));
      if (this.executor._runs('KubernetesExecutor')) {
        this.workerPodTemplate = workerPodTemplate(context, props.workers ?? {});
        this.podTemplates.own('pod_template_file.yaml', () => this.workerPodTemplate!.toYaml());
        components.push(workerComponent(context, this.workerPodTemplate));
      }

      if (context.flower) { components.push(flowerComponent(context, context.flower, props.flower!)); }
      const { statsd } = context.monitoring;
      if (statsd) {
        file('StatsdMappings', statsd.configMap, MAPPINGS_FILE, statsd.mappings);
        components.push(statsd.component);
      }
      if (props.monitoring) { monitoringObjects(new Construct(this, 'Monitoring'), identityOf(owner), this.version, props.monitoring, triggererStays(props.triggerer)); }
      if (context.redis) { components.push(context.redis); }
      if (context.pgbouncer) {
        file('PgBouncerConfig', `${owner.name}-pgbouncer`, 'pgbouncer.ini', context.pgbouncer.ini);
        components.push(context.pgbouncer.component);
      }
      for (const [name, pool] of Object.entries(context.workerPools)) { components.push(celeryWorkerComponent(context, name, pool)); }
      if (props.objects) { components.push(airflowObjectsComponent(context, new Construct(this, 'ObjectSecrets'), identityOf(owner), props.objects)); }
      if (props.podCleanup) { components.push(podCleanupComponent(context, props.podCleanup)); }
      if (props.databaseCleanup) { components.push(databaseCleanupComponent(context, props.databaseCleanup)); }

      const graph = new ComponentGraph(components.map(component => ({
        ...component,
        pullSecrets: union(component.pullSecrets, props.imagePullSecrets ?? []),
        settings: withDefaults(placement, component.settings),
      })));
      this.rbac = AirflowRbac._derive(this, 'Rbac', owner, graph);
      const policies = props.networkPolicies?.enabled === false ? {} : networkPolicies(owner, graph, props.networkPolicies ?? {});
      if (policies.scheduler) { inseparableServers(graph).forEach(message => warnAtSynth(this, message)); }
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
        const read = { ...files, [`${owner.name}-config`]: renderAirflowCfg(configReadBy(context.airflowCfg, component.readsConfigAs)) };
        made[component.name] = AirflowComponent._create(
          this, pascal(component.name), owner, component, configHash(component, read), policies[component.name],
        );
      }
      resourcePolicies(this, identityOf(owner), props);
      const workloads = Object.values(made).map(component => component.workload);
      const taskPod = () => this.workerPodTemplate && mutatedWorkerPod(this.workerPodTemplate, props.podMutations);
      throwProblems(refusedByPolicies(workloads, taskPod(), props));
      this.scheduler = made.scheduler;
      this.apiServer = made['api-server'];
      this.webserver = made.webserver;
      this.dagProcessor = made['dag-processor'];
      this.dagProcessors = dagProcessors.map(({ name }) => made[name]);
      this.triggerer = made.triggerer;
      this.celeryWorkers = Object.keys(context.workerPools).map(name => made[name]);
      this.migration = made.migration;
      this.pgbouncer = made.pgbouncer;
      this.secretBootstrap = made['secret-bootstrap'];
      const doubts = [...otherVersion(context.image.reference, this.version), ...withoutIdentity(context, components)];
      doubts.forEach(message => warnAtSynth(this, message));
      unheardQueue(context).forEach(message => warnAtSynth(this, message));
      connectionWarnings(connections(context, components), context.connectionLimits).forEach(message => warnAtSynth(this, message));
      warnWhenComplete(this, () => sharedNamespace(this, constructsOf(this, AirflowKubernetesDeployment.isAirflowKubernetesDeployment)));
      warnWhenComplete(this, () => quotaWarnings(constructsOf(this, ApiObject.isApiObject), this.namespace, () => ({
        components: Object.values(made).map(component => component.workload.toJson()).filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
          .map(({ spec }) => ({ spec: spec.template.spec, pods: spec.replicas ?? 1 })),
        tasks: this.workerPodTemplate && { spec: taskPod().spec, parallelism: context.parallelism, schedulers: props.scheduler?.replicas ?? 1 },
        launched: launchedPods(this, this.namespace),
      })));
      this.statsd = made.statsd;
      this.redis = made.redis;
      this.flower = made.flower;
      this.createUser = made['create-user'];
      this.objects = made.objects;
      checkPlacement(this, () => [
        ...Object.entries(made).map(([name, { workload }]): [string, any] => [`the pod of '${name}'`, podSpecOf(workload)]),
        ...(this.workerPodTemplate ? [["a pod of 'workers'", taskPod().spec] as [string, any]] : []),
      ]);
      this.podCleanup = made['pod-cleanup'];
      this.databaseCleanup = made['database-cleanup'];
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

  /** What the components share, and the objects that belong to none of them. */
  private context(owner: Owner, props: AirflowKubernetesDeploymentProps): DeploymentContext {
    const features = this.version._features;
    const identity = identityOf(owner);
    const { imageRegistry, imagePullSecrets = [] } = props;
    const named = props.image ?? AirflowImage.of(mirrored(`apache/airflow:${this.version.version}`, imageRegistry));
    const image = named._withPullSecrets(imagePullSecrets);
    const secrets = new DeploymentSecrets(this, identity, this.version, props);
    const images = resolveImages(props.images, imageRegistry);
    const pgbouncer = props.pgbouncer && new PgBouncer(props.pgbouncer, new Construct(this, 'PgBouncerSecrets'), identity);
    const databaseContext = {
      ...identity,
      version: this.version,
      images,
      imagePullSecrets,
      pgbouncer: pgbouncer !== undefined,
      closedTo: props.networkPolicies?.enabled === false ? undefined : withoutDatabase(owner.name, this.version, this.executor),
    };
    const database = props.database.bind(new Construct(this, 'Database'), databaseContext);
    const logs = props.logs?.bind(new Construct(this, 'Logs'), { identity, version: this.version });
    const celery = this.executor._celery && celeryContext(new Construct(this, 'Celery'), identity, this.executor._celery, pgbouncer);
    const flower = props.flower && bindFlower(new Construct(this, 'FlowerParts'), identity, props.flower);
    const watched = monitoring({
      identity, version: this.version, image: images.statsdExporter, config: props.config ?? {}, props: props.monitoring ?? {},
    });
    const dags = props.dags?.bind(new Construct(this, 'Dags'), { identity, version: this.version, images });
    const servers = [
      ...watched.servers,
      { what: 'the database', peer: database.peer },
      ...(celery?.servers ?? []),
      ...(logs?.peers ?? []).map(peer => ({ what: "the server of 'logs'", peer })),
      ...(props.networkPolicies?.taskEgress === 'deny' ? dags?.peers ?? [] : []).map(peer => ({ what: "the server of 'dags'", peer })),
    ];
    for (const { what, peer } of props.networkPolicies?.enabled === false ? [] : servers.filter(server => isExternalName(server.peer))) {
      warnAtSynth(this, `network policies: ${what} '${peer.host}' is known by its name only, so that port ${peer.port} is open to any `
        + "address; give its address ranges as 'cidrs'");
    }
    const ui = features.apiServer ? 'api-server' : 'webserver';
    const exposure = props.exposure?.bind(new Construct(this, 'Exposure'), {
      identity, serviceName: `${owner.name}-${ui}`, servicePort: API_SERVER_PORT, portName: 'http', selector: selectorLabels(owner.name, ui),
    });
    if (exposure && exposure.baseUrl === flower?.baseUrl) {
      throw new Error(`'flower.exposure' and 'exposure' are both ${exposure.baseUrl}; give Flower a host or a path of its own, such as path: '/flower'`);
    }
    if (props.secretsBackend && props.config?.secrets?.backend !== undefined) {
      throw new Error("'config.secrets.backend' is set, and so is 'secretsBackend'; remove one");
    }
    const secretsBackend = props.secretsBackend?._bind(new Construct(this, 'SecretsBackend'), identity);
    const auth = props.auth?._bind(new Construct(this, 'Auth'), identity, this.version);
    if (auth?.warning) { warnAtSynth(this, auth.warning); }
    const dagProcessor = features.separateDagProcessor || props.dagProcessor !== undefined || props.dagProcessors !== undefined;
    const elsewhere = workerNamespaces(owner.namespace, props.workers?.namespaces);
    // The provider of Airflow 2 cannot end a sidecar without procps: the pod would run on.
    const sidecarImage = features.executionApi ? images.xcomSidecar : props.images?.xcomSidecar ?? image.reference;
    const launching = podLaunching(owner.namespace, sidecarImage, features.executionApi, props.podLaunching);
    const { config, derived, basePath } = airflowConfig({
      owner,
      version: this.version,
      executor: this.executor,
      plugins: props.plugins !== undefined,
      user: props.config ?? {},
      customSections: props.customConfigSections ?? [],
      dags,
      dagProcessor,
      workerNamespaces: elsewhere,
      logs: logs?.config,
      capacity: capacityEntries(props, this.executor),
      celery: celery?.extraConfig,
      monitoring: watched.derived,
      flower: flower?.derived ?? [],
      baseUrl: exposure?.baseUrl,
      auth,
    });
    const pooled = pooledServers({
      pgbouncer,
      database,
      databaseContext,
      results: celery?.pooled ?? [],
      airflowCfg: config,
      apiServers: withDefaults(props.podDefaults, props.apiServer ?? {}),
      images,
      imagePullSecrets,
      secrets,
    });
    return {
      owner,
      version: this.version,
      airflow3: features.executionApi,
      executor: this.executor,
      image,
      dagProcessor,
      dags,
      basePath,
      exposed: exposure !== undefined,
      airflowCfg: config,
      derived,
      pythonFiles: pythonFiles(
        owner.name, props.airflowLocalSettings, props.plugins, launching.localSettings, podMutationSettings(this.version, props.podMutations),
      ),
      config: mountedFile('config', `${owner.name}-config`, 'airflow.cfg'),
      secrets,
      auth: deploymentAuth(owner.name, this.version, auth),
      ...pooled,
      kedaDatabase: database.keda,
      celery,
      workerPools: workerPools(owner.name, this.executor),
      redis: this.executor._celery?.broker._own ? redisComponent(images.redis, secrets.brokerPassword(), props.redis ?? {}) : undefined,
      defaultQueue: entriesOf(config, props.podDefaults?.env)('operators', 'default_queue') ?? 'default',
      parallelism: Number(entriesOf(config, withDefaults(props.podDefaults, props.scheduler ?? {}).env)('core', 'parallelism') ?? DEFAULT_PARALLELISM),
      workerNamespaces: elsewhere,
      secretsBackend,
      podLaunching: launching,
      logs: deploymentLogs(logs, props.logFiles ?? {}, image),
      monitoring: watched,
      podDefaults: props.podDefaults,
      flower,
    };
  }
}

function identityOf(owner: Owner): DeploymentIdentity {
  return {
    name: owner.name,
    namespace: owner.namespace,
    labels: {
      'app.kubernetes.io/name': 'airflow',
      'app.kubernetes.io/instance': owner.name,
      'app.kubernetes.io/version': owner.version,
      'app.kubernetes.io/managed-by': 'cdk8s-airflow',
    },
  };
}
