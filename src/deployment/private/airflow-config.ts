import { API_SERVER_PORT } from './api-server';
import { authEntries } from './auth';
import { Config, DerivedEntry, mergeConfig, urlPath } from './configuration';
import { POD_TEMPLATE_FILE, SCHEDULER_HEALTH_PORT, WORKER_LOG_PORT } from './scheduler';
import { TRIGGERER_LOG_PORT } from './triggerer';
import { AirflowConfigText } from '../../airflow/config';
import { isPublicUrl } from '../../airflow/server-address';
import { AirflowVersion } from '../../airflow/version';
import { DagSourceBinding } from '../../dags/dag-source';
import { Owner } from '../../private/workload';
import { AuthBinding, FAB } from '../../security/auth-managers';
import { Executor } from '../executor';

/** What airflow.cfg follows from. */
export interface AirflowConfigOptions {
  readonly owner: Owner;
  readonly version: AirflowVersion;
  readonly executor: Executor;
  readonly user: Config;
  readonly customSections: string[];
  readonly dags?: DagSourceBinding;
  /** True where the DAG processor is a component of its own. */
  readonly dagProcessor: boolean;
  /** Where task pods may be beside the deployment's namespace. */
  readonly workerNamespaces: string[];
  /** Of the place for logs. */
  readonly logs?: Config;
  /** Of the broker: `extra_celery_config`. */
  readonly celery?: Config[string];
  /** Of the props of capacity. */
  readonly capacity: DerivedEntry[];
  /** Of Flower. */
  readonly flower: DerivedEntry[];
  /** Of the monitoring. */
  readonly monitoring: DerivedEntry[];
  /** True where plugins are mounted. */
  readonly plugins: boolean;
  /** Of the exposure. */
  readonly baseUrl?: string;
  /** Of the way to log in, where one was chosen. */
  readonly auth?: AuthBinding;
}

/** airflow.cfg of a deployment. */
export interface DeploymentConfig {
  readonly config: AirflowConfigText;
  /** The entries that follow from other props. */
  readonly derived: DerivedEntry[];
  /** The path below which the user interface is served; empty for none. */
  readonly basePath: string;
  /** True where something stands in front of the user interface, which takes people's TLS. */
  readonly proxied: boolean;
}

/** Makes the airflow.cfg of a deployment. */
export function airflowConfig(options: AirflowConfigOptions): DeploymentConfig {
  const { owner, version, executor, user, baseUrl, auth, workerNamespaces } = options;
  const elsewhere = workerNamespaces.length > 0;
  const features = version._features;
  // The section of the user interface.
  const ui = features.apiServer ? 'api' : 'webserver';
  const said = user[ui]?.base_url;
  if (said !== undefined && baseUrl !== undefined && urlPath(String(said)) !== urlPath(baseUrl)) {
    throw new Error(`'config.${ui}.base_url' is '${said}', but 'exposure' serves '${baseUrl}'; remove it from 'config', or give both the same path`);
  }
  const refreshInterval = options.dags?.refreshIntervalSeconds;
  const url = String(said ?? baseUrl ?? '');
  const basePath = urlPath(url);

  const defaults: Config = {
    core: { load_examples: false },
    logging: { colored_console_log: false },
    // Milliseconds everywhere, as on Airflow 3: each command warns of the other way.
    ...(features.executionApi ? {} : { metrics: { timer_unit_consistency: true } }),
    // Airflow's own, which it warns of where nobody wrote it.
    ...(executor._celery?.broker._scheme === 'redis' ? { celery_broker_transport_options: { visibility_timeout: '86400' } } : {}),
    ...(baseUrl === undefined ? {} : { [ui]: { base_url: baseUrl } }),
    ...(refreshInterval === undefined ? {} : features.dagBundles ? { dag_processor: { refresh_interval: refreshInterval } }
      : { scheduler: { dag_dir_list_interval: refreshInterval } }),
  };
  // Whoever says where people find it has something in front of it, which takes their TLS; a URL of this machine alone is of a port that was forwarded,
  // and one of a Service is for pods.
  const proxied = baseUrl !== undefined || isPublicUrl(url, `${owner.name}-${features.apiServer ? 'api-server' : 'webserver'}`, owner.namespace);
  if (proxied && (auth?.manager ?? FAB) === FAB) {
    const section = features.apiServer ? 'fab' : 'webserver';
    defaults[section] = { ...defaults[section], enable_proxy_fix: true };
  }

  for (const [section, keys] of Object.entries(auth?.config ?? {})) { defaults[section] = { ...defaults[section], ...keys }; }

  const entry = (section: string, key: string, value: DerivedEntry['value'], from: string): DerivedEntry => ({ section, key, value, from });
  const kubernetes = [
    entry('kubernetes_executor', 'namespace', owner.namespace, "the deployment's namespace"),
    ...(elsewhere ? [
      entry('kubernetes_executor', 'multi_namespace_mode', true, "'workers.namespaces'"),
      entry('kubernetes_executor', 'multi_namespace_mode_namespace_list', [owner.namespace, ...workerNamespaces].join(','), "'workers.namespaces'"),
    ] : [entry('kubernetes_executor', 'multi_namespace_mode', false, "the scheduler's Role of one namespace; name others in 'workers.namespaces', which")]),
    entry('kubernetes_executor', 'pod_template_file', POD_TEMPLATE_FILE, "'workers'"),
    // The template names the image, which may have a digest; these two could not say it.
    entry('kubernetes_executor', 'worker_container_repository', '', "'image'"),
    entry('kubernetes_executor', 'worker_container_tag', '', "'image'"),
  ];
  const derived = [
    entry('core', 'executor', executor.name, "'executor'"),
    ...options.capacity,
    ...options.monitoring,
    ...options.flower,
    ...authEntries(version, auth, user),
    ...(features.executionApi
      ? [entry('core', 'execution_api_server_url', `http://${owner.name}-api-server${elsewhere ? `.${owner.namespace}` : ''}:${API_SERVER_PORT}${basePath}/execution/`, 'the API server')]
      : []),
    ...(options.dags?.dagsFolder === undefined ? [] : [entry('core', 'dags_folder', options.dags.dagsFolder, "'dags'")]),
    ...(options.plugins ? [entry('core', 'plugins_folder', '/opt/airflow/plugins', "'plugins'")] : []),
    ...(options.dags?.bundles === undefined ? []
      : [entry('dag_processor', 'dag_bundle_config_list', JSON.stringify(options.dags.bundles), "'dags'")]),
    entry(ui, features.apiServer ? 'port' : 'web_server_port', API_SERVER_PORT, 'the Service'),
    ...(features.apiServer ? ['ssl_cert', 'ssl_key'] : ['web_server_ssl_cert', 'web_server_ssl_key']).map(key => entry(ui, key, undefined, 'its probes and its Service '
      + "speak HTTP: TLS ends at 'exposure' ('tlsSecretName'), and inside the cluster at a service mesh or a proxy in its 'containers'")),
    entry('logging', 'base_log_folder', '/opt/airflow/logs', 'the writable folder'),
    entry('logging', 'trigger_log_server_port', TRIGGERER_LOG_PORT, 'the Service of the triggerer'),
    ...Object.entries(options.logs ?? {}).flatMap(([section, keys]) => Object.entries(keys).map(([key, value]) => entry(section, key, value, "'logs'"))),
    ...(executor._runs('LocalExecutor') ? [entry('logging', 'worker_log_server_port', WORKER_LOG_PORT, 'the Service of the scheduler')] : []),
    ...(executor._runs('CeleryExecutor') ? [
      entry('logging', 'worker_log_server_port', WORKER_LOG_PORT, 'the Service of the workers'),
      entry('celery', 'worker_enable_remote_control', true, 'the probe of the workers'),
      ...(options.celery ? [entry('celery', 'extra_celery_config', JSON.stringify(options.celery), "the broker's TLS")] : []),
    ] : []),
    ...(executor._runs('KubernetesExecutor') ? kubernetes : []),
    entry('scheduler', 'enable_health_check', true, 'the probe of the scheduler'),
    entry('scheduler', 'scheduler_health_check_server_port', SCHEDULER_HEALTH_PORT, 'the probe of the scheduler'),
    ...(features.separateDagProcessor ? [] : [entry('scheduler', 'standalone_dag_processor', options.dagProcessor, "'dagProcessor'")]),
  ];
  return { config: mergeConfig({ version, defaults, user, customSections: options.customSections, derived }), derived, basePath, proxied };
}
