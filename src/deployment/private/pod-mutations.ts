import { AirflowVersion } from '../../airflow/version';
import { checkPod } from '../../pod/check-pod';
import { mutatePod } from '../../pod/mutation';
import { podMutationHook } from '../../pod/mutation-python';
import { PodMutation } from '../../tasks/pod-mutation';
import { WorkerPodTemplate } from '../../tasks/worker-pod-template';

/** The part of airflow_local_settings.py that mutates the pods of tasks; none without mutations. */
export function podMutationSettings(version: AirflowVersion, mutations: PodMutation[] | undefined): string | undefined {
  const all = PodMutation._all(mutations, 'podMutations');
  const byQueue = all.find(({ queues }) => queues !== undefined);
  if (byQueue && !version._features.executionApi) {
    throw new Error(`PodMutation '${byQueue.name}' selects by 'queues', which the pods of Airflow ${version} do not tell; select by 'labels' or 'dagIds'`);
  }
  return all.length === 0 ? undefined : podMutationHook(all);
}

/** The pod of a task of KubernetesExecutor that says nothing of its own, after the mutations that do not ask for a DAG, a queue or the like. */
export function mutatedWorkerPod(template: WorkerPodTemplate, mutations: PodMutation[] | undefined): any {
  const data = PodMutation._all(mutations, 'podMutations');
  if (data.length === 0) { return template.toJson(); }
  const pod = mutatePod(template.toJson(), data, { maker: 'KubernetesExecutor' });
  try {
    checkPod(pod);
  } catch (error) {
    throw new Error(`'podMutations' make pods of tasks that Kubernetes refuses: ${(error as Error).message}`, { cause: error });
  }
  return pod;
}
