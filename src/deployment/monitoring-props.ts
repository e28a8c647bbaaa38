import * as kplus from '../private/kplus';
import { AirflowPodProps } from '../tasks/airflow-pod-props';

/** How the health of a deployment is watched. */
export interface MonitoringProps {
  /**
   * A StatsD exporter: all processes of Airflow, task pods included, send it their metrics, and Prometheus reads them from it. `{}` for the defaults.
   *
   * @default - none
   * @see https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/logging-monitoring/metrics.html
   */
  readonly statsd?: StatsdProps;

  /**
   * A collector of OpenTelemetry, which exists, for metrics or traces. Metrics go to one place: to it, or to `statsd`.
   *
   * @default - none
   */
  readonly openTelemetry?: OpenTelemetryProps;

  /**
   * A ServiceMonitor, by which the Prometheus operator finds the exporter. `{}` for the defaults.
   *
   * @default - none
   * @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor
   */
  readonly serviceMonitor?: PrometheusMonitorProps;

  /**
   * A PodMonitor, which does the same; one of the two is enough.
   *
   * @default - none
   * @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor
   */
  readonly podMonitor?: PrometheusMonitorProps;

  /**
   * A PrometheusRule with alerts: scheduler, triggerer or DAG processor silent, tasks that wait too long or do not start, slow or failing parsing of
   * DAGs, a pool or a triggerer without room. It needs `serviceMonitor` or `podMonitor`, whose labels it selects by. `{}` for the defaults.
   *
   * @default - none
   */
  readonly prometheusRule?: PrometheusRuleProps;

  /**
   * A ConfigMap with a dashboard, for Grafana's sidecar. It needs `serviceMonitor` or `podMonitor`. `{}` for the defaults.
   *
   * @default - none
   */
  readonly grafanaDashboard?: GrafanaDashboardProps;
}

/** The StatsD exporter. There is one pod: counters must meet in one place. */
export interface StatsdProps extends AirflowPodProps {
  /**
   * Mappings in the exporter's own form, before the deployment's own, so that they win.
   *
   * @default - none
   * @see https://github.com/prometheus/statsd_exporter#metric-mapping-and-configuration
   */
  readonly extraMappings?: { [key: string]: any }[];

  /**
   * Mappings instead of all others. Alerts and dashboard then find only what these name as the deployment's own do.
   *
   * @default - the official chart's, and further ones for all metrics whose names hold DAGs, tasks, pools, queues, hosts or executors
   */
  readonly overrideMappings?: { [key: string]: any }[];

  /**
   * Who may read the metrics, as peers of a NetworkPolicy.
   *
   * @default - every pod of the cluster
   */
  readonly scrapedFrom?: (kplus.k8s.NetworkPolicyPeer | { [key: string]: any })[];
}

/** A collector of OpenTelemetry that speaks OTLP over HTTP. */
export interface OpenTelemetryProps {
  /** Host name or address of the collector. */
  readonly host: string;

  /**
   * Its port for OTLP over HTTP.
   *
   * @default 4318
   */
  readonly port?: number;

  /**
   * True for https.
   *
   * @default false
   */
  readonly ssl?: boolean;

  /**
   * Send metrics.
   *
   * @default - true, unless there is a `statsd`
   */
  readonly metrics?: boolean;

  /**
   * Send traces.
   *
   * @default false
   */
  readonly traces?: boolean;

  /**
   * Milliseconds between two reports of metrics.
   *
   * @default - Airflow's own: 60000
   */
  readonly intervalMilliseconds?: number;

  /**
   * Address ranges that the collector is in.
   *
   * @default - its port is open to any address
   */
  readonly cidrs?: string[];
}

/** How Prometheus finds the exporter, and how it reads it. */
export interface PrometheusMonitorProps {
  /**
   * Labels of the object, by which a Prometheus chooses its monitors: often `{ release: 'kube-prometheus-stack' }`.
   *
   * @default - none beside those of all objects
   */
  readonly labels?: { [key: string]: string };

  /**
   * Time between two reads, as a duration of Prometheus.
   *
   * @default '30s'
   */
  readonly interval?: string;

  /**
   * Time that one read may take, as a duration of Prometheus.
   *
   * @default - Prometheus' own
   */
  readonly scrapeTimeout?: string;

  /**
   * Changes of metrics before they are kept, in the operator's own form.
   *
   * @default - none
   */
  readonly metricRelabelings?: { [key: string]: any }[];
}

/** Alerts. */
export interface PrometheusRuleProps {
  /**
   * Labels of the object, by which a Prometheus chooses its rules.
   *
   * @default - none beside those of all objects
   */
  readonly labels?: { [key: string]: string };

  /**
   * Labels of each alert, beside `severity`, for Alertmanager.
   *
   * @default - none
   */
  readonly alertLabels?: { [key: string]: string };

  /**
   * Seconds that a task waits in the queue, from which it is an alert; on Airflow 2 an average of 15 minutes. Airflow 3.0 and 3.1 report no such time.
   *
   * @default 300
   */
  readonly queuedSeconds?: number;

  /**
   * Seconds to parse all DAG files once, from which it is an alert.
   *
   * @default 60
   */
  readonly parseSeconds?: number;

  /**
   * Further rules in Prometheus' own form.
   *
   * @default - none
   */
  readonly extraRules?: { [key: string]: any }[];
}

/** A dashboard. */
export interface GrafanaDashboardProps {
  /**
   * Labels of the ConfigMap, by which Grafana's sidecar finds it.
   *
   * @default { grafana_dashboard: '1' }
   */
  readonly labels?: { [key: string]: string };

  /**
   * Annotations of the ConfigMap, such as `{ grafana_folder: 'Airflow' }`.
   *
   * @default - none
   */
  readonly annotations?: { [key: string]: string };
}
