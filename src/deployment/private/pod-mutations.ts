import { AirflowVersion } from '../../airflow/version';
import { podMutationHook } from '../../pod/mutation-python';
import { PodMutation } from '../../tasks/pod-mutation';

/** The part of airflow_local_settings.py that mutates the pods of tasks; none without mutations. */
export function podMutationSettings(version: AirflowVersion, mutations: PodMutation[] | undefined): string | undefined {
  const all = PodMutation._all(mutations, 'podMutations');
  const byQueue = all.find(({ queues }) => queues !== undefined);
  if (byQueue && !version._features.executionApi) {
    throw new Error(`PodMutation '${byQueue.name}' selects by 'queues', which the pods of Airflow ${version} do not tell; select by 'labels' or 'dagIds'`);
  }
  return all.length === 0 ? undefined : podMutationHook(all);
}
