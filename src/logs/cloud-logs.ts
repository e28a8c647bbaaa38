import { checkName, checkPrefix, CONNECTION_ID, CONNECTION_VARIABLE } from './private/connection';
import { ITaskLogs } from './task-logs-binding';
import { NetworkPeer } from '../airflow/deployment-identity';
import { SecretRef, secretEnv } from '../airflow/secret-ref';
import { assertSecret } from '../airflow/tls-files';
import { checkPropNames, PropNames } from '../private/known-props';

/** Logs in a bucket of Google Cloud Storage. */
export interface GcsLogsProps {
  /** Name of the bucket, which exists. */
  readonly bucket: string;

  /**
   * The path in it below which the logs are.
   *
   * @default - the bucket itself
   */
  readonly prefix?: string;

  /**
   * A connection of type `google_cloud_platform` as Airflow writes it, JSON or URI, for instance with a `keyfile_dict`.
   *
   * @default - Workload Identity of the ServiceAccounts (`cloudIdentity`)
   * @see https://airflow.apache.org/docs/apache-airflow-providers-google/stable/connections/gcp.html
   */
  readonly connection?: SecretRef;

  /**
   * Address ranges of the server: the user interface may then reach only these.
   *
   * @default - any address, at the server's port
   */
  readonly cidrs?: string[];
}

/** Logs in a container of Azure Blob Storage. */
export interface WasbLogsProps {
  /** Name of the storage account. */
  readonly account: string;

  /** Name of the container, which exists. */
  readonly container: string;

  /**
   * The path in it below which the logs are; its first letters are `wasb`, by which Airflow knows where logs go.
   *
   * @default 'wasb-logs'
   */
  readonly prefix?: string;

  /**
   * A connection of type `wasb` as Airflow writes it, JSON or URI, for instance with a SAS token.
   *
   * @default - Workload Identity of the ServiceAccounts (`cloudIdentity`)
   * @see https://airflow.apache.org/docs/apache-airflow-providers-microsoft-azure/stable/connections/wasb.html
   */
  readonly connection?: SecretRef;

  /**
   * Address ranges of the server: the user interface may then reach only these.
   *
   * @default - any address, at the server's port
   */
  readonly cidrs?: string[];
}

const GCS: PropNames<GcsLogsProps> = { bucket: 'a text', cidrs: 'a list of texts', connection: true, prefix: 'a text' };
const WASB: PropNames<WasbLogsProps> = { account: 'a text', cidrs: 'a list of texts', connection: true, container: 'a text', prefix: 'a text' };

/** See `TaskLogs.gcs`. */
export function gcsLogs(props: GcsLogsProps): ITaskLogs {
  checkPropNames(props, GCS, 'TaskLogs.gcs', 'GcsLogsProps');
  checkName('bucket', props.bucket);
  return cloud(
    { logging: { remote_base_log_folder: `gs://${props.bucket}${checkPrefix(props.prefix)}` } },
    { host: 'storage.googleapis.com', port: 443, ...(props.cidrs ? { cidrs: props.cidrs } : {}) }, { conn_type: 'google_cloud_platform' }, props.connection,
  );
}

/** See `TaskLogs.wasb`. */
export function wasbLogs(props: WasbLogsProps): ITaskLogs {
  checkPropNames(props, WASB, 'TaskLogs.wasb', 'WasbLogsProps');
  checkName('account', props.account);
  checkName('container', props.container);
  const prefix = props.prefix ?? 'wasb-logs';
  checkPrefix(prefix);
  if (!prefix.startsWith('wasb')) { throw new Error(`'prefix' must begin with 'wasb', by which Airflow knows where logs go, got '${prefix}'`); }
  return cloud(
    { logging: { remote_base_log_folder: prefix }, azure_remote_logging: { remote_wasb_log_container: props.container } },
    { host: `${props.account}.blob.core.windows.net`, port: 443, ...(props.cidrs ? { cidrs: props.cidrs } : {}) }, { conn_type: 'wasb', login: props.account }, props.connection,
  );
}

function cloud(config: { [section: string]: object }, peer: NetworkPeer, identityConnection: object, connection?: SecretRef): ITaskLogs {
  if (connection !== undefined) { assertSecret('connection', connection, 'airflow-logs'); }
  return {
    bind: (scope, { identity }) => ({
      config: { ...config, logging: { remote_logging: true, remote_log_conn_id: CONNECTION_ID, ...config.logging } },
      connection: [connection
        ? secretEnv(CONNECTION_VARIABLE, connection.bind(scope, 'Connection', 'logs-connection', identity))
        : { name: CONNECTION_VARIABLE, value: JSON.stringify(identityConnection) }],
      env: [],
      cloudIdentity: !connection,
      peers: [peer],
    }),
  };
}
