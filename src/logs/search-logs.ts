import { peerOf } from './private/connection';
import { ITaskLogs } from './task-logs-binding';
import { SecretRef, secretEnv } from '../airflow/secret-ref';
import { isHost } from '../airflow/server-address';
import { assertSecret } from '../airflow/tls-files';
import { checkPropNames, PropNames } from '../private/known-props';
import { shown } from '../private/prop-types';

/** Logs in Elasticsearch. */
export interface ElasticsearchLogsProps {
  /** URL of the server, such as `https://elasticsearch:9200`; by reference where it holds a user and a password, percent-encoded. */
  readonly host: string | SecretRef;

  /**
   * Port of the server, where `host` is a reference, for the network policies.
   *
   * @default - that of `host`; 9200 where it is a reference
   */
  readonly port?: number;

  /**
   * How logs get there: Airflow writes them, or it prints them as JSON and a collector of yours, such as Fluent Bit, brings them.
   *
   * @default 'elasticsearch'
   */
  readonly write?: 'elasticsearch' | 'stdout';

  /**
   * Address ranges of the server: the user interface may then reach only these.
   *
   * @default - any address, at the server's port
   */
  readonly cidrs?: string[];
}

/** Logs in OpenSearch. */
export interface OpenSearchLogsProps {
  /** Name of the server. */
  readonly host: string;

  /**
   * Its port.
   *
   * @default 9200
   */
  readonly port?: number;

  /** User name. */
  readonly username: SecretRef;

  /** The user's password. */
  readonly password: SecretRef;

  /**
   * How logs get there: Airflow writes them (Airflow 3), or it prints them as JSON and a collector of yours, such as Fluent Bit, brings them.
   *
   * @default 'opensearch'; on Airflow 2 'stdout'
   */
  readonly write?: 'opensearch' | 'stdout';

  /**
   * Address ranges of the server: the user interface may then reach only these.
   *
   * @default - any address, at the server's port
   */
  readonly cidrs?: string[];
}

const ELASTICSEARCH: PropNames<ElasticsearchLogsProps> = { cidrs: 'a list of texts', host: 'a text or a SecretRef', port: 'a number', write: 'a text' };
const OPEN_SEARCH: PropNames<OpenSearchLogsProps> = { cidrs: 'a list of texts', host: true, password: true, port: 'a number', username: true, write: 'a text' };

/** See `TaskLogs.elasticsearch`. */
export function elasticsearchLogs(props: ElasticsearchLogsProps): ITaskLogs {
  checkPropNames(props, ELASTICSEARCH, 'TaskLogs.elasticsearch', 'ElasticsearchLogsProps');
  const { host } = props;
  if (host === undefined) { throw new Error("'host' is missing; give the URL of the server, such as 'https://elasticsearch:9200', or a SecretRef to it"); }
  if (typeof host === 'string' && props.port !== undefined) { throw new Error("'port' stands in 'host', which is a URL; remove it"); }
  const peer = typeof host === 'string' ? peerOf('host', host, props.cidrs)
    : { host: 'elasticsearch', port: checkPort(props.port ?? 9200), ...(props.cidrs ? { cidrs: props.cidrs } : {}) };
  const direct = writes('elasticsearch', props.write ?? 'elasticsearch');
  return {
    bind: (scope, { identity }) => ({
      config: {
        logging: { remote_logging: true },
        elasticsearch: {
          ...(typeof host === 'string' ? { host } : {}), write_to_es: direct, write_stdout: !direct, json_format: true,
        },
      },
      connection: [],
      env: typeof host === 'string' ? []
        : [secretEnv('AIRFLOW__ELASTICSEARCH__HOST', host.bind(scope, 'Host', 'logs-elasticsearch-host', identity))],
      peers: [peer],
    }),
  };
}

/** See `TaskLogs.openSearch`. */
export function openSearchLogs(props: OpenSearchLogsProps): ITaskLogs {
  checkPropNames(props, OPEN_SEARCH, 'TaskLogs.openSearch', 'OpenSearchLogsProps');
  for (const prop of ['username', 'password'] as const) { assertSecret(prop, props[prop], 'airflow-opensearch'); }
  if (!isHost(props.host)) { throw new Error(`'host' must be a host name or an address, got ${shown(props.host)}; its port is 'port', and TLS is said by config: { opensearch_configs: { use_ssl: true, verify_certs: true } }`); }
  const port = checkPort(props.port ?? 9200);
  return {
    bind: (scope, { identity, version }) => {
      const airflow3 = version.major >= 3;
      const direct = writes('opensearch', props.write ?? (airflow3 ? 'opensearch' : 'stdout'));
      if (direct && !airflow3) { throw new Error(`'write: opensearch' does not exist in Airflow ${version}; use 'stdout' and a collector`); }
      return {
        config: {
          logging: { remote_logging: true },
          opensearch: { host: props.host, port, ...(airflow3 ? { write_to_os: direct } : {}), write_stdout: !direct, json_format: true },
        },
        connection: [],
        env: [
          secretEnv('AIRFLOW__OPENSEARCH__USERNAME', props.username.bind(scope, 'Username', 'logs-opensearch-username', identity)),
          secretEnv('AIRFLOW__OPENSEARCH__PASSWORD', props.password.bind(scope, 'Password', 'logs-opensearch-password', identity)),
        ],
        peers: [{ host: props.host, port, ...(props.cidrs ? { cidrs: props.cidrs } : {}) }],
      };
    },
  };
}

function checkPort(port: number): number {
  if (!Number.isInteger(port) || port < 1 || port > 65535) { throw new Error(`'port' must be a number from 1 to 65535, got ${port}`); }
  return port;
}

function writes(server: string, write: string): boolean {
  if (write !== server && write !== 'stdout') { throw new Error(`'write' must be '${server}' or 'stdout', got '${write}'`); }
  return write === server;
}
