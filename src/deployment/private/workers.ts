import { API_SERVER_PORT } from './api-server';
import { refuseDerived } from './configuration';
import { DeploymentContext } from './context';
import { Component, Flow } from '../../private/component-graph';
import { WorkerPodTemplate, WorkerPodTemplateOptions } from '../../tasks/worker-pod-template';

/** The template of a deployment's task pods. */
export function workerPodTemplate(context: DeploymentContext, props: WorkerPodTemplateOptions): WorkerPodTemplate {
  const { dags, secrets } = context;
  // A task of Airflow 2 opens the database itself.
  const env = context.airflow3 ? [] : [context.databaseParts, secrets.fernetKey, secrets.secretKey].flatMap(part => part.env ?? []);
  try {
    refuseDerived(context.derived, props.env, 'env');
    return new WorkerPodTemplate({
      ...props,
      env: [...props.env ?? [], ...env],
      name: context.owner.name,
      version: context.version,
      image: context.image,
      ...(dags ? { initContainers: dags.initContainers, volumes: dags.volumes, volumeMounts: dags.volumeMounts } : {}),
    });
  } catch (error) {
    throw new Error(`workers: ${(error as Error).message}`, { cause: error });
  }
}

/** The task pods as a component: who reaches them, and what they may reach. */
export function workerComponent(context: DeploymentContext, template: WorkerPodTemplate): Component {
  const apiServer: Flow = { kind: 'component', component: 'api-server', port: API_SERVER_PORT };
  return {
    ...template._component,
    flows: [
      context.airflow3 ? apiServer : context.database,
      { kind: 'anywhere' },
      ...(context.dags?.peers ?? []).map((peer): Flow => ({ kind: 'host', ...peer })),
    ],
  };
}
