export * from './airflow-rbac';
export type { KubernetesApiPeer, NetworkPoliciesProps } from './network-policies';
