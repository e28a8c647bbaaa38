import { Construct } from 'constructs';
import { DeploymentIdentity, NetworkPeer } from '../airflow/deployment-identity';
import { SecretRef, secretEnv } from '../airflow/secret-ref';
import { assertRanges, assertServer } from '../airflow/server-address';
import { assertSecret } from '../airflow/tls-files';
import { NamespaceRules, Parts, Wire } from '../private/component-graph';
import { checkPropNames, PropNames } from '../private/known-props';
import { shown } from '../private/prop-types';

/** What every secrets backend can be told. */
export interface SecretsBackendOptions {
  /**
   * Further arguments of the backend's class, in its own names, such as `{ connections_lookup_pattern: '^dwh_' }`. None may be a secret.
   *
   * @default - none
   */
  readonly kwargs?: { [argument: string]: any };

  /**
   * On Airflow 3, true where tasks ask the backend themselves (`[workers] secrets_backend`): their pods then hold its credential.
   *
   * @default false: they ask the API server, which asks the backend
   */
  readonly workers?: boolean;

  /**
   * Address ranges of the server: components may then reach only these.
   *
   * @default - any address, at the server's port
   */
  readonly cidrs?: string[];
}

/** HashiCorp Vault. One of `kubernetesRole`, `appRole` and `token` is how Airflow logs in. */
export interface VaultSecretsProps extends SecretsBackendOptions {
  /** URL of the server, such as `https://vault.example.com:8200`. */
  readonly url: string;

  /**
   * Where the secrets are mounted; '' where the first part of what is asked for is the mount.
   *
   * @default 'secret'
   */
  readonly mountPoint?: string;

  /**
   * Logs in with the token of a pod's ServiceAccount, for this role. The token's audience is `vault`.
   *
   * @default - not so
   */
  readonly kubernetesRole?: string;

  /**
   * Logs in as this AppRole.
   *
   * @default - not so
   */
  readonly appRole?: VaultAppRole;

  /**
   * Logs in with a token.
   *
   * @default - not so
   */
  readonly token?: SecretRef;
}

/** An AppRole of Vault. */
export interface VaultAppRole {
  /** Its id. */
  readonly roleId: SecretRef;
  /** Its secret. */
  readonly secretId: SecretRef;
}

/** AWS Secrets Manager or the Parameter Store of Systems Manager, with the cloud role of the ServiceAccounts (`serviceAccountAnnotations`). */
export interface AwsSecretsProps extends SecretsBackendOptions {
  /** The region. */
  readonly region: string;
}

/** Google Secret Manager, with Workload Identity of the ServiceAccounts (`serviceAccountAnnotations`). */
export interface GcpSecretsProps extends SecretsBackendOptions {
  /**
   * The project that holds the secrets.
   *
   * @default - that of the identity
   */
  readonly projectId?: string;
}

/** Azure Key Vault, with Workload Identity of the ServiceAccounts (`serviceAccountAnnotations`, and the label `azure.workload.identity/use`). */
export interface AzureSecretsProps extends SecretsBackendOptions {
  /** URL of the vault, such as `https://airflow.vault.azure.net/`. */
  readonly vaultUrl: string;
}

/** Secrets of Kubernetes, found by their labels. */
export interface KubernetesSecretsProps extends SecretsBackendOptions {
  /** The namespace that holds them. Airflow may then list all Secrets there, so that it should hold nothing else. */
  readonly namespace: string;
}

/**
 * What a secrets backend gives a deployment.
 *
 * @internal
 */
export interface SecretsBackendBinding {
  readonly className: string;
  readonly kwargs: { [argument: string]: any };
  /** Arguments that come from Secrets: argument → variable. */
  readonly secretKwargs: { [argument: string]: string };
  readonly parts: Parts;
  readonly peer?: NetworkPeer;
  readonly rules?: NamespaceRules;
  readonly workers: boolean;
}

type Bind = (scope: Construct, identity: DeploymentIdentity) => SecretsBackendBinding;

const OPTIONS: PropNames<SecretsBackendOptions> = { cidrs: 'a list of texts', kwargs: 'an object', workers: 'true or false' };
const AMAZON = 'airflow.providers.amazon.aws.secrets';
const VAULT_TOKEN = '/var/run/secrets/vault';

/**
 * Where Airflow looks for connections and variables before its own database.
 *
 * @see https://airflow.apache.org/docs/apache-airflow/stable/security/secrets/secrets-backend/index.html
 */
export class SecretsBackend {
  /**
   * HashiCorp Vault.
   *
   * @see https://airflow.apache.org/docs/apache-airflow-providers-hashicorp/stable/secrets-backends/hashicorp-vault.html
   */
  public static vault(props: VaultSecretsProps): SecretsBackend {
    const names: PropNames<VaultSecretsProps> = {
      ...OPTIONS, appRole: 'an object', kubernetesRole: 'a text that is not empty', mountPoint: 'a text', token: true, url: 'a text',
    };
    checkPropNames(props, names, 'SecretsBackend.vault', 'VaultSecretsProps');
    const peer = peerOf('url', props.url, props.cidrs);
    const ways = (['kubernetesRole', 'appRole', 'token'] as const).filter(way => props[way] !== undefined);
    if (ways.length !== 1) {
      throw new Error(`SecretsBackend.vault needs one of 'kubernetesRole', 'appRole' and 'token', got ${ways.length === 0 ? 'none' : ways.map(way => `'${way}'`).join(' and ')}`);
    }
    if (props.token !== undefined) { assertSecret('token', props.token, 'airflow-vault'); }
    if (props.appRole) { (['roleId', 'secretId'] as const).forEach(key => assertSecret(`appRole.${key}`, props.appRole![key], 'airflow-vault')); }
    const { url, mountPoint, kubernetesRole, appRole, token } = props;
    const refs: { [argument: string]: SecretRef } = token ? { token } : appRole ? { role_id: appRole.roleId, secret_id: appRole.secretId } : {};
    return make(props, 'airflow.providers.hashicorp.secrets.vault.VaultBackend', {
      url,
      ...(mountPoint === undefined ? {} : { mount_point: mountPoint }),
      auth_type: token ? 'token' : appRole ? 'approle' : 'kubernetes',
      ...(kubernetesRole === undefined ? {} : { kubernetes_role: kubernetesRole, kubernetes_jwt_path: `${VAULT_TOKEN}/token` }),
    }, { peer, refs, ...(kubernetesRole === undefined ? {} : { parts: VAULT_TOKEN_PARTS }) });
  }

  /**
   * AWS Secrets Manager.
   *
   * @see https://airflow.apache.org/docs/apache-airflow-providers-amazon/stable/secrets-backends/aws-secrets-manager.html
   */
  public static awsSecretsManager(props: AwsSecretsProps): SecretsBackend {
    return aws(props, 'awsSecretsManager', `${AMAZON}.secrets_manager.SecretsManagerBackend`, 'secretsmanager');
  }

  /**
   * The Parameter Store of AWS Systems Manager.
   *
   * @see https://airflow.apache.org/docs/apache-airflow-providers-amazon/stable/secrets-backends/aws-ssm-parameter-store.html
   */
  public static awsParameterStore(props: AwsSecretsProps): SecretsBackend {
    return aws(props, 'awsParameterStore', `${AMAZON}.systems_manager.SystemsManagerParameterStoreBackend`, 'ssm');
  }

  /**
   * Google Secret Manager.
   *
   * @see https://airflow.apache.org/docs/apache-airflow-providers-google/stable/secrets-backends/google-cloud-secret-manager-backend.html
   */
  public static gcpSecretManager(props: GcpSecretsProps = {}): SecretsBackend {
    const names: PropNames<GcpSecretsProps> = { ...OPTIONS, projectId: 'a text' };
    checkPropNames(props, names, 'SecretsBackend.gcpSecretManager', 'GcpSecretsProps');
    return make(props, 'airflow.providers.google.cloud.secrets.secret_manager.CloudSecretManagerBackend',
      props.projectId === undefined ? {} : { project_id: props.projectId }, { peer: cloud('secretmanager.googleapis.com', props.cidrs) });
  }

  /**
   * Azure Key Vault.
   *
   * @see https://airflow.apache.org/docs/apache-airflow-providers-microsoft-azure/stable/secrets-backends/azure-key-vault.html
   */
  public static azureKeyVault(props: AzureSecretsProps): SecretsBackend {
    const names: PropNames<AzureSecretsProps> = { ...OPTIONS, vaultUrl: 'a text' };
    checkPropNames(props, names, 'SecretsBackend.azureKeyVault', 'AzureSecretsProps');
    return make(props, 'airflow.providers.microsoft.azure.secrets.key_vault.AzureKeyVaultBackend', { vault_url: props.vaultUrl },
      { peer: peerOf('vaultUrl', props.vaultUrl, props.cidrs) });
  }

  /**
   * Secrets of Kubernetes with the labels `airflow.apache.org/connection-id` and `airflow.apache.org/variable-key`.
   *
   * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/secrets-backends/index.html
   */
  public static kubernetes(props: KubernetesSecretsProps): SecretsBackend {
    const names: PropNames<KubernetesSecretsProps> = { ...OPTIONS, namespace: true };
    checkPropNames(props, names, 'SecretsBackend.kubernetes', 'KubernetesSecretsProps');
    if (props.cidrs) { throw new Error("'cidrs' of SecretsBackend.kubernetes are those of 'networkPolicies.kubernetesApi'; remove it"); }
    if (props.workers) { throw new Error("'workers' of SecretsBackend.kubernetes would let every task list Secrets; remove it: tasks ask the API server"); }
    if (typeof props.namespace !== 'string' || !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(props.namespace)) {
      throw new Error(`'namespace' must be the name of a namespace, got ${shown(props.namespace)}`);
    }
    return make(props, 'airflow.providers.cncf.kubernetes.secrets.kubernetes_secrets_backend.KubernetesSecretsBackend', { namespace: props.namespace },
      { rules: { namespace: props.namespace, rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['list'] }] } });
  }

  /** @internal */
  public static _of(bind: Bind): SecretsBackend {
    return new SecretsBackend(bind);
  }

  /** @internal */
  public readonly _bind: Bind;

  private constructor(bind: Bind) {
    this._bind = bind;
  }
}

/** A token of the pod's ServiceAccount that is good for Vault and nothing else. */
const VAULT_TOKEN_PARTS: Parts = {
  volumeMounts: [{ name: 'vault-token', mountPath: VAULT_TOKEN, readOnly: true }],
  volumes: [{
    name: 'vault-token',
    projected: { defaultMode: 0o440, sources: [{ serviceAccountToken: { path: 'token', audience: 'vault', expirationSeconds: 3600 } }] },
  }],
};

/** Names that a secret has among the arguments of Airflow's backends. */
const SECRET = /(^|_)(token|password|secret|secret_id|role_id|client_secret|access_key|secret_access_key|keyfile_dict)$/;

interface Extras {
  readonly peer?: NetworkPeer;
  readonly rules?: NamespaceRules;
  readonly parts?: Parts;
  readonly refs?: { readonly [argument: string]: SecretRef };
}

function make(props: SecretsBackendOptions, className: string, own: Wire, { peer, rules, parts = {}, refs = {} }: Extras): SecretsBackend {
  if (props.cidrs) { assertRanges(props.cidrs, `'cidrs' of the secrets backend '${className.split('.').pop()}'`); }
  for (const argument of Object.keys(props.kwargs ?? {})) {
    if (argument in own || argument in refs) { throw new Error(`'kwargs' sets '${argument}', which a prop says; remove it`); }
    if (SECRET.test(argument)) { throw new Error(`'kwargs' holds '${argument}', which is a secret, and everybody who can read the manifest could read it; remove it`); }
  }
  return SecretsBackend._of((scope, identity) => {
    const secretKwargs = Object.fromEntries(Object.keys(refs).map(argument => [argument, `SECRETS_BACKEND_${argument.toUpperCase()}`]));
    const env = Object.entries(refs).map(([argument, ref]) => secretEnv(secretKwargs[argument],
      ref.bind(scope, argument, `secrets-backend-${argument.replace(/_/g, '-')}`, identity)));
    return {
      className,
      kwargs: { ...own, ...props.kwargs },
      secretKwargs,
      parts: { ...parts, env },
      ...(peer ? { peer } : {}),
      ...(rules ? { rules } : {}),
      workers: props.workers ?? false,
    };
  });
}

function aws(props: AwsSecretsProps, name: string, className: string, service: string): SecretsBackend {
  const names: PropNames<AwsSecretsProps> = { ...OPTIONS, region: 'a text' };
  checkPropNames(props, names, `SecretsBackend.${name}`, 'AwsSecretsProps');
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(props.region)) { throw new Error(`'region' must be such as 'eu-central-1', got '${props.region}'`); }
  return make(props, className, { region_name: props.region }, { peer: cloud(`${service}.${props.region}.amazonaws.com`, props.cidrs) });
}

function cloud(host: string, cidrs?: string[]): NetworkPeer {
  return { host, port: 443, ...(cidrs ? { cidrs } : {}) };
}

function peerOf(prop: string, url: string, cidrs?: string[]): NetworkPeer {
  const { protocol, hostname, port, username } = URL.canParse(url) ? new URL(url) : new URL('none://');
  if (protocol !== 'http:' && protocol !== 'https:') { throw new Error(`'${prop}' must be a URL such as 'https://vault.example.com:8200', got '${url}'`); }
  if (username) { throw new Error(`'${prop}' holds a user; credentials are props of their own`); }
  const host = hostname.replace(/^\[|\]$/g, '');
  const at = Number(port) || (protocol === 'https:' ? 443 : 80);
  assertServer(host, at);
  return { host, port: at, ...(cidrs ? { cidrs } : {}) };
}
