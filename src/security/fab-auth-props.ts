import { SecretRef } from '../airflow/secret-ref';

/** A user in Airflow's own database, made once: a user who is there already is left alone. */
export interface FabUser {
  /** Name to log in with. */
  readonly username: string;

  /** Password. Changing it later does not change that of the user: that is `airflow users reset-password`. */
  readonly password: SecretRef;

  /** E-mail address; no two users may have the same. */
  readonly email: string;

  /**
   * A role that exists.
   *
   * @default 'Admin'
   * @see https://airflow.apache.org/docs/apache-airflow-providers-fab/stable/auth-manager/access-control.html
   */
  readonly role?: string;

  /**
   * First name.
   *
   * @default - the username
   */
  readonly firstName?: string;

  /**
   * Last name.
   *
   * @default - the username
   */
  readonly lastName?: string;
}

/** An identity provider that speaks OAuth 2 or OpenID Connect. */
export interface FabOAuthProvider {
  /**
   * Its name, by which FAB knows how to read a user: github, githublocal, twitter, linkedin, google, azure, openshift, okta, auth0, keycloak,
   * keycloak_before_17 or authentik. Another one needs a security manager of your own in `webserverConfig`.
   */
  readonly name: string;

  /** Client id. */
  readonly clientId: string;

  /** Client secret. */
  readonly clientSecret: SecretRef;

  /**
   * What else authlib's client is told, such as `server_metadata_url`, `api_base_url`, `client_kwargs`, `access_token_url`, `authorize_url`.
   *
   * @see https://flask-appbuilder.readthedocs.io/en/latest/security.html#authentication-oauth
   */
  readonly remoteApp: { [key: string]: any };

  /**
   * The key of the token in the provider's answer.
   *
   * @default 'access_token'
   */
  readonly tokenKey?: string;

  /**
   * Icon of the button, of Font Awesome.
   *
   * @default 'fa-key'
   */
  readonly icon?: string;
}

/** An LDAP server or Active Directory. */
export interface FabLdap {
  /** URL of the server: `ldap://host:389` or `ldaps://host:636`. */
  readonly server: string;

  /** Where users are searched, such as `ou=people,dc=example,dc=com`. */
  readonly search: string;

  /**
   * Distinguished name of the account that searches.
   *
   * @default - the search is anonymous
   */
  readonly bindUser?: string;

  /**
   * Its password; required with `bindUser`.
   *
   * @default - none
   */
  readonly bindPassword?: SecretRef;

  /**
   * The attribute that holds the username.
   *
   * @default 'uid'
   */
  readonly uidField?: string;

  /**
   * The attribute that holds the groups, for `roleMapping`.
   *
   * @default 'memberOf'
   */
  readonly groupField?: string;

  /**
   * True for STARTTLS on an `ldap://` server; an error with `ldaps://`, which speaks TLS from the start.
   *
   * @default false
   */
  readonly useTls?: boolean;

  /**
   * A file in the container with the certificate authority, mounted with `volumes` and `volumeMounts` of the API server or webserver.
   *
   * @default - the system's
   */
  readonly tlsCaCertificateFile?: string;
}

/** How users log in through Flask AppBuilder: with a password in the database unless `oauth` or `ldap` says otherwise. */
export interface FabAuthProps {
  /**
   * Users in the database; a Job makes them. Not with `oauth` or `ldap`.
   *
   * @default - none; `airflow users create` makes one
   */
  readonly users?: FabUser[];

  /**
   * Identity providers. Their client library `authlib` must be in the image: the official one has it.
   *
   * @default - none
   */
  readonly oauth?: FabOAuthProvider[];

  /**
   * An LDAP server. `python-ldap` must be in the image: the official one has it.
   *
   * @default - none
   */
  readonly ldap?: FabLdap;

  /**
   * Groups of the identity provider or LDAP server → roles of Airflow. Roles are set anew at each login.
   *
   * @default - none: every user gets `defaultRole`
   */
  readonly roleMapping?: { [group: string]: string[] };

  /**
   * Role of a user whom `oauth` or `ldap` let in and whom `roleMapping` gives none.
   *
   * @default 'Public', which may see nothing
   */
  readonly defaultRole?: string;

  /**
   * Address ranges of the identity providers or the LDAP server.
   *
   * @default - their ports are open to any address
   */
  readonly cidrs?: string[];

  /**
   * Python that ends `webserver_config.py`: settings of FAB that have no prop, and a security manager of your own.
   *
   * @default - none
   * @see https://flask-appbuilder.readthedocs.io/en/latest/config.html
   */
  readonly webserverConfig?: string;
}
