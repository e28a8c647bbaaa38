import { airflowComponent, httpProbes } from './component';
import { DeploymentContext } from './deployment-context';
import { POD_TEMPLATE_FOLDER, podTemplateFolder } from './pod-templates';
import { Component, Flow } from '../../private/component-graph';
import { StatefulComponentProps } from '../stateful-component-props';

export const POD_TEMPLATE_FILE = `${POD_TEMPLATE_FOLDER}/pod_template_file.yaml`;
export const SCHEDULER_HEALTH_PORT = 8974;
/** Where a scheduler serves the logs of the tasks that ran in it. */
export const WORKER_LOG_PORT = 8793;

/** The scheduler. Under LocalExecutor it runs the tasks, too. */
export function schedulerComponent(context: DeploymentContext, props: StatefulComponentProps): Component {
  const { executor, celery } = context;
  const local = executor._runs('LocalExecutor');
  const kubernetes = executor._runs('KubernetesExecutor');
  const launching = context.podLaunching.tasks;
  const parsesDags = !context.dagProcessor;
  const apiServer: Flow = { kind: 'component', component: 'api-server', port: 8080 };
  // What KubernetesExecutor asks for: it reads a single pod where a listed one lacks its annotations.
  const executorRules = [{ apiGroups: [''], resources: ['pods'], verbs: ['create', 'delete', 'get', 'list', 'patch', 'watch'] }];
  return airflowComponent(context, {
    name: 'scheduler',
    // Log files are fetched from the pod that wrote them, by a name that only a StatefulSet's pods have.
    workload: local ? 'StatefulSet' : 'Deployment',
    args: ['airflow', 'scheduler'],
    parts: [
      context.logs.folder,
      ...(context.airflow3 ? [context.secrets.jwtSecret] : []),
      ...(local ? [context.secrets.secretKey, ...(context.airflow3 ? [] : context.logs.connection), ...launching.parts] : []),
      ...(kubernetes ? [podTemplateFolder(context.owner.name)] : []),
      ...(celery ? [celery.parts] : []),
    ],
    sidecars: local || parsesDags ? context.logs.groomer : [],
    readsDags: local || parsesDags,
    readsConfigAs: ['scheduler', ...(local ? ['tasks' as const] : []), ...(parsesDags ? ['dag-processor' as const] : [])],
    ...(local ? { ports: [{ name: 'worker-logs', port: WORKER_LOG_PORT }], service: 'headless' as const } : {}),
    flows: [
      ...(local && context.airflow3 ? [apiServer] : []),
      ...(local || parsesDags ? [{ kind: 'anywhere' as const }] : []),
      ...(local ? context.logs.flows : []),
      ...(celery?.flows ?? []),
    ],
    rules: [...(kubernetes ? executorRules : []), ...(local ? launching.rules ?? [] : [])],
    rulesElsewhere: [
      ...context.workerNamespaces.map(namespace => ({ namespace, rules: executorRules })),
      ...(local ? launching.rulesElsewhere ?? [] : []),
    ],
    probes: httpProbes('/health', SCHEDULER_HEALTH_PORT, false),
    resources: { requests: { cpu: '200m', memory: '512Mi' }, limits: { memory: '2Gi' } },
    terminationGracePeriodSeconds: local ? 600 : 60,
  }, props, 'scheduler');
}
