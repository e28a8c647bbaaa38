import { Construct } from 'constructs';
import type { KeycloakAuthProps, SimpleAuthProps } from './airflow-auth';
import { DeploymentIdentity, NetworkPeer } from '../airflow/deployment-identity';
import { secretEnv, SecretKey } from '../airflow/secret-ref';
import { assertSecret } from '../airflow/tls-files';
import { AirflowVersion } from '../airflow/version';
import { Wire } from '../private/component-graph';
import { checkPropNames, PropNames } from '../private/known-props';
import { shown } from '../private/prop-types';

/** What a way to log in needs of a deployment. */
export interface AuthBinding {
  /** Class of the auth manager. */
  readonly manager: string;
  /** Entries of airflow.cfg beside `[core] auth_manager`, where the user says nothing. */
  readonly config: { [section: string]: { [key: string]: any } };
  /** Those that the props say. */
  readonly fixed: { [section: string]: { [key: string]: string | boolean } };
  /** The text of `webserver_config.py`; undefined where FAB's own defaults do. */
  readonly webserverConfig?: string;
  /** Variables of the API server or webserver. */
  readonly env: Wire[];
  /** Whom the API server or webserver asks. */
  readonly peers: NetworkPeer[];
  /** Users that a Job makes. */
  readonly users: CreatedUser[];
  /** What a reader of the synth should know. */
  readonly warning?: string;
  /** True where each API server has users of its own, so that there can be one only. */
  readonly singleServer?: boolean;
}

/** A user for `airflow users create`. */
export interface CreatedUser {
  readonly args: string[];
  readonly password: SecretKey;
}

export const FAB = 'airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager';
export const SIMPLE_MANAGER = 'airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager';
export const KEYCLOAK_MANAGER = 'airflow.providers.keycloak.auth_manager.keycloak_auth_manager.KeycloakAuthManager';

const SIMPLE: PropNames<SimpleAuthProps> = { allAdmins: 'true or false', users: 'an object' };
const KEYCLOAK: PropNames<KeycloakAuthProps> = { cidrs: 'a list of texts', clientId: 'a text that is not empty', clientSecret: true, realm: 'a text that is not empty', serverUrl: 'a text' };
const SIMPLE_ROLES = ['admin', 'op', 'user', 'viewer'];

export function simpleAuth(version: AirflowVersion, props: SimpleAuthProps): AuthBinding {
  checkPropNames(props, SIMPLE, 'AirflowAuth.simple', 'SimpleAuthProps');
  refuseBefore3(version, 'simple', 'SimpleAuthManager');
  const users = Object.entries(props.users ?? { admin: 'admin' });
  if (users.length === 0 && !props.allAdmins) { throw new Error("'users' of AirflowAuth.simple is empty, so that nobody could log in; name one"); }
  for (const [name, role] of users) {
    if (!/^[^\s,:]+$/.test(name)) { throw new Error(`a username of AirflowAuth.simple must be without blanks, ',' and ':', got '${name}'`); }
    if (!SIMPLE_ROLES.includes(role)) {
      throw new Error(`the role of '${name}' must be one of ${SIMPLE_ROLES.map(known => `'${known}'`).join(', ')}, got ${shown(role)}`);
    }
  }
  return {
    manager: SIMPLE_MANAGER,
    // The manager writes it, and the rest of the file system is read-only.
    config: { core: { simple_auth_manager_passwords_file: '/tmp/simple_auth_manager_passwords.json' } },
    fixed: {
      core: {
        simple_auth_manager_users: users.map(([name, role]) => `${name}:${role}`).join(','),
        simple_auth_manager_all_admins: props.allAdmins ?? false,
      },
    },
    env: [],
    peers: [],
    users: [],
    singleServer: true,
    warning: props.allAdmins ? "'auth' lets everybody in as administrator; it is for development only"
      : "'auth' is SimpleAuthManager, whose passwords stand in the API server's log; it is for development only",
  };
}

export function keycloakAuth(scope: Construct, identity: DeploymentIdentity, version: AirflowVersion, props: KeycloakAuthProps): AuthBinding {
  checkPropNames(props, KEYCLOAK, 'AirflowAuth.keycloak', 'KeycloakAuthProps');
  assertSecret('clientSecret', props.clientSecret, 'airflow-keycloak');
  refuseBefore3(version, 'keycloak', 'the Keycloak auth manager');
  const { serverUrl, realm, clientId, cidrs } = props;
  return {
    manager: KEYCLOAK_MANAGER,
    config: {},
    fixed: { keycloak_auth_manager: { server_url: serverUrl, realm, client_id: clientId } },
    env: [secretEnv('AIRFLOW__KEYCLOAK_AUTH_MANAGER__CLIENT_SECRET', props.clientSecret.bind(scope, 'AuthClientSecret', 'auth-client-secret', identity))],
    peers: peersOf([serverUrl], "'serverUrl'", cidrs),
    users: [],
  };
}

/** The servers behind some URLs. */
export function peersOf(urls: string[], what: string, cidrs: string[] | undefined): NetworkPeer[] {
  const ports: { [protocol: string]: number } = { 'http:': 80, 'https:': 443, 'ldap:': 389, 'ldaps:': 636 };
  return urls.map(text => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !(url.protocol in ports) || url.hostname === '') {
      throw new Error(`${what} must be a URL such as 'https://login.example.com', got '${text}'`);
    }
    return { host: url.hostname, port: url.port === '' ? ports[url.protocol] : Number(url.port), ...(cidrs ? { cidrs } : {}) };
  });
}

function refuseBefore3(version: AirflowVersion, factory: string, what: string): void {
  if (version.major < 3) { throw new Error(`'auth': Airflow ${version} has no auth managers beside FAB, and ${what} is one; use AirflowAuth.fab() instead of AirflowAuth.${factory}()`); }
}
