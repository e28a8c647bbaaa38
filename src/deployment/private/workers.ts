import { API_SERVER_PORT } from './api-server';
import { checkEnv } from './configuration';
import { DeploymentContext } from './deployment-context';
import { secretsBackendAccess } from './secrets-backend';
import { Component, Flow, Parts } from '../../private/component-graph';
import { KUBERNETES_TOKEN } from '../../private/pod-parts';
import { sidecarsFirst } from '../../private/pod-settings';
import { withDefaults } from '../../tasks/private/pod-defaults';
import { WorkerPodTemplate } from '../../tasks/worker-pod-template';
import { WorkerProps } from '../worker-props';

/** The template of a deployment's task pods. */
export function workerPodTemplate(context: DeploymentContext, { namespaces: _, ...own }: WorkerProps): WorkerPodTemplate {
  const props = withDefaults(context.podDefaults, own);
  const { dags, secrets } = context;
  const launching = context.podLaunching.tasks;
  const parts: Parts[] = [
    ...context.pythonFiles.parts,
    ...(dags ? [{ volumes: dags.volumes, volumeMounts: dags.volumeMounts }] : []),
    // A task of Airflow 2 opens the database itself.
    ...(context.airflow3 ? [] : [context.databaseParts, secrets.fernetKey, secrets.secretKey]),
    ...context.logs.env,
    { env: context.monitoring.env },
    ...(context.airflow3 ? [] : context.logs.connection),
    ...secretsBackendAccess(context, 'worker').parts,
    ...launching.parts,
    ...(launching.rules ? [KUBERNETES_TOKEN] : []),
  ];
  const variables = parts.flatMap(part => part.env ?? []);
  checkEnv(context, [...WorkerPodTemplate._ownEnv(context.version), ...variables], [['podDefaults', context.podDefaults], ['workers', own]]);
  try {
    const template = new WorkerPodTemplate({
      ...props,
      name: context.owner.name,
      version: context.version,
      image: context.image,
      logsVolume: context.logs.folder.volumes![0],
      logsSubPath: context.logs.folder.volumeMounts![0].subPath,
      ...(dags ? { initContainers: sidecarsFirst(dags.initContainers, props.initContainers ?? []) } : {}),
      volumes: [...parts.flatMap(part => part.volumes ?? []), ...props.volumes ?? []],
      volumeMounts: [...parts.flatMap(part => part.volumeMounts ?? []), ...props.volumeMounts ?? []],
    });
    template._named('workers');
    template._addEnv(variables);
    return template;
  } catch (error) {
    throw new Error(`workers: ${(error as Error).message}`, { cause: error });
  }
}

/** The task pods as a component: who reaches them, and what they may reach. */
export function workerComponent(context: DeploymentContext, template: WorkerPodTemplate): Component {
  const apiServer: Flow = { kind: 'component', component: 'api-server', port: API_SERVER_PORT };
  const { rules, rulesElsewhere } = context.podLaunching.tasks;
  return {
    ...template._component,
    namespaces: context.workerNamespaces,
    rules,
    rulesElsewhere,
    flows: [
      context.airflow3 ? apiServer : context.database,
      { kind: 'anywhere' },
      ...(context.dags?.peers ?? []).map((peer): Flow => ({ kind: 'host', ...peer })),
      ...context.logs.flows,
      ...secretsBackendAccess(context, 'worker').flows,
      ...context.monitoring.flows,
    ],
  };
}
