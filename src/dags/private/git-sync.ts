import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { checkWhole } from './folder';
import { GitRepository, parseRepository } from './git-repository';
import { DeploymentIdentity, NetworkPeer } from '../../airflow/deployment-identity';
import { SecretKey, SecretRef, secretEnv } from '../../airflow/secret-ref';
import { peerAt } from '../../airflow/server-address';
import { assertSecret } from '../../airflow/tls-files';
import { refuseLiteral } from '../../pod/credentials';
import { brokenAt } from '../../pod/pod-rules';
import { throwProblems } from '../../pod/problems';
import { toWire } from '../../pod/schema';
import { Parts, Wire } from '../../private/component-graph';
import { specHash } from '../../private/hash';
import { checkPropNames, PropNames } from '../../private/known-props';
import { container, emptyDir, TMP } from '../../private/pod-parts';
import { shown } from '../../private/prop-types';
import { checkSubPath } from '../../private/sub-path';
import { DagSourceBinding, DagSourceContext } from '../dag-source';
import { GitSyncDagsProps, GitSyncWebhook } from '../git-sync-dags-props';

const ROOT = '/git';
/** The user of git-sync's image. */
const USER = 65533;

const PROPS: PropNames<GitSyncDagsProps> = {
  caCertificate: true,
  cidrs: 'a list of texts',
  depth: true,
  knownHosts: true,
  periodSeconds: true,
  ref: true,
  repo: 'a text',
  sparseCheckout: 'a list of texts',
  sshKey: true,
  subPath: true,
  submodules: 'a text',
  token: true,
  username: 'a text or a SecretRef',
  webhook: 'an object',
  resources: true,
  env: true,
  volumes: true,
  volumeMounts: true,
  securityContext: true,
};

const WEBHOOK: PropNames<GitSyncWebhook> = { backoffSeconds: true, method: true, successStatus: true, timeoutSeconds: true, url: true };

/** Where a repository is in the pods. */
export interface GitSyncPlace {
  /** Its name, where it is one of several. */
  readonly name?: string;
  /** Where Airflow has its volume. */
  readonly mountPath: string;
  /** Of git-sync's health; the containers of a pod share their ports. */
  readonly port: number;
}

/** What pods need for it, and the folder of its DAGs. */
export type GitSyncParts = Pick<DagSourceBinding, 'volumes' | 'volumeMounts' | 'initContainers' | 'sidecars' | 'peers' | 'sidecarPeers'> & { readonly folder: string };

/** One repository that git-sync copies. */
export class GitSync {
  /** Seconds between two looks at the repository. */
  public readonly periodSeconds: number;
  /** What a user says of its containers. */
  public readonly container: ContainerSettings;
  private readonly repository: GitRepository;
  private readonly webhook?: NetworkPeer;

  /** @param path where the props stand, for messages */
  constructor(private readonly props: GitSyncDagsProps, path: string) {
    checkPropNames(props, PROPS, path, 'GitSyncDagsProps');
    this.repository = parseRepository(props.repo);
    this.periodSeconds = props.periodSeconds ?? 30;
    const ssh = this.repository.protocol === 'ssh';
    if (ssh && !props.sshKey) { throw new Error(`'sshKey' is missing: '${props.repo}' is an SSH URL; give a SecretRef of the private key`); }
    if (ssh && !props.knownHosts) {
      throw new Error("'knownHosts' is missing: without the server's public keys git-sync would trust any; give a SecretRef of a file made by 'ssh-keyscan'");
    }
    if (!ssh && (props.sshKey || props.knownHosts)) {
      throw new Error(`'sshKey' and 'knownHosts' are for SSH, '${props.repo}' is not an SSH URL; use 'token' for it`);
    }
    if (ssh && (props.token || props.username)) {
      throw new Error(`'username' and 'token' are for HTTP, '${props.repo}' is an SSH URL; use 'sshKey', and write the user into the URL`);
    }
    for (const prop of ['sshKey', 'knownHosts', 'token', 'caCertificate'] as const) {
      if (props[prop] !== undefined) { assertSecret(prop, props[prop], 'airflow-git'); }
    }
    if (props.ref !== undefined && (typeof props.ref !== 'string' || !/^\S+$/.test(props.ref))) {
      throw new Error(`'ref' must be a branch, a tag or a commit, got ${shown(props.ref)}`);
    }
    if (props.username && !props.token) { throw new Error("'username' without 'token'; give both, or neither for a public repository"); }
    if (props.caCertificate && this.repository.protocol !== 'https') {
      throw new Error(`'caCertificate' is for HTTPS, '${props.repo}' is not an HTTPS URL; remove it`);
    }
    checkWhole('periodSeconds', props.periodSeconds, 1);
    checkWhole('depth', props.depth, 0);
    if (props.submodules !== undefined && !['recursive', 'shallow', 'off'].includes(props.submodules)) {
      throw new Error(`'submodules' must be one of 'recursive', 'shallow', 'off', got '${props.submodules}'`);
    }
    const pattern = props.sparseCheckout?.find(line => !/^\S(.*\S)?$/.test(line));
    if (pattern !== undefined || props.sparseCheckout?.length === 0) {
      throw new Error(`'sparseCheckout' must be patterns of one line such as '/dags/', got ${pattern === undefined ? 'none' : `'${pattern}'`}`);
    }
    checkSubPath(props.subPath);
    this.webhook = props.webhook && webhookPeer(props.webhook, path);
    this.container = containerSettings(props);
  }

  public bind(scope: Construct, context: DagSourceContext, { name, mountPath, port }: GitSyncPlace): GitSyncParts {
    const suffix = name === undefined ? '' : `-${name}`;
    const secret = (id: string, purpose: string, ref?: SecretRef): SecretKey | undefined => ref?.bind(scope, id, `git${suffix}-${purpose}`, context.identity);
    const sshKey = secret('GitSshKey', 'ssh-key', this.props.sshKey);
    const knownHosts = secret('GitKnownHosts', 'known-hosts', this.props.knownHosts);
    const token = secret('GitToken', 'token', this.props.token);
    const caCertificate = secret('GitCaCertificate', 'ca-certificate', this.props.caCertificate);
    const user = this.props.username ?? 'git';
    const username = (): Wire => (typeof user === 'string'
      ? variable('USERNAME', user) : secretEnv('GITSYNC_USERNAME', secret('GitUsername', 'username', user)!));
    const env = [
      variable('REPO', this.props.repo),
      variable('REF', this.props.ref ?? 'HEAD'),
      variable('ROOT', ROOT),
      variable('LINK', 'repo'),
      variable('DEPTH', this.props.depth ?? 1),
      ...(sshKey ? [variable('SSH_KEY_FILE', '/etc/git-secret/ssh'), variable('SSH_KNOWN_HOSTS_FILE', '/etc/git-secret/known_hosts')] : []),
      ...(token ? [username(), secretEnv('GITSYNC_PASSWORD', token)] : []),
      ...(caCertificate ? [{ name: 'GIT_SSL_CAINFO', value: '/etc/git-secret/ca.crt' }] : []),
      ...(this.props.submodules === undefined ? [] : [variable('SUBMODULES', this.props.submodules)]),
      ...(this.props.sparseCheckout ? [variable('SPARSE_CHECKOUT_FILE', '/etc/git-sync/sparse-checkout')] : []),
    ];
    const sparse = this.sparseFile(scope, context.identity, suffix);
    const files = Object.entries({ 'ssh': sshKey, 'known_hosts': knownHosts, 'ca.crt': caCertificate }).flatMap(([path, file]) =>
      (file ? [{ secret: { name: file.name, items: [{ key: file.key, path }] } }] : []));
    const keys = files.length > 0 ? [{
      volumeMounts: [{ name: `git-secret${suffix}`, mountPath: '/etc/git-secret', readOnly: true }],
      volumes: [{ name: `git-secret${suffix}`, projected: { defaultMode: 0o440, sources: files } }],
    }] : [];
    const folder = emptyDir(`dags${suffix}`, ROOT);
    const { volumes, ...own } = this.container;
    const gitSync = (containerName: string, extra: Wire[], more: Wire) => container({
      name: `${containerName}${suffix}`,
      image: context.images.gitSync!,
      imagePullPolicy: 'IfNotPresent',
      parts: [{ env: withOwn([...env, ...extra], own.env) }, folder, TMP, ...keys, ...sparse, { volumeMounts: own.volumeMounts }],
      resources: own.resources ?? { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '256Mi' } },
      runAsUser: USER,
      securityContext: own.securityContext,
      more,
    });
    const probe = { httpGet: { path: '/', port }, timeoutSeconds: 5, periodSeconds: 30, failureThreshold: 10 };
    return {
      folder: [mountPath, 'repo', ...(this.props.subPath ? [this.props.subPath] : [])].join('/'),
      volumes: [...folder.volumes!, ...keys.flatMap(part => part.volumes), ...sparse.flatMap(part => part.volumes!), ...volumes],
      volumeMounts: [{ name: `dags${suffix}`, mountPath, readOnly: true }],
      // A task pod never restarts a container, so that one refused connection must not fail the task.
      initContainers: [gitSync('git-sync-init', [variable('ONE_TIME', 'true'), variable('PERIOD', '5s'), variable('MAX_FAILURES', '5')], {})],
      // What was synced stays usable while the server is away; the probe restarts a sidecar that is stuck.
      sidecars: [gitSync('git-sync', [
        variable('PERIOD', `${this.periodSeconds}s`), variable('MAX_FAILURES', '-1'), variable('HTTP_BIND', `:${port}`), ...webhookEnv(this.props.webhook),
      ], { livenessProbe: probe })],
      peers: [peerAt(this.repository.host, this.repository.port, this.props.cidrs)],
      sidecarPeers: this.webhook ? [this.webhook] : [],
    };
  }

  /** The patterns of a sparse checkout. The ConfigMap's name carries their hash: git-sync reads them once. */
  private sparseFile(scope: Construct, identity: DeploymentIdentity, suffix: string): Parts[] {
    if (!this.props.sparseCheckout) { return []; }
    const text = this.props.sparseCheckout.map(line => `${line}\n`).join('');
    const name = `${identity.name}-git-sync${suffix}-${specHash(text)}`;
    new ApiObject(scope, 'SparseCheckout', {
      apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: identity.namespace, labels: identity.labels }, data: { 'sparse-checkout': text },
    });
    return [{
      volumeMounts: [{ name: `git-sync${suffix}`, mountPath: '/etc/git-sync', readOnly: true }],
      volumes: [{ name: `git-sync${suffix}`, configMap: { name } }],
    }];
  }
}

/** What a user may say of git-sync's containers. */
export interface ContainerSettings {
  readonly resources?: Wire;
  readonly env: Wire[];
  readonly volumes: Wire[];
  readonly volumeMounts: Wire[];
  readonly securityContext?: Wire;
}

function containerSettings(props: GitSyncDagsProps): ContainerSettings {
  const wire = (type: string, prop: 'resources' | 'env' | 'volumes' | 'volumeMounts' | 'securityContext') => {
    const value = toWire(type, props[prop], prop);
    throwProblems(value === undefined ? [] : brokenAt(type, value, [prop]));
    return value;
  };
  const env: Wire[] = wire('[]EnvVar', 'env') ?? [];
  env.forEach(({ name, value }, i) => {
    if (env.findIndex(other => other.name === name) !== i) { throw new Error(`'env' sets '${name}' twice; remove one`); }
    refuseLiteral(name, value, `env[${i}]`);
  });
  return {
    resources: wire('ResourceRequirements', 'resources'),
    env,
    volumes: wire('[]Volume', 'volumes') ?? [],
    volumeMounts: wire('[]VolumeMount', 'volumeMounts') ?? [],
    securityContext: wire('SecurityContext', 'securityContext'),
  };
}

/** Ours and the user's variables; what props say stays theirs. */
function withOwn(env: Wire[], own: Wire[]): Wire[] {
  const taken = own.find(({ name }) => env.some(given => given.name === name));
  if (taken) { throw new Error(`'env' of git-sync sets '${taken.name}', which the deployment sets itself; remove it, and see the other props of GitSyncDagsProps`); }
  return [...env, ...own];
}

function variable(name: string, value: string | number): Wire {
  return { name: `GITSYNC_${name}`, value: String(value) };
}

function webhookEnv(webhook: GitSyncWebhook | undefined): Wire[] {
  if (!webhook) { return []; }
  const { url, method, successStatus, timeoutSeconds, backoffSeconds } = webhook;
  const given = (name: string, value: string | number | undefined) => (value === undefined ? [] : [variable(name, value)]);
  const seconds = (value: number | undefined) => (value === undefined ? undefined : `${value}s`);
  return [
    variable('WEBHOOK_URL', url),
    ...given('WEBHOOK_METHOD', method),
    ...given('WEBHOOK_SUCCESS_STATUS', successStatus),
    ...given('WEBHOOK_TIMEOUT', seconds(timeoutSeconds)),
    ...given('WEBHOOK_BACKOFF', seconds(backoffSeconds)),
  ];
}

/** Who is called. */
function webhookPeer(webhook: GitSyncWebhook, path: string): NetworkPeer {
  checkPropNames(webhook, WEBHOOK, `${path}.webhook`, 'GitSyncWebhook');
  const { url, method, successStatus, timeoutSeconds, backoffSeconds } = webhook;
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) { throw new Error(`'webhook.url' must be 'https://…' or 'http://…', got ${shown(url)}`); }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new Error("'webhook.url' holds a user name or a password, which everybody could read in the manifest; call something that needs none");
  }
  if (method !== undefined && !/^[A-Z]+$/.test(method)) { throw new Error(`'webhook.method' must be an HTTP method such as 'POST', got ${shown(method)}`); }
  checkWhole('webhook.timeoutSeconds', timeoutSeconds, 1);
  checkWhole('webhook.backoffSeconds', backoffSeconds, 1);
  if (successStatus !== undefined && successStatus !== 0 && !(Number.isInteger(successStatus) && successStatus >= 100 && successStatus <= 599)) {
    throw new Error(`'webhook.successStatus' must be an HTTP status, or 0 for any, got ${shown(successStatus)}`);
  }
  return { host: parsed.hostname.replace(/^\[|\]$/g, ''), port: Number(parsed.port) || (parsed.protocol === 'https:' ? 443 : 80) };
}
