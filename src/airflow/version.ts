import { shown } from '../private/prop-types';
/** The minor versions that this library knows, oldest first. */
const SUPPORTED = ['2.11', '3.0', '3.1', '3.2', '3.3'];

/** Feature → the version that brought it (empty: older than all supported ones) and the one that dropped it. */
const FEATURES: { readonly [K in keyof AirflowFeatures]: readonly [since: string, until?: string] } = {
  apiServer: ['3.0.0'],
  webserver: ['', '3.0.0'],
  separateDagProcessor: ['3.0.0'],
  executionApi: ['3.0.0'],
  jwt: ['3.0.0'],
  dagBundles: ['3.0.0'],
  fabByDefault: ['', '3.0.0'],
  hybridExecutors: ['', '3.0.0'],
  multiTeam: ['3.2.0'],
  apiSecretKey: ['3.0.2'],
  asyncDatabase: ['3.1.0'],
};

/**
 * What sets one version of Airflow apart from another, for those who build manifests.
 *
 * @internal
 */
export interface AirflowFeatures {
  /** `airflow api-server`: UI, REST and execution API in one. */
  readonly apiServer: boolean;
  /** `airflow webserver`. */
  readonly webserver: boolean;
  /** The scheduler parses no DAG files: `airflow dag-processor` must run. */
  readonly separateDagProcessor: boolean;
  /** Tasks speak to the API server and need no database. */
  readonly executionApi: boolean;
  /** API tokens are signed with `[api_auth] jwt_secret`. */
  readonly jwt: boolean;
  /** `[dag_processor] dag_bundle_config_list`. */
  readonly dagBundles: boolean;
  /** Without `[core] auth_manager` the FAB auth manager is used; SimpleAuthManager otherwise. */
  readonly fabByDefault: boolean;
  /** CeleryKubernetesExecutor and LocalKubernetesExecutor. */
  readonly hybridExecutors: boolean;
  /** `[core] multi_team` and sections such as `[team_a=celery]`. */
  readonly multiTeam: boolean;
  /** The web secret is `[api] secret_key`; `[webserver] secret_key` otherwise. */
  readonly apiSecretKey: boolean;
  /** The API server uses a second connection to the database, with a driver of asyncio: `[database] sql_alchemy_conn_async`. */
  readonly asyncDatabase: boolean;
}

/** A version of Apache Airflow: it decides which components exist and which options `airflow.cfg` may have. */
export class AirflowVersion {
  /** Airflow 3.3 (3.3.2). */
  public static readonly V3_3 = AirflowVersion.of('3.3.2');
  /** Airflow 2.11 (2.11.2). */
  public static readonly V2_11 = AirflowVersion.of('2.11.2');

  /**
   * A release by its number: 2.11.x, or 3.0.x to 3.3.x.
   *
   * For an image of a newer Airflow take the newest version known here and name the image yourself.
   *
   * @param version three numbers, such as `3.3.2`
   * @throws Error where it is not such a number, or is not supported
   */
  public static of(version: string): AirflowVersion {
    const match = /^(\d+)\.(\d+)\.(\d+)$/.exec(version);
    if (!match) {
      throw new Error(`Airflow version must be three numbers such as '3.3.2', got ${shown(version)}`);
    }
    const [major, minor, patch] = match.slice(1).map(Number);
    if (!SUPPORTED.includes(`${major}.${minor}`)) {
      throw new Error(`Airflow version '${version}' is not supported; supported: ${SUPPORTED.map(v => `${v}.x`).join(', ')}; `
        + 'for a newer image use the newest of these and set the image');
    }
    return new AirflowVersion(major, minor, patch);
  }

  /** The full number, such as `3.3.2`. */
  public readonly version: string;
  /** The first number. */
  public readonly major: number;
  /** The second number. */
  public readonly minor: number;
  /** The third number. */
  public readonly patch: number;

  /** @internal */
  public readonly _features: AirflowFeatures;

  private constructor(major: number, minor: number, patch: number) {
    this.version = `${major}.${minor}.${patch}`;
    this.major = major;
    this.minor = minor;
    this.patch = patch;
    this._features = Object.fromEntries(Object.entries(FEATURES).map(([name, [since, until]]) =>
      [name, (since === '' || this._isAtLeast(since)) && (until === undefined || !this._isAtLeast(until))])) as any;
  }

  /** The full number, such as `3.3.2`. */
  public toString(): string {
    return this.version;
  }

  /**
   * True for `version` and everything newer; missing numbers count as 0.
   *
   * @internal
   */
  public _isAtLeast(version: string): boolean {
    const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
    return (this.major - major || this.minor - minor || this.patch - patch) >= 0;
  }
}
