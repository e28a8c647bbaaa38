import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { DagSourceBinding, DagSourceContext, IDagSource } from './dag-source';
import { checkSubPath, checkWhole, DAGS_FOLDER } from './private/folder';
import { GitRepository, parseRepository } from './private/git-repository';
import { DeploymentIdentity } from '../airflow/deployment-identity';
import { SecretKey, SecretRef, secretEnv } from '../airflow/secret-ref';
import { assertSecret } from '../airflow/tls-files';
import { Parts } from '../private/component-graph';
import { specHash } from '../private/hash';
import { checkPropNames, PropNames } from '../private/known-props';
import { container, emptyDir, TMP } from '../private/pod-parts';

/** How DAGs are read from a git repository. */
export interface GitSyncDagsProps {
  /** URL of the repository: `https://…`, `ssh://git@host/…` or `git@host:path`. */
  readonly repo: string;

  /**
   * Branch, tag or commit.
   *
   * @default 'HEAD'
   */
  readonly ref?: string;

  /**
   * The folder of the repository that holds the DAGs.
   *
   * @default - the repository itself
   */
  readonly subPath?: string;

  /**
   * Commits of history that are fetched; 0 for all.
   *
   * @default 1
   */
  readonly depth?: number;

  /**
   * Submodules: all of them, those of the repository itself, or none.
   *
   * @default 'recursive', as in git-sync
   */
  readonly submodules?: 'recursive' | 'shallow' | 'off';

  /**
   * Patterns of the files that are checked out, as in `.gitignore`, such as `/dags/`.
   *
   * @default - all files
   * @see https://git-scm.com/docs/git-sparse-checkout
   */
  readonly sparseCheckout?: string[];

  /**
   * Seconds between two looks at the repository. Airflow looks for new files as often, unless `config` says otherwise; its own default is 300.
   *
   * @default 30
   */
  readonly periodSeconds?: number;

  /**
   * Private key for an SSH URL.
   *
   * @default - none
   */
  readonly sshKey?: SecretRef;

  /**
   * The SSH server's public keys, as a known_hosts file. Required with `sshKey`.
   *
   * @default - none
   */
  readonly knownHosts?: SecretRef;

  /**
   * User name for an HTTP URL.
   *
   * @default 'git' - where there is a token: GitHub, GitLab and Bitbucket take any
   */
  readonly username?: string | SecretRef;

  /**
   * Access token or password for an HTTP URL.
   *
   * @default - none: the repository is public
   */
  readonly token?: SecretRef;

  /**
   * Certificates, in PEM, of the authorities that an HTTPS server is trusted by.
   *
   * @default - those of git-sync's image
   */
  readonly caCertificate?: SecretRef;
}

const ROOT = '/git';
/** The user of git-sync's image. */
const USER = 65533;
const HTTP_PORT = 1234;

const PROPS: PropNames<GitSyncDagsProps> = {
  caCertificate: true,
  depth: true,
  knownHosts: true,
  periodSeconds: true,
  ref: true,
  repo: true,
  sparseCheckout: true,
  sshKey: true,
  subPath: true,
  submodules: true,
  token: true,
  username: true,
};

/**
 * DAGs from a git repository by git-sync 4: an init container, and a sidecar in pods that stay, wherever DAGs are read.
 *
 * @see https://github.com/kubernetes/git-sync
 */
export class GitSyncDags implements IDagSource {
  private readonly props: GitSyncDagsProps;
  private readonly repository: GitRepository;

  constructor(props: GitSyncDagsProps) {
    checkPropNames(props, PROPS, 'GitSyncDags', 'GitSyncDagsProps');
    this.props = props;
    this.repository = parseRepository(props.repo);
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
  }

  public bind(scope: Construct, context: DagSourceContext): DagSourceBinding {
    const secret = (id: string, purpose: string, ref?: SecretRef): SecretKey | undefined => ref?.bind(scope, id, purpose, context.identity);
    const sshKey = secret('GitSshKey', 'git-ssh-key', this.props.sshKey);
    const knownHosts = secret('GitKnownHosts', 'git-known-hosts', this.props.knownHosts);
    const token = secret('GitToken', 'git-token', this.props.token);
    const caCertificate = secret('GitCaCertificate', 'git-ca-certificate', this.props.caCertificate);
    const user = this.props.username ?? 'git';
    const username = (): { [key: string]: any } => (typeof user === 'string'
      ? variable('USERNAME', user) : secretEnv('GITSYNC_USERNAME', user.bind(scope, 'GitUsername', 'git-username', context.identity)));

    const variable = (name: string, value: string) => ({ name: `GITSYNC_${name}`, value });
    const env = [
      variable('REPO', this.props.repo),
      variable('REF', this.props.ref ?? 'HEAD'),
      variable('ROOT', ROOT),
      variable('LINK', 'repo'),
      variable('DEPTH', String(this.props.depth ?? 1)),
      ...(sshKey ? [variable('SSH_KEY_FILE', '/etc/git-secret/ssh'), variable('SSH_KNOWN_HOSTS_FILE', '/etc/git-secret/known_hosts')] : []),
      ...(token ? [username(), secretEnv('GITSYNC_PASSWORD', token)] : []),
      ...(caCertificate ? [{ name: 'GIT_SSL_CAINFO', value: '/etc/git-secret/ca.crt' }] : []),
      ...(this.props.submodules === undefined ? [] : [variable('SUBMODULES', this.props.submodules)]),
      ...(this.props.sparseCheckout ? [variable('SPARSE_CHECKOUT_FILE', '/etc/git-sync/sparse-checkout')] : []),
    ];
    const sparse = this.sparseFile(scope, context.identity);
    const files = Object.entries({ 'ssh': sshKey, 'known_hosts': knownHosts, 'ca.crt': caCertificate }).flatMap(([path, file]) =>
      (file ? [{ secret: { name: file.name, items: [{ key: file.key, path }] } }] : []));
    const keys = files.length > 0 ? [{
      volumeMounts: [{ name: 'git-secret', mountPath: '/etc/git-secret', readOnly: true }],
      volumes: [{ name: 'git-secret', projected: { defaultMode: 0o440, sources: files } }],
    }] : [];
    const folder = emptyDir('dags', ROOT);
    const gitSync = (name: string, extra: { [key: string]: any }[], more: { [key: string]: any }) => container({
      name,
      image: context.images.gitSync!,
      imagePullPolicy: 'IfNotPresent',
      parts: [{ env: [...env, ...extra] }, folder, TMP, ...keys, ...sparse],
      resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '256Mi' } },
      runAsUser: USER,
      more,
    });
    const probe = { httpGet: { path: '/', port: HTTP_PORT }, timeoutSeconds: 5, periodSeconds: 30, failureThreshold: 10 };
    return {
      dagsFolder: [DAGS_FOLDER, 'repo', ...(this.props.subPath ? [this.props.subPath] : [])].join('/'),
      volumes: [...folder.volumes!, ...keys.flatMap(part => part.volumes), ...sparse.flatMap(part => part.volumes!)],
      volumeMounts: [{ name: 'dags', mountPath: DAGS_FOLDER, readOnly: true }],
      // A task pod never restarts a container, so that one refused connection must not fail the task.
      initContainers: [gitSync('git-sync-init', [variable('ONE_TIME', 'true'), variable('PERIOD', '5s'), variable('MAX_FAILURES', '5')], {})],
      // What was synced stays usable while the server is away; the probe restarts a sidecar that is stuck.
      sidecars: [gitSync('git-sync', [
        variable('PERIOD', `${this.props.periodSeconds ?? 30}s`), variable('MAX_FAILURES', '-1'), variable('HTTP_BIND', `:${HTTP_PORT}`),
      ], { livenessProbe: probe })],
      peers: [{ host: this.repository.host, port: this.repository.port }],
      refreshIntervalSeconds: this.props.periodSeconds ?? 30,
    };
  }

  /** The patterns of a sparse checkout. The ConfigMap's name carries their hash: git-sync reads them once. */
  private sparseFile(scope: Construct, identity: DeploymentIdentity): Parts[] {
    if (!this.props.sparseCheckout) { return []; }
    const text = this.props.sparseCheckout.map(line => `${line}\n`).join('');
    const name = `${identity.name}-git-sync-${specHash(text)}`;
    new ApiObject(scope, 'SparseCheckout', {
      apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: identity.namespace, labels: identity.labels }, data: { 'sparse-checkout': text },
    });
    return [{
      volumeMounts: [{ name: 'git-sync', mountPath: '/etc/git-sync', readOnly: true }],
      volumes: [{ name: 'git-sync', configMap: { name } }],
    }];
  }
}
