import { Construct } from 'constructs';
import { AuthBinding, keycloakAuth, simpleAuth } from './auth-managers';
import { fabAuth } from './fab-auth';
import { FabAuthProps } from './fab-auth-props';
import { DeploymentIdentity } from '../airflow/deployment-identity';
import { SecretRef } from '../airflow/secret-ref';
import { AirflowVersion } from '../airflow/version';

/** Airflow's own small auth manager, for development. */
export interface SimpleAuthProps {
  /**
   * Username → role: `admin`, `op`, `user` or `viewer`. Each API server makes up passwords at its start, and prints them in its log.
   *
   * @default { admin: 'admin' }
   */
  readonly users?: { [username: string]: string };

  /**
   * True to let everybody in, as administrator, without a password.
   *
   * @default false
   */
  readonly allAdmins?: boolean;
}

/** Keycloak as auth manager: it knows the users and what each may do. */
export interface KeycloakAuthProps {
  /** Its URL, such as `https://keycloak.example.com`. */
  readonly serverUrl: string;

  /** Realm. */
  readonly realm: string;

  /** Client id. */
  readonly clientId: string;

  /** Client secret. */
  readonly clientSecret: SecretRef;

  /**
   * Address ranges that Keycloak is in.
   *
   * @default - its port is open to any address
   */
  readonly cidrs?: string[];
}

/**
 * How users log in.
 *
 * @see https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/auth-manager/index.html
 */
export class AirflowAuth {
  /**
   * Flask AppBuilder: users in the database, an OAuth or OpenID Connect provider, or LDAP. Its `webserver_config.py` holds no secret.
   *
   * @see https://airflow.apache.org/docs/apache-airflow-providers-fab/stable/auth-manager/index.html
   */
  public static fab(props: FabAuthProps = {}): AirflowAuth {
    return new AirflowAuth((scope, identity, version) => fabAuth(scope, identity, version, props));
  }

  /**
   * SimpleAuthManager, for development only: passwords are made up at each start and stand in the log. Airflow 3 only, one API server.
   *
   * @see https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/auth-manager/simple/index.html
   */
  public static simple(props: SimpleAuthProps = {}): AirflowAuth {
    return new AirflowAuth((_scope, _identity, version) => simpleAuth(version, props));
  }

  /**
   * Keycloak. Airflow 3 only; the provider `apache-airflow-providers-keycloak` must be in the image.
   *
   * @see https://airflow.apache.org/docs/apache-airflow-providers-keycloak/stable/auth-manager/index.html
   */
  public static keycloak(props: KeycloakAuthProps): AirflowAuth {
    return new AirflowAuth((scope, identity, version) => keycloakAuth(scope, identity, version, props));
  }

  /** @internal */
  public readonly _bind: (scope: Construct, identity: DeploymentIdentity, version: AirflowVersion) => AuthBinding;

  private constructor(bind: (scope: Construct, identity: DeploymentIdentity, version: AirflowVersion) => AuthBinding) {
    this._bind = bind;
  }
}
