export * from './airflow-auth';
export * from './airflow-rbac';
export type * from './fab-auth-props';
export type { KubernetesApiPeer, NetworkPoliciesProps } from './network-policies';
export { SecretsBackend } from './secrets-backend';
export type {
  AwsSecretsProps, AzureSecretsProps, GcpSecretsProps, KubernetesSecretsProps, SecretsBackendOptions, VaultAppRole, VaultSecretsProps,
} from './secrets-backend';
