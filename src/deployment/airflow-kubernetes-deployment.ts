import { ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { AirflowComponent } from './airflow-component';
import { AirflowKubernetesDeploymentProps } from './airflow-kubernetes-deployment-props';
import { Executor } from './executor';
import { airflowConfig } from './private/airflow-config';
import { API_SERVER_PORT, apiServerComponent, webserverComponent } from './private/api-server';
import { capacityEntries, DEFAULT_PARALLELISM, quotaWarnings } from './private/capacity';
import { celeryContext, celeryWorkerComponent, workerPools } from './private/celery-worker';
import { configHash, mountedFile } from './private/config-maps';
import { DeploymentContext } from './private/context';
import { dagProcessorComponent } from './private/dag-processor';
import { DeploymentSecrets } from './private/deployment-secrets';
import { deploymentLogs } from './private/logs';
import { migrationComponent } from './private/migration';
import { podLaunching } from './private/pod-launching';
import { redisComponent } from './private/redis';
import { schedulerComponent } from './private/scheduler';
import { secretBootstrapComponent } from './private/secret-bootstrap';
import { triggererComponent } from './private/triggerer';
import { assertKnownProps, assertName, conflicts, defaultName, isExternalName } from './private/validation';
import { workerComponent, workerPodTemplate } from './private/workers';
import { renderAirflowCfg } from '../airflow/config';
import { DeploymentIdentity } from '../airflow/deployment-identity';
import { AirflowImage } from '../airflow/image';
import { resolveImages } from '../airflow/image-catalogue';
import { AirflowVersion } from '../airflow/version';
import { Component, ComponentGraph } from '../private/component-graph';
import { pascal } from '../private/pascal';
import { warnAtSynth, warnWhenComplete } from '../private/warnings';
import { Owner } from '../private/workload';
import { AirflowRbac } from '../security/airflow-rbac';
import { networkPolicies } from '../security/network-policies';
import { WorkerPodTemplate } from '../tasks/worker-pod-template';

const DEPLOYMENT = Symbol.for('cdk8s-airflow.AirflowKubernetesDeployment');

/** FAB's own default on Airflow 2, which would write the file beside airflow.cfg, where nothing can be written. */
const WEBSERVER_CONFIG = 'from flask_appbuilder.const import AUTH_DB\n\nAUTH_TYPE = AUTH_DB\nWTF_CSRF_ENABLED = True\n';

/**
 * Apache Airflow on Kubernetes.
 *
 * Objects are called `<name>-<component>`, with `name` the construct ids below the chart joined by `-` (or `releaseName`). Users log in through FAB,
 * as with the official chart: its users are in the database, shared by all API servers, and there is none until somebody makes one with
 * `kubectl exec -it deploy/<name>-api-server -- airflow users create --role Admin …`.
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

  /** The DAG processor, where it is a component of its own. */
  public readonly dagProcessor?: AirflowComponent;

  /** The triggerer. */
  public readonly triggerer: AirflowComponent;

  /** The Job that migrates the database. */
  public readonly migration: AirflowComponent;

  /** The Job that fills the Secrets that were not given; absent where all were. */
  public readonly secretBootstrap?: AirflowComponent;

  /** The workers of CeleryExecutor, pool by pool; none under other executors. */
  public readonly celeryWorkers: AirflowComponent[];

  /** The template of the task pods; under KubernetesExecutor. */
  public readonly workerPodTemplate?: WorkerPodTemplate;

  /** ServiceAccounts and Roles. */
  public readonly rbac: AirflowRbac;

  /** The ConfigMap with airflow.cfg. */
  public readonly configMap: ApiObject;

  constructor(scope: Construct, id: string, props: AirflowKubernetesDeploymentProps) {
    super(scope, id);
    Object.defineProperty(this, DEPLOYMENT, { value: true });
    try {
      this.version = props.version ?? AirflowVersion.V3_3;
      this.executor = props.executor ?? Executor.kubernetes();
      this.releaseName = props.releaseName ?? defaultName(this);
      this.namespace = props.namespace ?? Chart.of(this).namespace ?? 'default';
      assertName(this.releaseName, props.releaseName !== undefined);
      assertKnownProps(props, this.version, this.executor);

      const owner: Owner = { name: this.releaseName, namespace: this.namespace, version: this.version.version };
      const context = this.context(owner, props);
      const files: { [configMap: string]: string } = { ...context.dags?.configMaps };
      const file = (fileId: string, name: string, key: string, text: string) => {
        files[name] = text;
        return new ApiObject(this, fileId, {
          apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: owner.namespace, labels: identityOf(owner).labels }, data: { [key]: text },
        });
      };
      this.configMap = file('Config', `${owner.name}-config`, 'airflow.cfg', context.airflowCfg);

      const components: Component[] = [];
      if (context.secrets.generated.length > 0) { components.push(secretBootstrapComponent(context.image, context.secrets.generated)); }
      components.push(migrationComponent(context, props.migration ?? {}), schedulerComponent(context, props.scheduler ?? {}));
      if (context.airflow3) {
        components.push(apiServerComponent(context, props.apiServer ?? {}));
      } else {
        const name = `${owner.name}-webserver-config`;
        file('WebserverConfig', name, 'webserver_config.py', WEBSERVER_CONFIG);
        components.push(webserverComponent(context, mountedFile('webserver-config', name, 'webserver_config.py'), props.webserver ?? {}));
      }
      if (context.dagProcessor) { components.push(dagProcessorComponent(context, props.dagProcessor ?? {})); }
      components.push(triggererComponent(context, props.triggerer ?? {}));
      if (this.executor._runs('KubernetesExecutor')) {
        this.workerPodTemplate = workerPodTemplate(context, props.workers ?? {});
        file('PodTemplate', `${owner.name}-pod-template`, 'pod_template_file.yaml', this.workerPodTemplate.toYaml());
        components.push(workerComponent(context, this.workerPodTemplate));
      }

      if (context.redis) { components.push(context.redis); }
      for (const [name, pool] of Object.entries(context.workerPools)) { components.push(celeryWorkerComponent(context, name, pool)); }
      const graph = new ComponentGraph(components);
      this.rbac = AirflowRbac._derive(this, 'Rbac', owner, graph);
      const policies = props.networkPolicies?.enabled === false ? {} : networkPolicies(owner, graph, props.networkPolicies ?? {});
      const made: { [name: string]: AirflowComponent } = {};
      for (const component of graph.components) {
        // Task pods have no workload: Airflow makes them.
        if (component.workload === 'Pod') {
          if (policies[component.name]) { new ApiObject(this, `${pascal(component.name)}NetworkPolicy`, policies[component.name] as any); }
          continue;
        }
        made[component.name] = AirflowComponent._create(
          this, pascal(component.name), owner, component, configHash(component, files), policies[component.name],
        );
      }
      this.scheduler = made.scheduler;
      this.apiServer = made['api-server'];
      this.webserver = made.webserver;
      this.dagProcessor = made['dag-processor'];
      this.triggerer = made.triggerer;
      this.celeryWorkers = Object.keys(context.workerPools).map(name => made[name]);
      this.migration = made.migration;
      this.secretBootstrap = made['secret-bootstrap'];
      const tasks = this.workerPodTemplate;
      warnWhenComplete(this, () => quotaWarnings(this.node.root.node.findAll(), {
        namespace: this.namespace,
        components: Object.values(made).map(component => component.workload.toJson()).filter(({ kind }) => kind !== 'Job')
          .map(({ spec }) => ({ spec: spec.template.spec, pods: spec.replicas ?? 1 })),
        tasks: tasks && { spec: tasks.toJson().spec, parallelism: context.parallelism, schedulers: props.scheduler?.replicas ?? 1 },
      }));
    } catch (error) {
      throw new Error(`[${this.node.path}] ${(error as Error).message}`, { cause: error });
    }
    this.node.addValidation({
      validate: () => {
        const all = this.node.root.node.findAll();
        return conflicts(this, all, all.filter(node => AirflowKubernetesDeployment.isAirflowKubernetesDeployment(node)));
      },
    });
  }

  /** What the components share, and the objects that belong to none of them. */
  private context(owner: Owner, props: AirflowKubernetesDeploymentProps): DeploymentContext {
    const features = this.version._features;
    const identity = identityOf(owner);
    const image = props.image ?? AirflowImage.of(`apache/airflow:${this.version.version}`);
    const secrets = new DeploymentSecrets(this, identity, this.version, props);
    const database = props.database.bind(new Construct(this, 'Database'), identity);
    const logs = props.logs?.bind(new Construct(this, 'Logs'), { identity, version: this.version });
    const celery = this.executor._celery && celeryContext(new Construct(this, 'Celery'), identity, this.executor._celery);
    const servers = [{ what: 'the database', peer: database.peer }, ...(celery?.servers ?? []), ...(logs?.peers ?? []).map(peer => ({ what: "the server of 'logs'", peer }))];
    for (const { what, peer } of props.networkPolicies?.enabled === false ? [] : servers.filter(server => isExternalName(server.peer))) {
      warnAtSynth(this, `network policies: ${what} '${peer.host}' is known by its name only, so that port ${peer.port} is open to any `
        + "address; give its address ranges as 'cidrs'");
    }
    const images = resolveImages(props.images);
    const dags = props.dags?.bind(new Construct(this, 'Dags'), { identity, version: this.version, images });
    const ui = features.apiServer ? 'api-server' : 'webserver';
    const exposure = props.exposure?.bind(new Construct(this, 'Exposure'), {
      identity, serviceName: `${owner.name}-${ui}`, servicePort: API_SERVER_PORT,
    });
    const dagProcessor = features.separateDagProcessor || props.dagProcessor !== undefined;
    const { config, derived, basePath } = airflowConfig({
      owner,
      version: this.version,
      executor: this.executor,
      user: props.config ?? {},
      customSections: props.customConfigSections ?? [],
      dags,
      logs: logs?.config,
      dagProcessor,
      capacity: capacityEntries(props, this.executor),
      baseUrl: exposure?.baseUrl,
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
      airflowCfg: renderAirflowCfg(config),
      derived,
      config: mountedFile('config', `${owner.name}-config`, 'airflow.cfg'),
      secrets,
      databaseParts: { env: database.env },
      database: { kind: 'host', ...database.peer },
      celery,
      workerPools: workerPools(owner.name, this.executor),
      redis: this.executor._celery?.broker._own ? redisComponent(images.redis, secrets.brokerPassword()) : undefined,
      parallelism: Number(config.core.parallelism ?? DEFAULT_PARALLELISM),
      podLaunching: podLaunching(owner.namespace, images.xcomSidecar, props.podLaunching),
      logs: deploymentLogs(logs, props.logFiles ?? {}, image),
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
