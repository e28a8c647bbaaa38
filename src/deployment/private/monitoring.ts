import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { AlertOptions, alerts, metricReports } from './alerts';
import { Config, DerivedEntry } from './configuration';
import { dashboard } from './dashboard';
import { SCRAPE_PORT_NAME, STATSD_PORT, statsdComponent, statsdMappings } from './statsd';
import { hasLegacyNames, STATSD_PREFIX } from './statsd-mappings';
import { DeploymentIdentity, NetworkPeer } from '../../airflow/deployment-identity';
import { addressFamily, isHost, peerAt } from '../../airflow/server-address';
import { AirflowVersion } from '../../airflow/version';
import { assertMetadataMap } from '../../pod/metadata-maps';
import { toWire } from '../../pod/schema';
import { Component, Flow, Protocol, Wire } from '../../private/component-graph';
import { selectorLabels } from '../../private/identity';
import { shown } from '../../private/prop-types';
import { GrafanaDashboardProps, MonitoringProps, OpenTelemetryProps, PrometheusMonitorProps, PrometheusRuleProps } from '../monitoring-props';

/** Where a deployment's metrics and traces go, for the components that send them. */
export interface Monitoring {
  readonly derived: DerivedEntry[];
  /** Of every process of Airflow. */
  readonly env: Wire[];
  readonly flows: Flow[];
  /** Servers outside of the deployment, and what they are called in a warning. */
  readonly servers: { readonly what: string; readonly peer: NetworkPeer }[];
  /** The exporter, and its mappings. */
  readonly statsd?: { readonly component: Component; readonly configMap: string; readonly mappings: string };
}

/** What the monitoring of a deployment follows from. */
export interface MonitoringOptions {
  readonly identity: DeploymentIdentity;
  readonly version: AirflowVersion;
  /** Of the exporter. */
  readonly image: string;
  /** The user's airflow.cfg, which may name servers, too. */
  readonly config: Config;
  readonly props: MonitoringProps;
}

/** Makes the exporter and what speaks to it or to a collector. */
export function monitoring({ identity, version, image, config, props }: MonitoringOptions): Monitoring {
  const { statsd, openTelemetry } = props;
  const from = "'monitoring.statsd'";
  const entry = (section: string, key: string, value: DerivedEntry['value'], why: string): DerivedEntry => ({ section, key, value, from: why });
  const configMap = `${identity.name}-statsd`;
  const otel = openTelemetry && collector(identity, version, openTelemetry, statsd !== undefined);
  const given = plain(config);
  return {
    derived: [
      ...(statsd ? [
        entry('metrics', 'statsd_on', true, from),
        // With the namespace: task pods may be in another one.
        entry('metrics', 'statsd_host', `${identity.name}-statsd.${identity.namespace}`, from),
        entry('metrics', 'statsd_port', STATSD_PORT, from),
        entry('metrics', 'statsd_prefix', STATSD_PREFIX, from),
        ...(hasLegacyNames(version) ? [entry('metrics', 'legacy_names_on', true, from)] : []),
        // Else some durations are in seconds, and the exporter takes them for milliseconds.
        ...(version._isAtLeast('3.0.0') ? [] : [entry('metrics', 'timer_unit_consistency', true, from)]),
      ] : []),
      ...otel?.derived ?? [],
    ],
    env: otel?.env ?? [],
    flows: [
      ...(statsd ? [{ kind: 'component' as const, component: 'statsd', port: STATSD_PORT, protocol: 'UDP' as const }] : []),
      ...(otel ? [{ kind: 'host' as const, ...otel.peer }] : []),
      ...given.map(({ peer, protocol }) => ({ kind: 'host' as const, ...peer, protocol })),
    ],
    servers: [...(otel ? [{ what: "the collector of 'monitoring.openTelemetry'", peer: otel.peer }] : []), ...given],
    ...(statsd ? { statsd: { component: statsdComponent(image, configMap, statsd), configMap, mappings: statsdMappings(statsd) } } : {}),
  };
}

/** The objects for Prometheus and Grafana. */
export function monitoringObjects(
  scope: Construct, identity: DeploymentIdentity, version: AirflowVersion, props: MonitoringProps, triggererStays: boolean,
): void {
  const { serviceMonitor, podMonitor, prometheusRule, grafanaDashboard } = props;
  const monitors = Object.entries({ serviceMonitor, podMonitor }).filter(([, given]) => given);
  const dependents = Object.entries({ prometheusRule, grafanaDashboard }).filter(([, given]) => given);
  if (monitors.length > 0 && !props.statsd) { throw new Error(`'monitoring.${monitors[0][0]}' reads the exporter; add 'statsd: {}', or remove it`); }
  if (monitors.length > 1) { throw new Error("'monitoring.serviceMonitor' and 'monitoring.podMonitor' would both count every metric; remove one of them"); }
  if (monitors.length === 0 && dependents.length > 0) {
    throw new Error(`'monitoring.${dependents[0][0]}' selects by the labels that a monitor gives; add 'serviceMonitor: {}' or 'podMonitor: {}', or remove it`);
  }
  for (const [prop, given] of [...monitors, ...dependents]) {
    assertMetadataMap(toWire('{}string', given!.labels, `monitoring.${prop}.labels`), `monitoring.${prop}.labels`);
  }
  monitors.forEach(([prop, given]) => assertDurations(given as PrometheusMonitorProps, `monitoring.${prop}`));
  const labels = (more?: { [label: string]: string }) => ({ ...more, ...identity.labels });
  const meta = (more?: { [label: string]: string }) => ({ name: `${identity.name}-statsd`, namespace: identity.namespace, labels: labels(more) });
  const selector = { matchLabels: selectorLabels(identity.name, 'statsd') };
  const apiVersion = 'monitoring.coreos.com/v1';
  // Both kinds then give `job` the same value, which rules and dashboard select by.
  const jobLabel = 'app.kubernetes.io/instance';
  const series = `namespace="${identity.namespace}",job="${identity.name}"`;
  const monitor = (kind: string, endpoints: string, given: PrometheusMonitorProps) =>
    new ApiObject(scope, kind, { apiVersion, kind, metadata: meta(given.labels), spec: { jobLabel, selector, [endpoints]: [endpoint(given)] } });
  if (serviceMonitor) { monitor('ServiceMonitor', 'endpoints', serviceMonitor); }
  if (podMonitor) { monitor('PodMonitor', 'podMetricsEndpoints', podMonitor); }
  const title = `${identity.namespace}/${identity.name}`;
  const reports = metricReports(version);
  if (prometheusRule) {
    new ApiObject(scope, 'PrometheusRule', {
      apiVersion,
      kind: 'PrometheusRule',
      metadata: { ...meta(prometheusRule.labels), name: identity.name },
      spec: { groups: [{ name: `airflow-${identity.name}`, rules: rules(prometheusRule, { series, name: title, reports, triggererStays }) }] },
    });
  }
  if (grafanaDashboard) {
    const { labels: own = { grafana_dashboard: '1' }, annotations }: GrafanaDashboardProps = grafanaDashboard;
    new ApiObject(scope, 'GrafanaDashboard', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { ...meta(own), name: `${identity.name}-dashboard`, ...(annotations ? { annotations } : {}) },
      // Grafana's folder is one for all: a file of the same name would replace another's.
      data: { [`airflow-${identity.namespace}-${identity.name}.json`]: JSON.stringify(dashboard(title, series, reports), null, 2) },
    });
  }
}

function assertDurations(given: PrometheusMonitorProps, path: string): void {
  for (const prop of ['interval', 'scrapeTimeout'] as const) {
    const value = given[prop];
    if (value !== undefined && !/^(?=.)(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/.test(value)) {
      throw new Error(`'${path}.${prop}' must be a duration of Prometheus such as '30s' or '1m30s', got ${shown(value)}`);
    }
  }
}

function endpoint({ interval = '30s', scrapeTimeout, metricRelabelings }: PrometheusMonitorProps): Wire {
  return {
    port: SCRAPE_PORT_NAME,
    path: '/metrics',
    interval,
    ...(scrapeTimeout === undefined ? {} : { scrapeTimeout }),
    ...(metricRelabelings ? { metricRelabelings } : {}),
  };
}

function rules(props: PrometheusRuleProps, options: Pick<AlertOptions, 'series' | 'name' | 'reports' | 'triggererStays'>): Wire[] {
  const seconds = (prop: 'queuedSeconds' | 'parseSeconds', otherwise: number) => {
    const value = props[prop] ?? otherwise;
    if (!Number.isFinite(value) || value <= 0) { throw new Error(`'monitoring.prometheusRule.${prop}' must be a number above 0, got ${shown(value)}`); }
    return value;
  };
  props.extraRules?.forEach((rule, i) => assertRule(rule, `monitoring.prometheusRule.extraRules[${i}]`));
  const own = alerts({ ...options, queuedSeconds: seconds('queuedSeconds', 300), parseSeconds: seconds('parseSeconds', 60) });
  return [...own.map(rule => ({ ...rule, labels: { ...rule.labels, ...props.alertLabels } })), ...props.extraRules ?? []];
}

/** What the operator's CRD, and Prometheus behind it, ask of a rule. */
function assertRule(rule: Wire, path: string): void {
  const named = ['alert', 'record'].filter(key => rule?.[key] !== undefined);
  if (named.length !== 1) { throw new Error(`'${path}' must have one of 'alert' and 'record', got ${JSON.stringify(rule)}`); }
  if (rule.expr === undefined || rule.expr === '') { throw new Error(`'${path}.expr' is missing; give the expression of '${rule[named[0]]}'`); }
}

function collector(
  identity: DeploymentIdentity, version: AirflowVersion, props: OpenTelemetryProps, statsd: boolean,
): Pick<Monitoring, 'derived' | 'env'> & { peer: NetworkPeer } {
  const { host, port = 4318, ssl = false, metrics = !statsd, traces = false, intervalMilliseconds, cidrs } = props;
  const path = 'monitoring.openTelemetry';
  if (!isHost(host)) {
    throw new Error(`'${path}.host' must be a host name or an address, got ${shown(host)}; scheme and port are props of their own`);
  }
  for (const [prop, value] of Object.entries({ port, intervalMilliseconds })) {
    if (value !== undefined && (!Number.isInteger(value) || value < 1 || (prop === 'port' && value > 65535))) {
      throw new Error(`'${path}.${prop}' must be a whole number of at least 1${prop === 'port' ? ' and at most 65535' : ''}, got ${shown(value)}`);
    }
  }
  if (metrics && statsd) { throw new Error(`'${path}.metrics' and 'monitoring.statsd' both take the metrics, and Airflow sends them to one; remove one of them`); }
  if (!metrics && !traces) { throw new Error(`'${path}' gets nothing; set its 'metrics' or 'traces', or remove it`); }
  const peer = peerAt(host, port, cidrs);
  // Since 3.2 Airflow warns of the entries, and reads OpenTelemetry's own variables.
  const variables = version._isAtLeast('3.2.0');
  const sections = [...(metrics ? ['metrics'] : []), ...(traces ? ['traces'] : [])];
  const entries: [string, string, DerivedEntry['value']][] = sections.flatMap(section => [
    [section, 'otel_on', true],
    ...(variables ? [] : [[section, 'otel_host', host], [section, 'otel_port', port], [section, 'otel_ssl_active', ssl]]),
  ] as [string, string, DerivedEntry['value']][]);
  if (!variables && metrics && intervalMilliseconds !== undefined) { entries.push(['metrics', 'otel_interval_milliseconds', intervalMilliseconds]); }
  const authority = `${addressFamily(host) === 6 ? `[${host}]` : host}:${port}`;
  return {
    derived: entries.map(([section, key, value]) => ({ section, key, value, from: `'${path}'` })),
    env: !variables ? [] : [
      { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: `${ssl ? 'https' : 'http'}://${authority}` },
      { name: 'OTEL_EXPORTER_OTLP_PROTOCOL', value: 'http/protobuf' },
      { name: 'OTEL_SERVICE_NAME', value: identity.name },
      ...(metrics && intervalMilliseconds !== undefined ? [{ name: 'OTEL_METRIC_EXPORT_INTERVAL', value: String(intervalMilliseconds) }] : []),
    ],
    peer,
  };
}

/** Servers that the user's airflow.cfg names by itself. */
function plain(config: Config): { what: string; peer: NetworkPeer; protocol: Protocol }[] {
  const server = (section: string, kind: 'statsd' | 'otel', port: number, protocol: Protocol) => {
    const { [`${kind}_on`]: on, [`${kind}_host`]: host, [`${kind}_port`]: said } = config[section] ?? {};
    if (!isOn(on) || typeof host !== 'string' || host === 'localhost' || host === '') { return []; }
    return [{ what: `the host of 'config.${section}.${kind}_host'`, peer: peerAt(host, Number(said ?? port)), protocol }];
  };
  return [...server('metrics', 'statsd', 8125, 'UDP'), ...server('metrics', 'otel', 4318, 'TCP'), ...server('traces', 'otel', 4318, 'TCP')];
}

function isOn(value: unknown): boolean {
  return value === true || String(value).toLowerCase() === 'true';
}
