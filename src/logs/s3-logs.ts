import { checkName, checkPrefix, CONNECTION_ID, CONNECTION_VARIABLE, peerOf } from './private/connection';
import { ITaskLogs, TaskLogsContext } from './task-logs-binding';
import { NetworkPeer } from '../airflow/deployment-identity';
import { SecretRef, secretEnv } from '../airflow/secret-ref';
import { assertSecret } from '../airflow/tls-files';
import { checkPropNames, PropNames } from '../private/known-props';

/** An access key of AWS, MinIO or another server that speaks S3, for the logs alone. Neither half may hold `"` or `\`. */
export interface S3Credentials {
  /** The key's id; MinIO's user. */
  readonly accessKeyId: SecretRef;

  /** The key itself; MinIO's password. */
  readonly secretAccessKey: SecretRef;
}

/** Logs in an S3 bucket. */
export interface S3LogsProps {
  /** Name of the bucket, which exists. */
  readonly bucket: string;

  /**
   * The path in it below which the logs are.
   *
   * @default - the bucket itself
   */
  readonly prefix?: string;

  /**
   * URL of a server other than AWS, such as `http://minio:9000`.
   *
   * @default - AWS
   */
  readonly endpoint?: string;

  /**
   * Region of the bucket.
   *
   * @default - what the SDK finds in the pod
   */
  readonly region?: string;

  /**
   * An access key.
   *
   * @default - the cloud role of the ServiceAccounts (`cloudIdentity`)
   */
  readonly credentials?: S3Credentials;

  /**
   * Asks S3 to encrypt the objects.
   *
   * @default false
   */
  readonly encrypt?: boolean;

  /**
   * Address ranges of the server: the user interface may then reach only these.
   *
   * @default - any address, at the server's port
   */
  readonly cidrs?: string[];
}

/** Logs in a log group of CloudWatch. */
export interface CloudWatchLogsProps {
  /** ARN of the log group, such as `arn:aws:logs:eu-central-1:123456789012:log-group:airflow`. */
  readonly logGroupArn: string;

  /**
   * An access key.
   *
   * @default - the cloud role of the ServiceAccounts (`cloudIdentity`)
   */
  readonly credentials?: S3Credentials;

  /**
   * Address ranges of the server: the user interface may then reach only these.
   *
   * @default - any address, at the server's port
   */
  readonly cidrs?: string[];
}

const S3: PropNames<S3LogsProps> = {
  bucket: 'a text', prefix: 'a text', endpoint: 'a text', region: 'a text', credentials: true, encrypt: 'true or false', cidrs: 'a list of texts',
};

const CLOUD_WATCH: PropNames<CloudWatchLogsProps> = { cidrs: 'a list of texts', credentials: true, logGroupArn: 'a text' };

/** See `TaskLogs.s3`. */
export function s3Logs(props: S3LogsProps): ITaskLogs {
  checkPropNames(props, S3, 'TaskLogs.s3', 'S3LogsProps');
  const { bucket, endpoint, region } = props;
  checkName('bucket', bucket);
  const folder = `s3://${bucket}${checkPrefix(props.prefix)}`;
  if (region !== undefined) { checkName('region', region); }
  checkCredentials(props.credentials);
  return aws({
    folder,
    credentials: props.credentials,
    extra: { ...(endpoint ? { endpoint_url: endpoint } : {}), ...(region ? { region_name: region } : {}) },
    logging: props.encrypt ? { encrypt_s3_logs: true } : {},
    peer: peerOf('endpoint', endpoint ?? `https://s3.${region ?? 'us-east-1'}.amazonaws.com`, props.cidrs),
  });
}

/** See `TaskLogs.cloudWatch`. */
export function cloudWatchLogs(props: CloudWatchLogsProps): ITaskLogs {
  checkPropNames(props, CLOUD_WATCH, 'TaskLogs.cloudWatch', 'CloudWatchLogsProps');
  const region = /^arn:aws[a-z-]*:logs:([a-z0-9-]+):\d{12}:log-group:[\w/.#-]+$/.exec(props.logGroupArn)?.[1];
  if (region === undefined) {
    throw new Error(`'logGroupArn' must be such as 'arn:aws:logs:eu-central-1:123456789012:log-group:airflow', got '${props.logGroupArn}'`);
  }
  checkCredentials(props.credentials);
  return aws({
    folder: `cloudwatch://${props.logGroupArn}`,
    credentials: props.credentials,
    extra: { region_name: region },
    logging: {},
    peer: { host: `logs.${region}.amazonaws.com`, port: 443, ...(props.cidrs ? { cidrs: props.cidrs } : {}) },
  });
}

function aws(options: {
  readonly folder: string; readonly credentials?: S3Credentials; readonly extra: object; readonly logging: object; readonly peer: NetworkPeer;
}): ITaskLogs {
  return {
    bind: (scope, { identity }: TaskLogsContext) => {
      const { credentials } = options;
      // The kubelet puts the two values into the JSON: they may hold anything that it need not escape.
      const keys = credentials ? { login: '$(AIRFLOW_LOGS_ACCESS_KEY_ID)', password: '$(AIRFLOW_LOGS_SECRET_ACCESS_KEY)' } : {};
      return {
        config: {
          logging: { remote_logging: true, remote_base_log_folder: options.folder, remote_log_conn_id: CONNECTION_ID, ...options.logging },
        },
        connection: [
          ...(credentials ? [
            secretEnv('AIRFLOW_LOGS_ACCESS_KEY_ID', credentials.accessKeyId.bind(scope, 'AccessKeyId', 'logs-access-key-id', identity)),
            secretEnv('AIRFLOW_LOGS_SECRET_ACCESS_KEY', credentials.secretAccessKey.bind(scope, 'SecretAccessKey', 'logs-secret-access-key', identity)),
          ] : []),
          { name: CONNECTION_VARIABLE, value: JSON.stringify({ conn_type: 'aws', ...keys, extra: options.extra }) },
        ],
        env: [],
        cloudIdentity: !credentials,
        peers: [options.peer],
      };
    },
  };
}

function checkCredentials(credentials: S3Credentials | undefined): void {
  if (credentials === undefined) { return; }
  checkPropNames(credentials, { accessKeyId: true, secretAccessKey: true }, 'credentials', 'S3Credentials');
  for (const key of ['accessKeyId', 'secretAccessKey'] as const) { assertSecret(`credentials.${key}`, credentials[key], 'airflow-logs'); }
}
