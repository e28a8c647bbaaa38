import { Construct } from 'constructs';
import { DagSourceParts } from './dag-source';
import { checkWhole } from './private/folder';
import { parseRepository } from './private/git-repository';
import { DeploymentIdentity, NetworkPeer } from '../airflow/deployment-identity';
import { SecretRef, secretEnv } from '../airflow/secret-ref';
import { peerAt } from '../airflow/server-address';
import { checkPropNames, PropNames } from '../private/known-props';
import { SECRET } from '../private/prop-types';
import { checkSubPath } from '../private/sub-path';

/** What every bundle has. */
export interface DagBundleOptions {
  /** Its name, unique in the deployment; it stays with the DAGs in the database. */
  readonly name: string;

  /**
   * Seconds after which Airflow looks for changes.
   *
   * @default 60
   */
  readonly refreshIntervalSeconds?: number;
}

/** A git repository that Airflow itself reads. */
export interface GitDagBundleProps extends DagBundleOptions {
  /** URL of the repository: `https://…`, `ssh://git@host/…` or `git@host:path`. */
  readonly repo: string;

  /** Branch or tag that is followed. */
  readonly ref: string;

  /**
   * The folder of the repository that holds the DAGs.
   *
   * @default - the repository itself
   */
  readonly subPath?: string;

  /**
   * User name for an HTTP URL.
   *
   * @default 'git'
   */
  readonly username?: string;

  /**
   * Access token for an HTTP URL. It may not hold `"` or `\`.
   *
   * @default - none: the repository is public
   */
  readonly token?: SecretRef;

  /**
   * Private key for an SSH URL. It is a file in every pod that reads DAGs, task pods included.
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
   * Address ranges of the server, for network policies.
   *
   * @default - its port is open to any address
   */
  readonly cidrs?: string[];
}

/** A folder of the image, or of a volume that the components mount. */
export interface LocalDagBundleProps extends DagBundleOptions {
  /** Absolute path. */
  readonly path: string;
}

/** A bucket of which Airflow copies the DAGs. */
export interface BucketDagBundleProps extends DagBundleOptions {
  /** Name of the bucket. */
  readonly bucket: string;

  /**
   * The path in it.
   *
   * @default - the bucket itself
   */
  readonly prefix?: string;

  /**
   * A connection as Airflow writes it, JSON or URI.
   *
   * @default - the cloud identity of the ServiceAccounts (`cloudIdentity`)
   */
  readonly connection?: SecretRef;

  /**
   * Address ranges of the storage's servers, for network policies.
   *
   * @default - its port is open to any address
   */
  readonly cidrs?: string[];
}

/** What a bundle gives the source, as wire JSON. */
interface DagBundleParts extends DagSourceParts {
  readonly config: { [key: string]: any };
  readonly connections: { [key: string]: any }[];
  /** True where the ServiceAccounts need an identity of a cloud. */
  readonly cloudIdentity?: boolean;
}

const OPTIONS: PropNames<DagBundleOptions> = { name: 'a text', refreshIntervalSeconds: true };
const LOCAL: PropNames<LocalDagBundleProps> = { ...OPTIONS, path: 'a text' };
const GIT: PropNames<GitDagBundleProps> = {
  ...OPTIONS, cidrs: 'a list of texts', knownHosts: SECRET, ref: 'a text', repo: 'a text', sshKey: SECRET, subPath: true, token: SECRET, username: 'a text',
};
const BUCKET: PropNames<BucketDagBundleProps> = { ...OPTIONS, bucket: 'a text', cidrs: 'a list of texts', connection: SECRET, prefix: 'a text' };

/**
 * A place of DAGs that Airflow 3 itself reads.
 *
 * @see https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/dag-bundles.html
 */
export class DagBundle {
  /** A git repository; versioned: a run keeps to the commit with which it began. The image needs git and the provider git. */
  public static git(props: GitDagBundleProps): DagBundle {
    checkPropNames(props, GIT, 'DagBundle.git', 'GitDagBundleProps');
    const { host, port, protocol } = parseRepository(props.repo);
    const ssh = protocol === 'ssh';
    if (!props.ref) { throw new Error("'ref' is missing; give the branch or tag that is followed, such as 'main'"); }
    checkSubPath(props.subPath);
    if (ssh && !(props.sshKey && props.knownHosts)) { throw new Error(`'${props.repo}' is an SSH URL: give 'sshKey' and 'knownHosts', both a SecretRef`); }
    if (!ssh && (props.sshKey ?? props.knownHosts)) { throw new Error(`'sshKey' and 'knownHosts' are for SSH, '${props.repo}' is not an SSH URL; use 'token' for it`); }
    if (ssh && (props.token ?? props.username)) { throw new Error(`'username' and 'token' are for HTTP, '${props.repo}' is an SSH URL; use 'sshKey'`); }
    if (props.username !== undefined && !props.token) { throw new Error("'username' without 'token'; give both, or neither for a public repository"); }
    return new DagBundle(props, 'airflow.providers.git.bundles.git.GitDagBundle', peerAt(host, port, props.cidrs), (scope, identity, id) => {
      const bind = (constructId: string, what: string, ref: SecretRef) => ref.bind(scope, constructId, `dag-bundle-${props.name}-${what}`, identity);
      const token = `AIRFLOW_${id.toUpperCase()}_TOKEN`;
      const folder = `/etc/airflow-git/${props.name}`;
      const volume = `git-${props.name}`;
      const login = props.token ? { login: props.username ?? 'git', password: `$(${token})` } : {};
      const extra = ssh ? { extra: { key_file: `${folder}/ssh`, known_hosts_file: `${folder}/known_hosts`, strict_host_key_checking: 'yes' } } : {};
      const file = (constructId: string, path: string, ref: SecretRef) => {
        const { name, key } = bind(constructId, path.replace('_', '-'), ref);
        return { secret: { name, items: [{ key, path }] } };
      };
      return {
        kwargs: {
          git_conn_id: id, repo_url: props.repo, tracking_ref: props.ref, ...(props.subPath === undefined ? {} : { subdir: props.subPath }),
        },
        connections: [
          ...(props.token ? [secretEnv(token, bind('Token', 'token', props.token))] : []),
          { name: `AIRFLOW_CONN_${id.toUpperCase()}`, value: JSON.stringify({ conn_type: 'git', host: props.repo, ...login, ...extra }) },
        ],
        ...(ssh ? {
          volumes: [{
            name: volume,
            projected: { defaultMode: 0o440, sources: [file('SshKey', 'ssh', props.sshKey!), file('KnownHosts', 'known_hosts', props.knownHosts!)] },
          }],
          volumeMounts: [{ name: volume, mountPath: folder, readOnly: true }],
        } : {}),
      };
    });
  }

  /** A folder. */
  public static local(props: LocalDagBundleProps): DagBundle {
    checkPropNames(props, LOCAL, 'DagBundle.local', 'LocalDagBundleProps');
    if (!/^(\/[^/\s]+)+$/.test(props.path)) { throw new Error(`'path' must be an absolute path such as '/srv/dags', got '${props.path}'`); }
    return new DagBundle(props, 'airflow.dag_processing.bundles.local.LocalDagBundle', undefined, () => ({ kwargs: { path: props.path }, connections: [] }));
  }

  /** An S3 bucket; not versioned. The image needs the provider amazon. */
  public static s3(props: BucketDagBundleProps): DagBundle {
    return DagBundle.bucket('s3', props, 'airflow.providers.amazon.aws.bundles.s3.S3DagBundle', 'aws', 'aws_conn_id', 's3.amazonaws.com');
  }

  /** A bucket of Google Cloud Storage; not versioned. The image needs the provider google. */
  public static gcs(props: BucketDagBundleProps): DagBundle {
    return DagBundle.bucket('gcs', props, 'airflow.providers.google.cloud.bundles.gcs.GCSDagBundle', 'google_cloud_platform', 'gcp_conn_id', 'storage.googleapis.com');
  }

  private static bucket(
    kind: 's3' | 'gcs', props: BucketDagBundleProps, classpath: string, connType: string, connectionKey: string, host: string,
  ): DagBundle {
    checkPropNames(props, BUCKET, `DagBundle.${kind}`, 'BucketDagBundleProps');
    if (!/^[a-z0-9][a-z0-9._-]+$/.test(props.bucket)) { throw new Error(`'bucket' must be the name of a bucket, got '${props.bucket}'; a path in it is 'prefix'`); }
    return new DagBundle(props, classpath, peerAt(host, 443, props.cidrs), (scope, identity, id) => {
      const name = `AIRFLOW_CONN_${id.toUpperCase()}`;
      return {
        kwargs: { [connectionKey]: id, bucket_name: props.bucket, ...(props.prefix === undefined ? {} : { prefix: props.prefix }) },
        connections: [props.connection
          ? secretEnv(name, props.connection.bind(scope, 'Connection', `dag-bundle-${props.name}-connection`, identity))
          : { name, value: JSON.stringify({ conn_type: connType }) }],
        cloudIdentity: !props.connection,
      };
    });
  }

  /** Its name. */
  public readonly name: string;

  /** @internal */
  public readonly _bind: (scope: Construct, identity: DeploymentIdentity) => DagBundleParts;

  private constructor(
    options: DagBundleOptions, classpath: string, peer: NetworkPeer | undefined,
    make: (scope: Construct, identity: DeploymentIdentity, connectionId: string) =>
    Pick<DagBundleParts, 'connections'> & Partial<DagBundleParts> & { readonly kwargs: { [key: string]: any } },
  ) {
    const { name, refreshIntervalSeconds = 60 } = options;
    if (!/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)) {
      throw new Error(`'name' must be at most 40 lower-case letters, digits and '-', and begin with a letter, got '${name}'`);
    }
    checkWhole('refreshIntervalSeconds', refreshIntervalSeconds, 1);
    this.name = name;
    this._bind = (scope, identity) => {
      const { kwargs, ...parts } = make(scope, identity, `dag_bundle_${name.replace(/-/g, '_')}`);
      return {
        volumes: [],
        volumeMounts: [],
        initContainers: [],
        sidecars: [],
        peers: peer ? [peer] : [],
        ...parts,
        config: { name, classpath, kwargs: { ...kwargs, refresh_interval: refreshIntervalSeconds } },
      };
    };
  }
}
