import { mountedFile } from './config-maps';
import { NetworkPeer } from '../../airflow/deployment-identity';
import { AirflowVersion } from '../../airflow/version';
import { Parts, Wire } from '../../private/component-graph';
import { AuthBinding, CreatedUser } from '../../security/auth-managers';

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
