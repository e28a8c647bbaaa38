import { Construct } from 'constructs';
import { airflowObjectsComponent } from './airflow-objects';
import { apiServerComponent, webserverComponent } from './api-server';
import { celeryWorkerComponent } from './celery-worker';
import { databaseCleanupComponent, podCleanupComponent } from './cleanup';
import { createUserComponent } from './create-user';
import { dagProcessorComponents } from './dag-processor';
import { DeploymentContext } from './deployment-context';
import { flowerComponent } from './flower';
import { migrationComponent } from './migration';
import { schedulerComponent } from './scheduler';
import { secretBootstrapComponent } from './secret-bootstrap';
import { triggererComponent } from './triggerer';
import { workerComponent } from './workers';
import { union } from '../../airflow/image';
import { Component } from '../../private/component-graph';
import { withDefaults } from '../../tasks/private/pod-defaults';
import { WorkerPodTemplate } from '../../tasks/worker-pod-template';
import { AirflowKubernetesDeploymentProps } from '../airflow-kubernetes-deployment-props';

/** All components of a deployment, each with what is set for all of them. */
export function deploymentComponents(
  context: DeploymentContext, props: AirflowKubernetesDeploymentProps, template: WorkerPodTemplate | undefined, objects: () => Construct,
): Component[] {
  const { auth, flower, monitoring: { statsd }, pgbouncer, redis, secrets: { generated } } = context;
  if (props.createUser && auth.users.length === 0) {
    throw new Error("'createUser' is the Job that makes the users of AirflowAuth.fab({ users }), and 'auth' names none for it; remove it, or name users there");
  }
  const components = [
    ...(generated.length > 0 ? [secretBootstrapComponent(context.image, generated, props.secretBootstrap ?? {})] : []),
    migrationComponent(context, props.migration ?? {}),
    schedulerComponent(context, props.scheduler ?? {}),
    ...(auth.users.length > 0 ? [createUserComponent(context, props.createUser ?? {})] : []),
    context.airflow3 ? apiServerComponent(context, props.apiServer ?? {}) : webserverComponent(context, props.webserver ?? {}),
    ...(context.dagProcessor ? dagProcessorComponents(context, props.dagProcessor ?? {}, props.dagProcessors) : []),
    triggererComponent(context, props.triggerer ?? {}),
    ...(template ? [workerComponent(context, template)] : []),
    ...(flower ? [flowerComponent(context, flower, props.flower!)] : []),
    ...(statsd ? [statsd.component] : []),
    ...(redis ? [redis] : []),
    ...(pgbouncer ? [pgbouncer.component] : []),
    ...Object.entries(context.workerPools).map(([name, pool]) => celeryWorkerComponent(context, name, pool)),
    ...(props.objects ? [airflowObjectsComponent(context, objects(), props.objects)] : []),
    ...(props.podCleanup ? [podCleanupComponent(context, props.podCleanup)] : []),
    ...(props.databaseCleanup ? [databaseCleanupComponent(context, props.databaseCleanup)] : []),
  ];
  return components.map(component => ({
    ...component,
    pullSecrets: union(component.pullSecrets, props.imagePullSecrets ?? []),
    settings: withDefaults(context.placement, component.settings),
  }));
}
