import METRICS from './airflow-metrics.json';
import { Deployed, database, SHAPES } from './deploy';
import {
  AirflowKubernetesDeployment, AirflowKubernetesDeploymentProps, AirflowPodProps, AirflowVersion, CeleryBroker, Executor, GrafanaDashboardProps,
  MonitoringProps, OpenTelemetryProps, PrometheusMonitorProps, PrometheusRuleProps, StatsdProps,
} from '../../src';
import { STATSD_MAPPINGS } from '../../src/deployment/private/statsd-mappings';
import { chart, synth } from '../util';

type Props = Partial<AirflowKubernetesDeploymentProps>;
const V2 = AirflowVersion.V2_11;
const STATSD: MonitoringProps = { statsd: {}, serviceMonitor: {}, prometheusRule: {}, grafanaDashboard: {} };
const watched = (monitoring: MonitoringProps, props: Props = {}) => new Deployed({ ...props, monitoring });
const component = (name: string) => ({
  podSelector: {
    matchLabels: {
      'app.kubernetes.io/name': 'airflow', 'app.kubernetes.io/instance': 'airflow', 'app.kubernetes.io/component': name,
    },
  },
});

/** What the exporter makes of a metric: globs first, in their order, then regular expressions, then the name itself. */
function exported(name: string): { name: string; labels: { [label: string]: string } } {
  const glob = (match: string) => new RegExp(`^${match.split('.').map(part => part === '*' ? '([^.]*)' : part.replace(/[^\w-]/g, '\\$&')).join('\\.')}$`);
  const ordered = [...STATSD_MAPPINGS.filter(({ match_type: type }) => !type), ...STATSD_MAPPINGS.filter(({ match_type: type }) => type)];
  for (const { match, match_type: type, name: to, labels = {} } of ordered) {
    const found = (type ? new RegExp(match) : glob(match)).exec(name);
    if (found) {
      return { name: to, labels: Object.fromEntries(Object.entries(labels).map(([label, value]) => [label, value.replace(/\$(\d)/g, (_, i) => found[Number(i)])])) };
    }
  }
  return { name: name.replace(/[^\w]/g, '_'), labels: {} };
}

/** All series that a version of Airflow brings about, as Prometheus sees them: name → its labels. Airflow 3 never sends one that it documents. */
function seriesOf(version: '3.3' | '2.11'): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const add = (name: string, labels: string[]) => found.set(name, new Set([...found.get(name) ?? [], ...labels]));
  for (const [metric, type] of Object.entries<string>(METRICS[version])) {
    if (version === '3.3' && metric.endsWith('queued_duration')) { continue; }
    const { name, labels } = exported(`airflow.${metric.replace(/[{}]/g, 'X').replace(/X(\w+?)X/g, 'the_$1')}`);
    add(name, [...Object.keys(labels), ...(type === 'timer' ? ['quantile'] : [])]);
    if (type === 'timer') { ['_sum', '_count'].forEach(end => add(name + end, Object.keys(labels))); }
  }
  return found;
}

function queriesOf({ objects }: Deployed): string[] {
  const rules = objects.filter(({ kind }) => kind === 'PrometheusRule').flatMap(({ spec }) => spec.groups.flatMap((group: any) => group.rules.map(({ expr }: any) => expr)));
  const dashboards = objects.filter(({ metadata }) => metadata.name.endsWith('-dashboard')).flatMap(({ data }) => Object.values<string>(data))
    .flatMap(text => JSON.parse(text).panels.flatMap(({ targets = [] }: any) => targets.map(({ expr }: any) => expr)));
  return [...rules, ...dashboards];
}

describe.each([['3.3', AirflowVersion.V3_3], ['2.11', V2]] as const)('rules and dashboard of %s', (name, version) => {
  const known = seriesOf(name);
  const queries = queriesOf(watched(STATSD, { version }));
  const selectors = queries.flatMap(query => [...query.matchAll(/(airflow_\w+)\{([^}]*)\}/g)].map(([, metric, matchers]) => ({ metric, matchers })));

  test('every metric is one that Airflow sends, under the name that the exporter gives it', () => {
    expect(queries.length).toBeGreaterThan(25);
    // None stands there without its matchers.
    expect(queries.flatMap(query => query.match(/airflow_\w+(?![\w{])/g) ?? [])).toEqual([]);
    expect(selectors.map(({ metric }) => metric).filter(metric => !known.has(metric))).toEqual([]);
  });

  test('every label by which they select or sum is one of the metric', () => {
    const of = (matchers: string) => [...matchers.matchAll(/(\w+)!?=/g)].map(match => match[1]).filter(label => !['namespace', 'job'].includes(label));
    expect(selectors.flatMap(({ metric, matchers }) => of(matchers).filter(label => !known.get(metric)!.has(label)).map(label => `${metric}: ${label}`))).toEqual([]);
    const sums = queries.flatMap(query => [...query.matchAll(/by \((\w+)\) \(rate\((airflow_\w+)\{/g)]);
    expect(sums.length).toBeGreaterThan(3);
    expect(sums.filter(([, label, metric]) => !known.get(metric)!.has(label)).map(([text]) => text)).toEqual([]);
  });

  test('every series is the deployment\'s own', () => {
    expect(selectors.filter(({ matchers }) => !matchers.startsWith('namespace="ns",job="airflow"'))).toEqual([]);
  });

  test('no name that Airflow builds of DAGs, tasks, pools or hosts becomes the name of a series', () => {
    const built = Object.keys(METRICS[name]).filter(metric => /\{(?!job_name|dag_file)/.test(metric));
    expect(built.length).toBeGreaterThan(15);
    expect(built.map(metric => exported(`airflow.${metric.replace(/\{\w+\}/g, 'something')}`)).filter(found => found.name.includes('something'))).toEqual([]);
  });
});

test('alerts of what a version does not report are left out', () => {
  const of = (version: AirflowVersion) => watched(STATSD, { version }).find('PrometheusRule').spec.groups[0].rules.map(({ alert }: any) => alert);
  const all = of(AirflowVersion.V3_3);
  expect(all).toEqual(expect.arrayContaining(['AirflowSchedulerHeartbeatMissing', 'AirflowTasksQueuedTooLong', 'AirflowDagParsingSlow', 'AirflowPoolStarving']));
  expect(all.filter((alert: string) => !of(AirflowVersion.of('3.0.0')).includes(alert))).toEqual(['AirflowDagProcessorHeartbeatMissing', 'AirflowTasksQueuedTooLong']);
  expect(all.filter((alert: string) => !of(V2).includes(alert))).toEqual(['AirflowDagProcessorHeartbeatMissing', 'AirflowTriggererFull']);
});

test('no pattern is the beginning of another one: the exporter would find the longer one alone', () => {
  const globs = STATSD_MAPPINGS.filter(({ match_type: type }) => !type).map(({ match }) => match);
  expect(globs.filter(match => globs.some(other => other.startsWith(`${match}.`)))).toEqual([]);
});

test('the exporter maps a host with dots, and a file of a bundle', () => {
  expect(exported('airflow.triggers.running.a-0.a.ns.svc')).toEqual({ name: 'airflow_triggers_running', labels: { hostname: 'a-0.a.ns.svc' } });
  expect(exported('airflow.dag_processing.last_duration.main.etl')).toEqual({ name: 'airflow_dag_processing_last_duration', labels: { bundle: 'main', dag_file: 'etl' } });
  expect(exported('airflow.local_task_job.task_exit.7.etl.load.0').labels).toEqual({ dag_id: 'etl', task_id: 'load', return_code: '0' });
});

describe.each<[string, Props]>([
  ...SHAPES.map(([name, props]): [string, Props] => [name, props()]),
  ['3.3, CeleryExecutor', { executor: Executor.celery({ broker: CeleryBroker.developmentRedis() }) }],
])('with an exporter: %s', (_, props) => {
  const deployed = watched({ statsd: {} }, props);

  test('every process of Airflow is told of it, and may send to it', () => {
    expect(deployed.config).toMatchObject({
      'metrics.statsd_on': 'True', 'metrics.statsd_host': 'airflow-statsd.ns', 'metrics.statsd_port': '9125', 'metrics.statsd_prefix': 'airflow',
    });
    const others = ['statsd', 'redis', 'secret-bootstrap'];
    const senders = Object.keys(deployed.pods).filter(name => !others.includes(name)).sort();
    const [ingest, scrape] = deployed.find('NetworkPolicy', 'airflow-statsd').spec.ingress;
    expect(ingest.ports).toEqual([{ protocol: 'UDP', port: 9125 }]);
    expect(ingest.from.map((peer: any) => peer.podSelector.matchLabels['app.kubernetes.io/component']).sort()).toEqual(senders);
    expect(scrape).toEqual({ ports: [{ protocol: 'TCP', port: 9102 }], from: [{ namespaceSelector: {} }] });
    for (const sender of senders) {
      expect(deployed.find('NetworkPolicy', `airflow-${sender}`).spec.egress).toContainEqual({ to: [component('statsd')], ports: [{ protocol: 'UDP', port: 9125 }] });
    }
  });
});

test('the exporter is one pod, with a Service for both protocols, and new mappings replace it', () => {
  const deployed = watched({ statsd: {} });
  expect(deployed.airflow.statsd!.workload.name).toBe('airflow-statsd');
  expect(deployed.workload('statsd').spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
  expect(deployed.find('Service', 'airflow-statsd').spec.ports).toEqual([
    { name: 'statsd-ingest', port: 9125, targetPort: 'statsd-ingest', protocol: 'UDP' },
    { name: 'statsd-scrape', port: 9102, targetPort: 'statsd-scrape', protocol: 'TCP' },
  ]);
  expect(deployed.find('NetworkPolicy', 'airflow-statsd').spec.egress).toBeUndefined();
  const hash = (statsd: StatsdProps) => watched({ statsd }).workload('statsd').spec.template.metadata.annotations['cdk8s-airflow/config-hash'];
  expect(hash({ extraMappings: [{ match: 'airflow.a', name: 'a' }] })).not.toBe(hash({}));
  expect(hash({ overrideMappings: [{ match: 'airflow.a', name: 'a' }] })).not.toBe(hash({}));
});

test('without monitoring nothing of it is there', () => {
  const { objects, config } = new Deployed();
  expect(objects.filter(({ metadata }) => /statsd|dashboard/.test(metadata.name))).toEqual([]);
  expect(Object.keys(config).filter(key => key.startsWith('metrics.') || key.startsWith('traces.'))).toEqual([]);
});

test('mappings of one\'s own are asked first, or are the only ones', () => {
  const mine = { match: 'airflow.ti_failures', name: 'failures' };
  const mappings = (statsd: StatsdProps) => watched({ statsd }).find('ConfigMap', 'airflow-statsd').data['mappings.yml'];
  expect(mappings({ extraMappings: [mine] })).toContain('mappings:\n  - match: airflow.ti_failures\n    name: failures\n  - match: airflow.dagrun');
  expect(mappings({ overrideMappings: [mine] })).toBe('mappings:\n  - match: airflow.ti_failures\n    name: failures\n');
});

test('durations of 2.11 are in milliseconds, as the exporter expects', () => {
  expect(watched({ statsd: {} }, { version: V2 }).config).toMatchObject({ 'metrics.timer_unit_consistency': 'True' });
  expect(Object.keys(watched({ statsd: {} }).config)).not.toContain('metrics.timer_unit_consistency');
});

test('all props reach the manifests', () => {
  const statsd: StatsdProps & Required<Omit<StatsdProps, keyof AirflowPodProps | 'extraMappings'>> = {
    overrideMappings: [{ match: 'a', name: 'b' }],
    scrapedFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
    resources: { limits: { memory: '1Gi' } },
    env: [{ name: 'GOMAXPROCS', value: '1' }],
    nodeSelector: { disk: 'ssd' },
  };
  const monitor: Required<PrometheusMonitorProps> = {
    labels: { release: 'prometheus' }, interval: '1m', scrapeTimeout: '20s', metricRelabelings: [{ action: 'drop', sourceLabels: ['__name__'], regex: 'go_.*' }],
  };
  const rule: Required<PrometheusRuleProps> = {
    labels: { role: 'alerts' }, alertLabels: { team: 'data', severity: 'page' }, queuedSeconds: 77, parseSeconds: 88, extraRules: [{ alert: 'Mine', expr: 'vector(1)' }],
  };
  const board: Required<GrafanaDashboardProps> = { labels: { mine: '1' }, annotations: { grafana_folder: 'Airflow' } };
  const telemetry: Required<OpenTelemetryProps> = {
    host: 'otel', port: 4319, ssl: true, metrics: false, traces: true, intervalMilliseconds: 5000, cidrs: ['10.0.0.0/8'],
  };
  const monitoring: Required<Omit<MonitoringProps, 'podMonitor'>> = {
    statsd, openTelemetry: telemetry, serviceMonitor: monitor, prometheusRule: rule, grafanaDashboard: board,
  };
  const deployed = watched(monitoring);
  expect(deployed.find('ServiceMonitor')).toMatchObject({
    metadata: { name: 'airflow-statsd', namespace: 'ns', labels: { 'release': 'prometheus', 'app.kubernetes.io/name': 'airflow' } },
    spec: {
      jobLabel: 'app.kubernetes.io/instance',
      selector: component('statsd').podSelector,
      endpoints: [{ port: 'statsd-scrape', path: '/metrics', interval: '1m', scrapeTimeout: '20s', metricRelabelings: monitor.metricRelabelings }],
    },
  });
  const { metadata, spec: { groups: [{ rules }] } } = deployed.find('PrometheusRule');
  expect(metadata.labels.role).toBe('alerts');
  expect(rules[0].labels).toEqual({ severity: 'page', team: 'data' });
  expect(rules.map(({ expr }: any) => expr).join('\n')).toMatch(/\[77s\][^]*[^]*> 88\n[^]*vector\(1\)$/);
  expect(deployed.find('ConfigMap', 'airflow-dashboard').metadata).toMatchObject({ labels: { mine: '1' }, annotations: { grafana_folder: 'Airflow' } });
  expect(deployed.find('NetworkPolicy', 'airflow-statsd').spec.ingress[1].from).toEqual(statsd.scrapedFrom);
  expect(deployed.container('statsd')).toMatchObject({ resources: { limits: { memory: '1Gi' } }, env: statsd.env });
  expect(deployed.pods.statsd.spec.nodeSelector).toEqual({ disk: 'ssd' });
  expect(deployed.find('NetworkPolicy', 'airflow-scheduler').spec.egress).toContainEqual({ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }], ports: [{ protocol: 'TCP', port: 4319 }] });
  expect(deployed.env('scheduler').OTEL_EXPORTER_OTLP_ENDPOINT).toBe('https://otel:4319');
  expect(watched({ statsd: {}, podMonitor: monitor }).find('PodMonitor').spec).toMatchObject({ podMetricsEndpoints: [{ port: 'statsd-scrape', interval: '1m' }] });
});

test('the dashboard is JSON that Grafana\'s sidecar finds, with panels of unlike ids', () => {
  const { metadata, data } = watched(STATSD).find('ConfigMap', 'airflow-dashboard');
  expect(metadata.labels.grafana_dashboard).toBe('1');
  const { uid, panels, templating } = JSON.parse(data['airflow-ns-airflow.json']);
  expect(uid.length).toBeLessThanOrEqual(40);
  expect(new Set(panels.map(({ id }: any) => id)).size).toBe(panels.length);
  expect(templating.list[0]).toMatchObject({ name: 'datasource', query: 'prometheus' });
});

describe('a collector of OpenTelemetry', () => {
  const host = 'collector.observability.svc';

  test('from 3.2 on it is told by variables, in every process', () => {
    const deployed = watched({ openTelemetry: { host, traces: true, intervalMilliseconds: 5000 } });
    expect(deployed.config).toMatchObject({ 'metrics.otel_on': 'True', 'traces.otel_on': 'True' });
    expect(Object.keys(deployed.config)).not.toContain('metrics.otel_host');
    for (const name of ['scheduler', 'api-server', 'triggerer', 'dag-processor', 'worker', 'migration']) {
      const env = Object.fromEntries(deployed.pods[name].spec.containers[0].env.map((item: any) => [item.name, item.value]));
      expect(env).toMatchObject({
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://${host}:4318`, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf', OTEL_SERVICE_NAME: 'airflow', OTEL_METRIC_EXPORT_INTERVAL: '5000',
      });
      expect(deployed.find('NetworkPolicy', `airflow-${name}`).spec.egress).toContainEqual({ ports: [{ protocol: 'TCP', port: 4318 }] });
    }
  });

  test('before, by airflow.cfg', () => {
    for (const version of [V2, AirflowVersion.of('3.1.0')]) {
      const deployed = watched({ openTelemetry: { host, ssl: true, intervalMilliseconds: 5000 } }, { version });
      expect(deployed.config).toMatchObject({
        'metrics.otel_on': 'True', 'metrics.otel_host': host, 'metrics.otel_port': '4318', 'metrics.otel_ssl_active': 'True', 'metrics.otel_interval_milliseconds': '5000',
      });
      expect(deployed.env('scheduler')).not.toHaveProperty('OTEL_EXPORTER_OTLP_ENDPOINT');
    }
  });

  test('beside an exporter it gets traces only', () => {
    expect(watched({ statsd: {}, openTelemetry: { host, traces: true } }).config).toMatchObject({ 'metrics.statsd_on': 'True', 'traces.otel_on': 'True' });
  });
});

describe('servers that plain config names', () => {
  const egress = (config: any) => new Deployed({ config }).find('NetworkPolicy', 'airflow-scheduler').spec.egress;

  test('are reached', () => {
    expect(egress({ metrics: { statsd_on: true, statsd_host: '10.0.0.9' } }))
      .toContainEqual({ to: [{ ipBlock: { cidr: '10.0.0.9/32' } }], ports: [{ protocol: 'UDP', port: 8125 }] });
    expect(egress({ metrics: { otel_on: true, otel_host: 'otel', otel_port: 9 } })).toContainEqual({ ports: [{ protocol: 'TCP', port: 9 }] });
    expect(egress({ traces: { otel_on: true, otel_host: 'otel' } })).toContainEqual({ ports: [{ protocol: 'TCP', port: 4318 }] });
  });

  test('are not reached where they are switched off', () => {
    expect(egress({ metrics: { statsd_on: false, statsd_host: 'statsd' } })).toEqual(egress({}));
  });

  test('bring the warning of a name outside of the cluster', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const scope = chart();
    new AirflowKubernetesDeployment(scope, 'airflow', { database, config: { metrics: { statsd_on: true, statsd_host: 'statsd.example.com' } } });
    synth(scope);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining("the host of 'config.metrics.statsd_host' 'statsd.example.com' is known by its name only"), expect.anything());
    warn.mockRestore();
  });
});

test.each<[string, MonitoringProps, string]>([
  ['a monitor of nothing', { serviceMonitor: {} }, "'monitoring.serviceMonitor' reads the exporter; add 'statsd: {}', or remove it"],
  ['two monitors', { statsd: {}, serviceMonitor: {}, podMonitor: {} }, 'would both count every metric; remove one of them'],
  ['rules without a monitor', { statsd: {}, prometheusRule: {} }, "'monitoring.prometheusRule' selects by the labels that a monitor gives; add 'serviceMonitor: {}'"],
  ['metrics for two', { statsd: {}, openTelemetry: { host: 'a', metrics: true } }, 'both take the metrics, and Airflow sends them to one'],
  ['a collector without a task', { openTelemetry: { host: 'a', metrics: false } }, "'monitoring.openTelemetry' gets nothing; set its 'metrics' or 'traces', or remove it"],
  ['a collector by its URL', { openTelemetry: { host: 'http://a:4318' } }, "'monitoring.openTelemetry.host' must be a host name or an address, got \"http://a:4318\""],
  ['a port that is none', { openTelemetry: { host: 'a', port: 70000 } }, "'monitoring.openTelemetry.port' must be a whole number of at least 1 and at most 65535, got 70000"],
  ['a mapping without a name', { statsd: { extraMappings: [{ match: 'a' }] } }, "'monitoring.statsd.extraMappings[0].name' must be a text, got undefined"],
  ['mappings beside others', { statsd: { extraMappings: [], overrideMappings: [] } }, "'extraMappings' and 'overrideMappings', which replaces all others"],
  ['a peer that is none', { statsd: { scrapedFrom: [{ namespace: 'a' }] } }, 'monitoring.statsd.scrapedFrom[0]'],
  ['a threshold below zero', { statsd: {}, serviceMonitor: {}, prometheusRule: { parseSeconds: 0 } }, "'monitoring.prometheusRule.parseSeconds' must be a number above 0, got 0"],
  ['a rule without an expression', { statsd: {}, serviceMonitor: {}, prometheusRule: { extraRules: [{ alert: 'x' }] } },
    "'monitoring.prometheusRule.extraRules[0].expr' is missing; give the expression of 'x'"],
  ['a rule without a name', { statsd: {}, serviceMonitor: {}, prometheusRule: { extraRules: [{ expr: '1' }] } }, "extraRules[0]' must have one of 'alert' and 'record', got {\"expr\":\"1\"}"],
  ['an interval', { statsd: {}, serviceMonitor: { interval: 'often' } }, "'monitoring.serviceMonitor.interval' must be a duration of Prometheus such as '30s' or '1m30s', got \"often\""],
  ['a label that is a number', { statsd: {}, podMonitor: { labels: { a: 1 as any } } }, 'monitoring.podMonitor.labels.a: expected a string, got the number 1'],
  ['a misspelt prop', { statsd: {}, grafana: {} } as any, "monitoring: unknown prop 'grafana'"],
  ['a misspelt prop of a part', { statsd: { mapping: [] } } as any, "monitoring.statsd: unknown prop 'mapping'"],
])('fails for %s', (_, monitoring, message) => {
  expect(() => watched(monitoring)).toThrow(message);
});

test('fails for a configuration that sends metrics elsewhere', () => {
  expect(() => watched({ statsd: {} }, { config: { metrics: { statsd_host: 'mine' } } })).toThrow("'config.metrics.statsd_host' is 'mine', but 'monitoring.statsd' makes it");
});
