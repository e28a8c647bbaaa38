import { airflowComponent, httpProbes } from './component';
import { entriesOf, isTrue } from './configuration';
import { DeploymentContext } from './deployment-context';
import { WORKER_LOG_PORT } from './scheduler';
import { TRIGGERER_LOG_PORT } from './triggerer';
import { Component, Flow, PolicyRule } from '../../private/component-graph';
import { withDefaults } from '../../tasks/private/pod-defaults';
import { ApiServerProps } from '../api-server-props';

export const API_SERVER_PORT = 8080;

/** The API server of Airflow 3: user interface, REST API, and the execution API of the tasks. */
export function apiServerComponent(context: DeploymentContext, props: ApiServerProps): Component {
  if (context.auth.singleServer && ((props.replicas ?? 1) > 1 || props.autoscaling)) {
    throw new Error("'apiServer' has several pods, and with AirflowAuth.simple() each makes up passwords of its own; use one pod, or AirflowAuth.fab()");
  }
  // Who tells FAB of a proxy, or of none, means the server around it, too.
  const proxyFix = entriesOf(context.airflowCfg, withDefaults(context.podDefaults, props).env)('fab', 'enable_proxy_fix');
  return airflowComponent(context, {
    ...common(context),
    name: 'api-server',
    // Without it cookies and redirects would be those of plain HTTP. The proxy is at no address that is known; a variable of the user's, which may also come
    // from `envFrom` or from the image, says better.
    args: (proxyFix === undefined ? context.proxied : isTrue(proxyFix))
      ? ['bash', '-c', 'export FORWARDED_ALLOW_IPS="${FORWARDED_ALLOW_IPS-*}"; exec airflow api-server --proxy-headers']
      : ['airflow', 'api-server'],
    parts: [
      context.secrets.secretKey, context.secrets.jwtSecret, context.auth.webserverConfig,
      ...context.logs.shared, ...context.logs.connection, { env: context.dags?.connections },
    ],
    // The execution API is made at the first request for it, which takes seconds of CPU and holds up all others: longer than a task asks again. So the
    // start is over when it is there.
    probes: httpProbes(`${context.basePath}/api/v2/monitor/health`, API_SERVER_PORT, true, `${context.basePath}/execution/health`),
  }, props, 'apiServer');
}

/** The webserver of Airflow 2. Without a `webserver_config.py` it would write one into the image. */
export function webserverComponent(context: DeploymentContext, props: ApiServerProps): Component {
  return airflowComponent(context, {
    ...common(context),
    name: 'webserver',
    args: ['airflow', 'webserver', '--pid', '/tmp/webserver.pid'],
    parts: [context.secrets.secretKey, context.auth.webserverConfig, ...context.logs.connection],
    probes: httpProbes(`${context.basePath}/health`, API_SERVER_PORT, true),
  }, props, 'webserver');
}

function common(context: DeploymentContext) {
  const { executor } = context;
  const logs: Flow[] = [
    { kind: 'component', component: 'triggerer', port: TRIGGERER_LOG_PORT },
    ...[...(executor._runs('LocalExecutor') ? ['scheduler'] : []), ...Object.keys(context.workerPools)]
      .map((component): Flow => ({ kind: 'component', component, port: WORKER_LOG_PORT })),
    ...context.logs.flows,
    ...context.auth.peers.map((peer): Flow => ({ kind: 'host', ...peer })),
  ];
  // The log of a running task pod.
  const podLogs: PolicyRule[] = [
    { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
    { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  ];
  return {
    workload: 'Deployment' as const,
    ports: [{ name: 'http', port: API_SERVER_PORT }],
    service: 'ClusterIP' as const,
    readsConfigAs: ['ui' as const],
    exposed: context.exposed,
    flows: logs,
    env: context.auth.env,
    rules: executor._runs('KubernetesExecutor') ? podLogs : [],
    rulesElsewhere: context.workerNamespaces.map(namespace => ({ namespace, rules: podLogs })),
    resources: { requests: { cpu: '200m', memory: '768Mi' }, limits: { memory: '2Gi' } },
    workloadSpec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } },
    terminationGracePeriodSeconds: 30,
  };
}
