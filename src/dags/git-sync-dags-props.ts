import { SecretRef } from '../airflow/secret-ref';
import * as kplus from '../private/kplus';

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

  /**
   * Address ranges of the server, for network policies.
   *
   * @default - its port is open to any address
   */
  readonly cidrs?: string[];

  /**
   * What git-sync calls when it has a new commit, once for each pod that keeps DAGs fresh; task pods call nothing.
   *
   * @default - nothing
   */
  readonly webhook?: GitSyncWebhook;

  /**
   * Requests and limits of git-sync's containers, each of which keeps the files of the repository in its page cache.
   *
   * @default - 10m CPU and 64Mi requested, at most 256Mi
   */
  readonly resources?: kplus.k8s.ResourceRequirements | { [key: string]: any };

  /**
   * Further variables of git-sync's containers, such as `HTTPS_PROXY` or `GITSYNC_SYNC_TIMEOUT`.
   *
   * @default - none
   * @see https://github.com/kubernetes/git-sync/blob/master/README.md#manual
   */
  readonly env?: (kplus.k8s.EnvVar | { [key: string]: any })[];

  /**
   * Further volumes of the pods that run git-sync, for `volumeMounts`.
   *
   * @default - none
   */
  readonly volumes?: (kplus.k8s.Volume | { [key: string]: any })[];

  /**
   * Further mounts of git-sync's containers.
   *
   * @default - none
   */
  readonly volumeMounts?: (kplus.k8s.VolumeMount | { [key: string]: any })[];

  /**
   * Fields of the security context of git-sync's containers over those that satisfy Pod Security `restricted`.
   *
   * @default - user 65533 with a read-only root
   */
  readonly securityContext?: kplus.k8s.SecurityContext | { [key: string]: any };
}

/** A request that git-sync sends when it has a new commit, with the hash in the header `Gitsync-Hash`. It may come more than once for a commit. */
export interface GitSyncWebhook {
  /** Its URL. */
  readonly url: string;

  /**
   * Its HTTP method.
   *
   * @default 'POST'
   */
  readonly method?: string;

  /**
   * The status of the answer that says that it arrived; 0 for any.
   *
   * @default 200
   */
  readonly successStatus?: number;

  /**
   * Seconds that the answer may take.
   *
   * @default 1
   */
  readonly timeoutSeconds?: number;

  /**
   * Seconds after which a request that failed is sent again.
   *
   * @default 3
   */
  readonly backoffSeconds?: number;
}
