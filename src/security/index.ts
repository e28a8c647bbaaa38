export * from './airflow-rbac';
export { KubernetesApiPeer, NetworkPoliciesProps } from './network-policies';
