import { Construct } from 'constructs';
import { airflowConfig } from './airflow-config';
import { API_SERVER_PORT } from './api-server';
import { deploymentAuth } from './auth';
import { capacityEntries, DEFAULT_PARALLELISM } from './capacity';
import { celeryContext, withoutDatabase } from './celery-worker';
import { mountedFile } from './config-maps';
import { checkEnv, entriesOf } from './configuration';
import { DeploymentContext } from './deployment-context';
import { DeploymentSecrets } from './deployment-secrets';
import { bindFlower } from './flower';
import { deploymentLogs } from './logs';
import { monitoring } from './monitoring';
import { PgBouncer } from './pgbouncer';
import { podLaunching } from './pod-launching';
import { podMutationSettings } from './pod-mutations';
import { pooledServers } from './pooled-servers';
import { pythonFiles } from './python-files';
import { redisComponent } from './redis';
import { isExternalName } from './validation';
import { workerNamespaces } from './worker-namespaces';
import { workerPools } from './worker-pools';
import { DeploymentIdentity } from '../../airflow/deployment-identity';
import { AirflowImage } from '../../airflow/image';
import { mirrored, resolveImages } from '../../airflow/image-catalogue';
import { AirflowVersion } from '../../airflow/version';
import { selectorLabels } from '../../private/identity';
import { warnAtSynth } from '../../private/warnings';
import { Owner } from '../../private/workload';
import { podSettings } from '../../tasks/private/airflow-pod';
import { withDefaults } from '../../tasks/private/pod-defaults';
import { AirflowKubernetesDeploymentProps } from '../airflow-kubernetes-deployment-props';
import { Executor } from '../executor';

/** Makes the objects that belong to no component, and gives what the components share. */
export function bindDeployment(
  scope: Construct, owner: Owner, version: AirflowVersion, executor: Executor, props: AirflowKubernetesDeploymentProps,
): DeploymentContext {
  // Variables and volumes are for Airflow; its components take them from podDefaults.
  const { envFrom: _, volumes: __, volumeMounts: ___, ...placement } = podSettings(props.podDefaults ?? {}, 'podDefaults.');
  const features = version._features;
  const identity = identityOf(owner);
  const { imageRegistry, imagePullSecrets = [] } = props;
  const named = props.image ?? AirflowImage.of(mirrored(`apache/airflow:${version.version}`, imageRegistry));
  const image = named._withPullSecrets(imagePullSecrets);
  const secrets = new DeploymentSecrets(scope, identity, version, props);
  const images = resolveImages(props.images, imageRegistry);
  const elsewhere = workerNamespaces(owner.namespace, props.workers?.namespaces);
  // A task of Airflow 2 opens the database itself.
  const taskNamespaces = features.executionApi ? [] : elsewhere;
  const pgbouncerHost = `${owner.name}-pgbouncer${taskNamespaces.length > 0 ? `.${owner.namespace}` : ''}`;
  const pgbouncer = props.pgbouncer && new PgBouncer(props.pgbouncer, new Construct(scope, 'PgBouncerSecrets'), identity, pgbouncerHost);
  const databaseContext = {
    ...identity,
    version,
    images,
    imagePullSecrets,
    pgbouncer: pgbouncer !== undefined,
    keda: [props.triggerer, ...executor._celery?.workers ?? []].some(scaled => scaled?.keda !== undefined),
    closedTo: props.networkPolicies?.enabled === false ? undefined : withoutDatabase(owner.name, version, executor),
    taskNamespaces,
    extraIngress: props.networkPolicies?.extraIngress,
  };
  const database = props.database.bind(new Construct(scope, 'Database'), databaseContext);
  const logs = props.logs?.bind(new Construct(scope, 'Logs'), { identity, version });
  const celery = executor._celery && celeryContext(new Construct(scope, 'Celery'), identity, executor._celery, pgbouncer);
  const flower = props.flower && bindFlower(new Construct(scope, 'FlowerParts'), identity, props.flower);
  const watched = monitoring({
    identity, version, image: images.statsdExporter, config: props.config ?? {}, props: props.monitoring ?? {},
  });
  const dags = props.dags?.bind(new Construct(scope, 'Dags'), { identity, version, images });
  const servers = [
    ...watched.servers,
    { what: 'the database', peer: database.peer },
    ...(celery?.servers ?? []),
    ...(logs?.peers ?? []).map(peer => ({ what: "the server of 'logs'", peer })),
    ...(props.networkPolicies?.taskEgress === 'deny' ? dags?.peers ?? [] : []).map(peer => ({ what: "the server of 'dags'", peer })),
  ];
  for (const { what, peer } of props.networkPolicies?.enabled === false ? [] : servers.filter(server => isExternalName(server.peer))) {
    warnAtSynth(scope, `network policies: ${what} '${peer.host}' is known by its name only, so that port ${peer.port} is open to any `
      + "address; give its address ranges as 'cidrs'");
  }
  const ui = features.apiServer ? 'api-server' : 'webserver';
  const exposure = props.exposure?.bind(new Construct(scope, 'Exposure'), {
    identity, serviceName: `${owner.name}-${ui}`, servicePort: API_SERVER_PORT, portName: 'http', selector: selectorLabels(owner.name, ui),
  });
  if (exposure && exposure.baseUrl === flower?.baseUrl) {
    throw new Error(`'flower.exposure' and 'exposure' are both ${exposure.baseUrl}; give Flower a host or a path of its own, such as path: '/flower'`);
  }
  if (props.secretsBackend && props.config?.secrets?.backend !== undefined) {
    throw new Error("'config.secrets.backend' is set, and so is 'secretsBackend'; remove one");
  }
  const secretsBackend = props.secretsBackend?._bind(new Construct(scope, 'SecretsBackend'), identity);
  const auth = props.auth?._bind(new Construct(scope, 'Auth'), identity, version);
  if (auth?.warning) { warnAtSynth(scope, auth.warning); }
  const dagProcessor = features.separateDagProcessor || props.dagProcessor !== undefined || props.dagProcessors !== undefined;
  // The provider of Airflow 2 cannot end a sidecar without procps: the pod would run on.
  const sidecarImage = features.executionApi ? images.xcomSidecar : props.images?.xcomSidecar ?? image.reference;
  const launching = podLaunching(owner.namespace, sidecarImage, features.executionApi, props.podLaunching);
  const { config, derived, basePath, proxied } = airflowConfig({
    owner,
    version,
    executor,
    plugins: props.plugins !== undefined,
    user: props.config ?? {},
    customSections: props.customConfigSections ?? [],
    dags,
    dagProcessor,
    workerNamespaces: elsewhere,
    logs: logs?.config,
    capacity: capacityEntries(props, executor),
    celery: celery?.extraConfig,
    monitoring: watched.derived,
    flower: flower?.derived ?? [],
    baseUrl: exposure?.baseUrl,
    auth,
  });
  checkEnv({ version, derived }, [], [['podDefaults', props.podDefaults]]);
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
    identity,
    version,
    airflow3: features.executionApi,
    executor,
    image,
    dagProcessor,
    dags,
    basePath,
    proxied,
    exposed: exposure !== undefined,
    airflowCfg: config,
    derived,
    pythonFiles: pythonFiles(
      owner.name, props.airflowLocalSettings, props.plugins, launching.localSettings, podMutationSettings(version, props.podMutations),
    ),
    config: mountedFile('config', `${owner.name}-config`, 'airflow.cfg'),
    secrets,
    auth: deploymentAuth(owner.name, version, auth),
    ...pooled,
    kedaDatabase: database.keda,
    databaseComponent: database.component,
    celery,
    workerPools: workerPools(owner.name, executor),
    redis: executor._celery?.broker._own ? redisComponent(images.redis, secrets.brokerPassword(), props.redis ?? {}) : undefined,
    defaultQueue: entriesOf(config, props.podDefaults?.env)('operators', 'default_queue') ?? 'default',
    parallelism: Number(entriesOf(config, withDefaults(props.podDefaults, props.scheduler ?? {}).env)('core', 'parallelism') ?? DEFAULT_PARALLELISM),
    workerNamespaces: elsewhere,
    secretsBackend,
    podLaunching: launching,
    logs: deploymentLogs(logs, props.logFiles ?? {}, image),
    monitoring: watched,
    podDefaults: props.podDefaults,
    placement,
    flower,
  };
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
