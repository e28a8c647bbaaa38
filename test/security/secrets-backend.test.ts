import { AirflowKubernetesDeploymentProps, AirflowVersion, CeleryBroker, Executor, SecretRef, SecretsBackend, VaultSecretsProps } from '../../src';
import { Deployed, envOf } from '../deployment/deploy';

const ref = (key: string) => SecretRef.existing('vault', key);
const url = 'https://vault.example.com:8200';
const vault = (props: Partial<VaultSecretsProps> = { token: ref('token') }) => SecretsBackend.vault({ url, cidrs: ['10.9.0.0/24'], ...props });
const deploy = (secretsBackend: SecretsBackend, props: Partial<AirflowKubernetesDeploymentProps> = {}) => new Deployed({ secretsBackend, ...props });
const holders = ({ pods }: Deployed) => Object.entries(pods)
  .filter(([, pod]) => JSON.stringify(pod.spec.containers[0].env ?? []).includes('SECRETS_BACKEND') || JSON.stringify(pod.spec.containers[0].env ?? []).includes('SECRETS__BACKEND'))
  .map(([name]) => name);

test('on Airflow 3 the control plane asks the backend, and tasks ask the API server', () => {
  const deployed = deploy(vault());
  expect(holders(deployed)).toEqual(['scheduler', 'api-server', 'dag-processor', 'triggerer']);
  expect(deployed.env('api-server')).toMatchObject({
    SECRETS_BACKEND_TOKEN: 'vault/token',
    AIRFLOW__SECRETS__BACKEND: 'airflow.providers.hashicorp.secrets.vault.VaultBackend',
    SECRETS_BACKEND_KWARGS: JSON.stringify({ url, auth_type: 'token' }),
    AIRFLOW__SECRETS__BACKEND_KWARGS_CMD: 'python -c \'import json, os; print(json.dumps({**json.loads(os.environ["SECRETS_BACKEND_KWARGS"]), '
      + '"token": os.environ["SECRETS_BACKEND_TOKEN"]}), end="")\'',
  });
});

test('where workers ask it themselves, they hold the credential under the names of their own section', () => {
  const deployed = deploy(vault({ token: ref('token'), workers: true }));
  expect(envOf(deployed.pods.worker.spec.containers[0])).toMatchObject({
    AIRFLOW__WORKERS__SECRETS_BACKEND: 'airflow.providers.hashicorp.secrets.vault.VaultBackend',
    AIRFLOW__WORKERS__SECRETS_BACKEND_KWARGS_CMD: expect.stringContaining('"token"'),
    SECRETS_BACKEND_TOKEN: 'vault/token',
  });
  const celery = deploy(vault({ token: ref('token'), workers: true }), { executor: Executor.celery({ broker: CeleryBroker.developmentRedis() }) });
  expect(celery.env('celery-worker')).toHaveProperty('AIRFLOW__WORKERS__SECRETS_BACKEND');
});

test('on Airflow 2 everybody asks it', () => {
  expect(holders(deploy(vault(), { version: AirflowVersion.V2_11 }))).toEqual(['scheduler', 'webserver', 'triggerer', 'worker']);
});

test('those who ask may reach it, and no others', () => {
  const deployed = deploy(vault());
  const reach = deployed.objects.filter(({ kind }) => kind === 'NetworkPolicy')
    .filter(policy => JSON.stringify((policy.spec.egress ?? []).filter((rule: any) => rule.ports?.[0].port === 8200)).includes('10.9.0.0/24'));
  expect(reach.map(({ metadata }) => metadata.name)).toEqual(['airflow-scheduler', 'airflow-api-server', 'airflow-dag-processor', 'airflow-triggerer']);
});

test('an AppRole is two references; a role of Kubernetes a token for Vault alone', () => {
  const approle = deploy(vault({ appRole: { roleId: ref('role'), secretId: ref('secret') }, mountPoint: 'airflow' })).env('scheduler');
  expect(JSON.parse(approle.SECRETS_BACKEND_KWARGS)).toEqual({ url, mount_point: 'airflow', auth_type: 'approle' });
  expect(approle).toMatchObject({ SECRETS_BACKEND_ROLE_ID: 'vault/role', SECRETS_BACKEND_SECRET_ID: 'vault/secret' });
  const deployed = deploy(vault({ kubernetesRole: 'airflow' }));
  expect(JSON.parse(deployed.env('scheduler').AIRFLOW__SECRETS__BACKEND_KWARGS)).toEqual({
    url, auth_type: 'kubernetes', kubernetes_role: 'airflow', kubernetes_jwt_path: '/var/run/secrets/vault/token',
  });
  expect(deployed.pods.scheduler.spec.volumes).toContainEqual({
    name: 'vault-token', projected: { defaultMode: 0o440, sources: [{ serviceAccountToken: { path: 'token', audience: 'vault', expirationSeconds: 3600 } }] },
  });
});

test.each([
  SecretsBackend.gcpSecretManager({ projectId: 'p' }), SecretsBackend.kubernetes({ namespace: 'secrets' }), SecretsBackend.awsParameterStore({ region: 'eu-central-1' }),
])('task pods of Airflow 2 have its arguments, which are no secret %#', secretsBackend => {
  expect(deploy(secretsBackend, { version: AirflowVersion.V2_11 }).env('scheduler').AIRFLOW__SECRETS__BACKEND_KWARGS).toMatch(/^\{/);
  const { env } = deploy(secretsBackend, { version: AirflowVersion.V2_11 }).pods.worker.spec.containers[0];
  expect(env).toContainEqual({ name: 'AIRFLOW__SECRETS__BACKEND_KWARGS', value: expect.stringMatching(/^\{/) });
});

test.each<[string, SecretsBackend, string, object]>([
  ['AWS Secrets Manager', SecretsBackend.awsSecretsManager({ region: 'eu-central-1', kwargs: { connections_prefix: 'a' } }),
    'airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend', { region_name: 'eu-central-1', connections_prefix: 'a' }],
  ['AWS Parameter Store', SecretsBackend.awsParameterStore({ region: 'eu-central-1' }),
    'airflow.providers.amazon.aws.secrets.systems_manager.SystemsManagerParameterStoreBackend', { region_name: 'eu-central-1' }],
  ['Google', SecretsBackend.gcpSecretManager({ projectId: 'p' }), 'airflow.providers.google.cloud.secrets.secret_manager.CloudSecretManagerBackend', { project_id: 'p' }],
  ['Azure', SecretsBackend.azureKeyVault({ vaultUrl: 'https://a.vault.azure.net/' }), 'airflow.providers.microsoft.azure.secrets.key_vault.AzureKeyVaultBackend',
    { vault_url: 'https://a.vault.azure.net/' }],
])('%s is asked with the identity of the ServiceAccounts', (_, backend, className, kwargs) => {
  const env = deploy(backend).env('api-server');
  expect(env.AIRFLOW__SECRETS__BACKEND).toBe(className);
  expect(JSON.parse(env.AIRFLOW__SECRETS__BACKEND_KWARGS)).toEqual(kwargs);
});

test('Secrets of Kubernetes: Airflow may list those of the one namespace', () => {
  const deployed = deploy(SecretsBackend.kubernetes({ namespace: 'airflow-secrets' }));
  const roles = deployed.objects.filter(({ kind, metadata }) => kind === 'Role' && metadata.namespace === 'airflow-secrets');
  expect(roles.map(({ rules }) => rules)).toEqual(roles.map(() => [{ apiGroups: [''], resources: ['secrets'], verbs: ['list'] }]));
  expect(roles).toHaveLength(4);
});

test.each<[string, () => unknown, string]>([
  ['no way to log in', () => vault({}), "SecretsBackend.vault needs one of 'kubernetesRole', 'appRole' and 'token', got none"],
  ['two ways', () => vault({ token: ref('a'), kubernetesRole: 'a' }), "got 'kubernetesRole' and 'token'"],
  ['a literal token', () => vault({ token: 's.1' as any }), "'token' must be a SecretRef"],
  ['a literal among the arguments', () => SecretsBackend.awsSecretsManager({ region: 'eu-central-1', kwargs: { aws_secret_access_key: 'x' } }),
    "'kwargs' holds 'aws_secret_access_key', which is a secret"],
  ['an argument twice', () => vault({ token: ref('a'), kwargs: { url: 'x' } }), "'kwargs' sets 'url', which a prop says; remove it"],
  ['a user in the URL', () => vault({ url: 'https://a:b@vault', token: ref('a') }), "'url' holds a user"],
  ['a region that is none', () => SecretsBackend.awsParameterStore({ region: 'Frankfurt' }), "'region' must be such as 'eu-central-1', got 'Frankfurt'"],
  ['arguments that are no object', () => vault({ token: ref('a'), kwargs: 'x' as any }), "'kwargs' must be an object, got \"x\""],
  ['a truth as text', () => vault({ token: ref('a'), workers: 'yes' as any }), "'workers' must be true or false, got \"yes\""],
  ['one range where a list is meant', () => vault({ token: ref('a'), cidrs: '10.0.0.0/8' as any }), "'cidrs' must be a list of texts, got \"10.0.0.0/8\""],
  ['a range that is none', () => vault({ token: ref('a'), cidrs: ['10.0.0.0/99'] }), "'cidrs' of the secrets backend 'VaultBackend' must be a list of address ranges"],
  ['a mount point that is no text', () => vault({ token: ref('a'), mountPoint: 1 as any }), "'mountPoint' must be a text, got 1"],
  ['tasks that list Secrets', () => SecretsBackend.kubernetes({ namespace: 'a', workers: true }), 'would let every task list Secrets'],
  ['another backend in config', () => deploy(vault(), { config: { secrets: { backend: 'a.B' } } }), "'config.secrets.backend' is set, and so is 'secretsBackend'; remove one"],
])('fails for %s', (_, run, message) => {
  expect(run).toThrow(message);
});
