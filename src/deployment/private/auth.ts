import { mountedFile } from './config-maps';
import { Config, DerivedEntry } from './configuration';
import { NetworkPeer } from '../../airflow/deployment-identity';
import { AirflowVersion } from '../../airflow/version';
import { Parts, Wire } from '../../private/component-graph';
import { AuthBinding, CreatedUser, FAB, KEYCLOAK_MANAGER, SIMPLE_MANAGER } from '../../security/auth-managers';

/** How users log in, for the components that have to do with it. */
export interface DeploymentAuth {
  readonly webserverConfigText?: string;
  /** The mounted `webserver_config.py`; empty where there is none. */
  readonly webserverConfig: Parts;
  /** Of the API server or webserver. */
  readonly env: Wire[];
  readonly peers: NetworkPeer[];
  readonly users: CreatedUser[];
  readonly singleServer: boolean;
}

/** FAB's own default on Airflow 2, which would write the file beside airflow.cfg, where nothing can be written. */
const WEBSERVER_CONFIG = 'from flask_appbuilder.const import AUTH_DB\n\nAUTH_TYPE = AUTH_DB\nWTF_CSRF_ENABLED = True\n';

export function deploymentAuth(name: string, version: AirflowVersion, auth: AuthBinding | undefined): DeploymentAuth {
  const text = auth?.webserverConfig ?? (version._features.webserver ? WEBSERVER_CONFIG : undefined);
  return {
    webserverConfigText: text,
    webserverConfig: text === undefined ? {} : mountedFile('webserver-config', `${name}-webserver-config`, 'webserver_config.py'),
    env: auth?.env ?? [],
    peers: auth?.peers ?? [],
    users: auth?.users ?? [],
    singleServer: auth?.singleServer ?? false,
  };
}

/** What the way to log in makes of airflow.cfg. Whatever the typed props check would else be evaded by `config` and variables. */
export function authEntries(version: AirflowVersion, auth: AuthBinding | undefined, user: Config): DerivedEntry[] {
  if (version._features.fabByDefault) { return []; }
  const said = user.core?.auth_manager;
  const typed = auth ? undefined : Object.entries({ [SIMPLE_MANAGER]: 'AirflowAuth.simple({ users })', [KEYCLOAK_MANAGER]: 'AirflowAuth.keycloak({ … })' })
    .find(([manager]) => manager === said)?.[1];
  if (typed) { throw new Error(`'config.core.auth_manager' is '${said}'; write auth: ${typed}, which also checks and wires what this one needs`); }
  const manager = auth?.manager ?? said ?? FAB;
  const entries = Object.entries(auth?.fixed ?? {}).flatMap(([section, keys]) => Object.entries(keys).map(([key, value]) => ({ section, key, value, from: "'auth'" })));
  const unread = [FAB, KEYCLOAK_MANAGER].includes(manager) ? ['simple_auth_manager_users', 'simple_auth_manager_all_admins'] : [];
  return [
    { section: 'core', key: 'auth_manager', value: manager, from: auth ? "'auth'" : said === undefined ? "'auth', which is left out," : "'config'" },
    ...entries,
    ...unread.map(key => ({ section: 'core', key, from: 'only SimpleAuthManager reads it, which is auth: AirflowAuth.simple({ users })' })),
  ];
}
