export * from './airflow-auth';
export * from './airflow-rbac';
export * from './fab-auth-props';
export type { KubernetesApiPeer, NetworkPoliciesProps } from './network-policies';
