import { AirflowRole } from './airflow-roles';

/** One rule of a Role. */
export interface PolicyRule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly verbs: string[];
  readonly resourceNames?: string[];
}

const rule = (group: string, resource: string, ...verbs: string[]): PolicyRule => ({ apiGroups: [group], resources: [resource], verbs });

/** What KubernetesExecutor asks for. */
export const EXECUTOR_RULES = [rule('', 'pods', 'create', 'delete', 'get', 'list', 'patch', 'watch')];

/** What KubernetesPodOperator and its siblings ask for, where tasks run. */
export const TASK_RULES = [
  ...EXECUTOR_RULES,
  rule('', 'pods/log', 'get'),
  rule('', 'pods/exec', 'create', 'get'),
  rule('', 'events', 'list', 'watch'),
  rule('batch', 'jobs', 'create', 'delete', 'get', 'list', 'patch', 'watch'),
  rule('batch', 'jobs/status', 'get'),
  rule('sparkoperator.k8s.io', 'sparkapplications', 'create', 'delete', 'get'),
  rule('sparkoperator.k8s.io', 'sparkapplications/status', 'get'),
];

const READ_LOGS = [rule('', 'pods', 'list'), rule('', 'pods/log', 'get')];

/** What the process itself asks for, beside what its executor and its tasks do. */
export const ROLE_RULES: { [role in AirflowRole]?: PolicyRule[] } = {
  'api-server': READ_LOGS,
  'webserver': READ_LOGS,
  // The trigger of a pod deletes it when its task is cleared meanwhile.
  'triggerer': [rule('', 'pods', 'delete', 'get'), rule('', 'pods/log', 'get'), rule('', 'events', 'list', 'watch'), rule('batch', 'jobs/status', 'get')],
  'pod-cleanup': [rule('', 'pods', 'delete', 'list')],
};
