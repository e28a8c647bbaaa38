import { AirflowConfigText } from './config';
import { ConfigReader } from '../private/component-graph';

/**
 * Who reads a section, or a single key of one, of airflow.cfg; what is not here is read by all. Found by the calls of `conf.get…` in the sources of
 * Airflow 3.3.2 and 2.11.2 and of their providers; a key that is looked up in a library that any process may load is left to all.
 */
export const CONFIG_READERS: { readonly [name: string]: readonly ConfigReader[] | 'all' } = {
  'api': ['ui'],
  // Clients of the execution API, and links in messages.
  'api.base_url': 'all',
  'api.client_ssl_cert': 'all',
  'api.client_ssl_key': 'all',
  'api.client_use_public_certs': 'all',
  'api.ssl_ca_file': 'all',
  'api.ssl_cert': 'all',
  'api_auth': ['ui', 'scheduler'],
  'aws_auth_manager': ['ui'],
  'celery': ['scheduler', 'celery-worker'],
  'celery_broker_transport_options': ['scheduler', 'celery-worker'],
  'celery_result_backend_transport_options': ['scheduler', 'celery-worker'],
  'celery_kubernetes_executor': ['scheduler', 'ui'],
  'connection_test': ['scheduler'],
  'core.parallelism': ['scheduler'],
  'core.simple_auth_manager_all_admins': ['ui'],
  'core.simple_auth_manager_passwords_file': ['ui'],
  'core.simple_auth_manager_users': ['ui'],
  'dag_processor': ['dag-processor'],
  'dag_processor.dag_bundle_config_list': 'all',
  'dag_processor.dag_bundle_storage_path': 'all',
  'dag_processor.disable_bundle_versioning': 'all',
  // Of the health that the user interface shows.
  'dag_processor.health_check_threshold': 'all',
  'dag_processor.stale_bundle_cleanup_age_threshold': 'all',
  'dag_processor.stale_bundle_cleanup_interval': 'all',
  'dag_processor.stale_bundle_cleanup_min_versions': 'all',
  'fab': ['ui'],
  'keycloak_auth_manager': ['ui'],
  // The user interface reads logs from pods, and KubernetesPodOperator shares the client's settings.
  'kubernetes_executor': ['scheduler', 'ui', 'triggerer', 'tasks'],
  'kubernetes_executor.async_pod_creation': ['scheduler'],
  'kubernetes_executor.delete_option_kwargs': ['scheduler'],
  'kubernetes_executor.delete_worker_pods': ['scheduler'],
  'kubernetes_executor.delete_worker_pods_on_failure': ['scheduler'],
  'kubernetes_executor.multi_namespace_mode': ['scheduler'],
  'kubernetes_executor.multi_namespace_mode_namespace_list': ['scheduler'],
  'kubernetes_executor.pod_creation_max_concurrency': ['scheduler'],
  'kubernetes_executor.pod_launch_failure_excluded_container_reasons': ['scheduler'],
  'kubernetes_executor.pod_launch_failure_retries': ['scheduler'],
  'kubernetes_executor.task_publish_max_retries': ['scheduler'],
  'kubernetes_executor.worker_pod_pending_fatal_container_state_reasons': ['scheduler'],
  'kubernetes_executor.worker_pods_creation_batch_size': ['scheduler'],
  'local_kubernetes_executor': ['scheduler', 'ui'],
  'scheduler.dag_stale_not_seen_duration': ['scheduler'],
  'scheduler.dagrun_metrics_interval': ['scheduler'],
  'scheduler.enable_health_check': ['scheduler'],
  'scheduler.enable_tracemalloc': ['scheduler'],
  'scheduler.file_parsing_sort_mode': ['dag-processor'],
  'scheduler.max_callbacks_per_loop': ['dag-processor'],
  'scheduler.max_dagruns_per_loop_to_schedule': ['scheduler'],
  'scheduler.max_dagruns_to_create_per_loop': ['scheduler'],
  'scheduler.min_file_process_interval': ['dag-processor'],
  'scheduler.num_runs': ['scheduler'],
  'scheduler.only_idle': ['scheduler'],
  'scheduler.parsing_pre_import_modules': ['dag-processor'],
  'scheduler.parsing_processes': ['dag-processor'],
  'scheduler.pool_metrics_interval': ['scheduler'],
  'scheduler.print_stats_interval': ['dag-processor'],
  'scheduler.scheduler_health_check_server_host': ['scheduler'],
  'scheduler.scheduler_health_check_server_port': ['scheduler'],
  'scheduler.scheduler_idle_sleep_time': ['scheduler'],
  'scheduler.stale_dag_threshold': ['dag-processor'],
  'scheduler.task_instance_heartbeat_timeout_detection_interval': ['scheduler'],
  'scheduler.task_queued_timeout_check_interval': ['scheduler'],
  'scheduler.ti_metrics_interval': ['scheduler'],
  'scheduler.trigger_timeout_check_interval': ['scheduler'],
  'scheduler.zombie_detection_interval': ['scheduler'],
  'triggerer': ['triggerer'],
  'triggerer.job_heartbeat_sec': 'all',
  // What a deferred task says about itself.
  'triggerer.queues_enabled': 'all',
  'triggerer.triggerer_health_check_threshold': 'all',
  'webserver': ['ui'],
  'webserver.base_url': 'all',
};

/** The part of a configuration that a component reads; all of it for one that does not say what it reads. */
export function configReadBy(config: AirflowConfigText, readers: readonly ConfigReader[] | undefined): AirflowConfigText {
  if (!readers) { return config; }
  const read: AirflowConfigText = {};
  for (const [section, entries] of Object.entries(config)) {
    // `celery` of `team_a=celery`.
    const base = section.slice(section.lastIndexOf('=') + 1);
    for (const [key, value] of Object.entries(entries)) {
      const known = CONFIG_READERS[`${base}.${key}`] ?? CONFIG_READERS[base] ?? 'all';
      if (known === 'all' || known.some(reader => readers.includes(reader))) { (read[section] ??= {})[key] = value; }
    }
  }
  return read;
}
