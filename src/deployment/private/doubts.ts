import { ApiObject } from 'cdk8s';
import { refusedByPodSecurity } from './admission';
import { Demand, launchedPods, quotaWarnings } from './capacity';
import { unheardQueue } from './celery-worker';
import { closedServers } from './closed-servers';
import { connections, connectionWarnings } from './connections';
import type { DeploymentContext } from './deployment-context';
import { withoutIdentity } from './identities';
import { lingering } from './lingering';
import { mutatedWorkerPod } from './pod-mutations';
import { refusedByPolicies } from './resource-policies';
import { scalingDoubts } from './scaling-doubts';
import { otherVersion, sharedNamespace } from './validation';
import { throwProblems } from '../../pod/problems';
import { constructsOf } from '../../private/complete-app';
import type { ComponentGraph } from '../../private/component-graph';
import { warnAtSynth, warnWhenComplete } from '../../private/warnings';
import { podSpecOf } from '../../private/workload';
import { closedSidecars, inseparableServers, openPorts } from '../../security/network-policies';
import { checkPlacement } from '../../tasks/private/placement';
import type { AirflowComponent } from '../airflow-component';
import type { AirflowKubernetesDeployment } from '../airflow-kubernetes-deployment';
import type { AirflowKubernetesDeploymentProps } from '../airflow-kubernetes-deployment-props';

/**
 * Refuses what only the made objects show to be wrong, and warns of what is likely a mistake: at once, or, where other objects of the app count, once
 * the app is complete.
 *
 * @param made the components by name
 * @param deployments gives all deployments of the app
 */
export function tellDoubts(
  deployment: AirflowKubernetesDeployment, props: AirflowKubernetesDeploymentProps, context: DeploymentContext, graph: ComponentGraph,
  made: { [name: string]: AirflowComponent }, deployments: () => AirflowKubernetesDeployment[],
): void {
  const template = deployment.workerPodTemplate;
  const taskPod = () => template && mutatedWorkerPod(template, props.podMutations);
  throwProblems(refusedByPolicies(Object.values(made), taskPod(), props));

  const { enabled, ...policyProps } = props.networkPolicies ?? {};
  const moot = Object.entries(policyProps).filter(([, value]) => value !== undefined).map(([name]) => `'${name}'`);
  const policyDoubts = enabled === false
    ? moot.length > 0 ? [`'networkPolicies.enabled' is false, so that nothing follows from ${moot.join(', ')}; remove one of them`] : []
    : [
      ...inseparableServers(graph), ...closedSidecars(graph, policyProps), ...openPorts(graph, policyProps),
      ...closedServers(context, graph.components, props),
    ];
  const scaled = graph.components.filter(({ name }) => made[name]);
  [
    ...policyDoubts,
    ...otherVersion(context.image.reference, context.version), ...withoutIdentity(context, graph.components), ...lingering(graph.components),
    ...scaled.flatMap(component => scalingDoubts(component, made[component.name]._podSpec, props.limitRanges ?? [])),
    ...unheardQueue(context), ...connectionWarnings(connections(context, graph.components), context.connectionLimits),
  ].forEach(message => warnAtSynth(deployment, message));

  warnWhenComplete(deployment, () => sharedNamespace(deployment, deployments()));
  const quotas = (namespace: string, demand: () => Demand['components']) => quotaWarnings(constructsOf(deployment, ApiObject.isApiObject), namespace, () => ({
    components: demand(),
    tasks: template && { spec: taskPod().spec, parallelism: context.parallelism, schedulers: props.scheduler?.replicas ?? 1 },
    launched: launchedPods(deployment, namespace),
  }));
  warnWhenComplete(deployment, () => [
    ...quotas(deployment.namespace, () => Object.values(made).filter(({ workload: { kind } }) => kind === 'Deployment' || kind === 'StatefulSet')
      .map(({ workload }) => workload.toJson().spec).map(spec => ({ spec: spec.template.spec, pods: spec.replicas ?? 1 }))),
    ...context.workerNamespaces.flatMap(name => quotas(name, () => []).map(message => `in namespace '${name}', ${message}`)),
  ]);
  checkPlacement(deployment, () => [
    ...Object.entries(made).map(([name, { workload }]): [string, any] => [`the pod of '${name}'`, podSpecOf(workload.toJson())]),
    ...(template ? [["a pod of 'workers'", taskPod().spec] as [string, any]] : []),
  ]);
  warnWhenComplete(deployment, () => refusedByPodSecurity([
    ...Object.entries(made).map(([name, { _podSpec: spec }]) => ({ what: `the pod of '${name}'`, spec, namespaces: [deployment.namespace] })),
    ...(template && (props.workers ?? props.podMutations) ? [{ what: "the pods of 'workers'", spec: taskPod().spec, namespaces: deployment.taskNamespaces }] : []),
  ], constructsOf(deployment, ApiObject.isApiObject)));
}
