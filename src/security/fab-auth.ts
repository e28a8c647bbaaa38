import { Construct } from 'constructs';
import { AuthBinding, FAB, peersOf } from './auth-managers';
import { FabAuthProps, FabLdap, FabOAuthProvider, FabUser } from './fab-auth-props';
import { DeploymentIdentity } from '../airflow/deployment-identity';
import { secretEnv, SecretRef } from '../airflow/secret-ref';
import { assertSecret } from '../airflow/tls-files';
import { AirflowVersion } from '../airflow/version';
import { didYouMean } from '../pod/closest';
import { isObject } from '../pod/schema';
import { Wire } from '../private/component-graph';
import { checkPropNames, PropNames } from '../private/known-props';
import { shown } from '../private/prop-types';

/** Those that Airflow makes. */
const ROLES = ['Admin', 'Op', 'User', 'Viewer', 'Public'];

/** Providers of whom FAB's security manager can read a user. */
const KNOWN_PROVIDERS = [
  'github', 'githublocal', 'twitter', 'linkedin', 'google', 'azure', 'openshift', 'okta', 'auth0', 'keycloak', 'keycloak_before_17', 'authentik',
];

const TEXT = 'a text that is not empty';
const FAB_AUTH: PropNames<FabAuthProps> = {
  users: 'a list', oauth: 'a list', ldap: 'an object', roleMapping: 'an object', defaultRole: TEXT, cidrs: 'a list of texts', webserverConfig: 'a text',
};
const USER: PropNames<FabUser> = { username: true, password: true, email: true, role: true, firstName: true, lastName: true };
const PROVIDER: PropNames<FabOAuthProvider> = {
  name: 'a text', clientId: 'a text', clientSecret: true, remoteApp: 'an object', tokenKey: TEXT, icon: 'a text',
};
const LDAP: PropNames<FabLdap> = {
  server: 'a text', search: true, bindUser: TEXT, bindPassword: true, uidField: TEXT, groupField: TEXT, useTls: 'true or false', tlsCaCertificateFile: 'a text',
};

/** A value that the Python file takes from its environment. */
class FromEnv {
  constructor(public readonly name: string) {}
}

/** What FAB needs of a deployment. */
export function fabAuth(scope: Construct, identity: DeploymentIdentity, version: AirflowVersion, props: FabAuthProps): AuthBinding {
  checkPropNames(props, FAB_AUTH, 'AirflowAuth.fab', 'FabAuthProps');
  const { users = [], oauth, ldap, webserverConfig } = props;
  users.forEach((user, i) => checkPropNames(user, USER, `users[${i}]`, 'FabUser'));
  const external = oauth ? 'oauth' : ldap ? 'ldap' : undefined;
  if (oauth && ldap) { throw new Error("'oauth' and 'ldap' are two ways to log in, of which FAB has one; remove one of them"); }
  if (external && users.length > 0) { throw new Error(`'users' are in Airflow's database, which nobody asks with '${external}'; remove one of them`); }
  for (const prop of ['roleMapping', 'defaultRole', 'cidrs'] as const) {
    if (!external && props[prop] !== undefined) { throw new Error(`'${prop}' says something of 'oauth' or 'ldap', and neither is given; remove it`); }
  }
  for (const [group, roles] of Object.entries(props.roleMapping ?? {})) {
    if (!Array.isArray(roles) || !roles.every(role => typeof role === 'string' && role !== '')) { throw new Error(`'roleMapping' of '${group}' must be a list of roles, such as ['Viewer'], got ${shown(roles)}`); }
  }
  const env: Wire[] = [];
  const secret = (variable: string, purpose: string, ref: SecretRef) => {
    env.push(secretEnv(variable, ref.bind(scope, purpose.replace(/(^|-)(\w)/g, (_, __, letter) => letter.toUpperCase()), purpose, identity)));
    return new FromEnv(variable);
  };
  const settings: [string, unknown][] = oauth ? oauthSettings(oauth, webserverConfig !== undefined, secret) : ldap ? ldapSettings(ldap, secret) : [];
  if (external) {
    settings.push(
      ['AUTH_USER_REGISTRATION', true],
      ['AUTH_USER_REGISTRATION_ROLE', props.defaultRole ?? 'Public'],
      ...(props.roleMapping ? [['AUTH_ROLES_MAPPING', props.roleMapping], ['AUTH_ROLES_SYNC_AT_LOGIN', true]] as [string, unknown][] : []),
    );
  }
  const urls = oauth ? oauth.flatMap(({ remoteApp }) => Object.values(remoteApp).filter(isUrl))
    : ldap ? [ldap.server] : [];
  const type = oauth ? 'AUTH_OAUTH' : ldap ? 'AUTH_LDAP' : 'AUTH_DB';
  // Airflow 2 would write its own file, where nothing can be written.
  const written = external || webserverConfig !== undefined || !version._features.apiServer;
  // A password can be sent with each request; a login at an identity provider cannot.
  const backends = 'airflow.providers.fab.auth_manager.api.auth.backend.basic_auth,airflow.api.auth.backend.session';
  return {
    manager: FAB,
    config: version._features.apiServer || oauth ? {} : { api: { auth_backends: backends } },
    fixed: {},
    ...(written ? { webserverConfig: python(type, settings, webserverConfig) } : {}),
    warning: otherCase([...users.map(({ role }) => role), props.defaultRole, ...Object.values(props.roleMapping ?? {}).flat()]),
    env,
    peers: peersOf([...new Set(urls)], ldap ? "'ldap.server'" : "'oauth'", props.cidrs),
    users: users.map((user, i) => ({
      args: userArgs(user, users, i),
      password: user.password.bind(scope, `UserPassword${i}`, `user-password-${i}`, identity),
    })),
  };
}

/** What is said of a role that Airflow has in other letters. */
function otherCase(roles: (string | undefined)[]): string | undefined {
  const meant = (role = '') => ROLES.find(known => known !== role && known.toLowerCase() === String(role).toLowerCase());
  const role = roles.find(meant);
  return role && `'auth' names the role '${role}', and Airflow's is '${meant(role)}': capitals count`;
}

type SecretVariable = (variable: string, purpose: string, ref: SecretRef) => FromEnv;

function oauthSettings(providers: FabOAuthProvider[], custom: boolean, secret: SecretVariable): [string, unknown][] {
  if (providers.length === 0) { throw new Error("'oauth' is empty, so that nobody could log in; name a provider"); }
  providers.forEach((provider, i) => checkPropNames(provider, PROVIDER, `oauth[${i}]`, 'FabOAuthProvider'));
  const list = providers.map(({ name, clientId, clientSecret, remoteApp, tokenKey = 'access_token', icon = 'fa-key' }, i) => {
    if (typeof clientId !== 'string' || clientId === '') { throw new Error(`'oauth[${i}].clientId' must be the id that the provider knows Airflow by, got ${shown(clientId)}`); }
    if (name === undefined) { throw new Error(`'oauth[${i}].name' is missing; it must be one of ${KNOWN_PROVIDERS.join(', ')}`); }
    if (!/^[a-z][a-z0-9_]*$/.test(name) || !(KNOWN_PROVIDERS.includes(name) || custom)) {
      throw new Error(`the name of an OAuth provider must be one of ${KNOWN_PROVIDERS.join(', ')}, got '${name}'${didYouMean(name, KNOWN_PROVIDERS)}; `
        + "for another one give a security manager in 'webserverConfig'");
    }
    if (!isObject(remoteApp)) { throw new Error(`'oauth[${i}].remoteApp' must be an object, got ${shown(remoteApp)}`); }
    for (const key of ['client_id', 'client_secret']) {
      if (key in remoteApp) { throw new Error(`'remoteApp' of '${name}' holds '${key}'; give it as a prop of the provider, the secret as a SecretRef`); }
    }
    if (!Object.values(remoteApp).some(isUrl)) {
      throw new Error(`'oauth[${i}].remoteApp' must say where the provider is, such as { server_metadata_url: 'https://login.example.com/.well-known/openid-configuration' }, `
        + `and has ${Object.keys(remoteApp).map(key => `'${key}'`).join(', ') || 'nothing'}`);
    }
    assertSecret('oauth.clientSecret', clientSecret, 'airflow-oauth');
    const variable = secret(`AIRFLOW_OAUTH_${name.toUpperCase()}_CLIENT_SECRET`, `oauth-${name.replace(/_/g, '-')}-client-secret`, clientSecret);
    return { name, icon, token_key: tokenKey, remote_app: { client_id: clientId, client_secret: variable, ...remoteApp } };
  });
  return [['OAUTH_PROVIDERS', list]];
}

function ldapSettings(ldap: FabLdap, secret: SecretVariable): [string, unknown][] {
  checkPropNames(ldap, LDAP, 'ldap', 'FabLdap');
  if ((ldap.bindUser === undefined) !== (ldap.bindPassword === undefined)) {
    throw new Error("'ldap.bindUser' and 'ldap.bindPassword' belong together; give both or none");
  }
  if (ldap.bindPassword !== undefined) { assertSecret('ldap.bindPassword', ldap.bindPassword, 'airflow-ldap'); }
  if (typeof ldap.search !== 'string' || ldap.search === '') {
    throw new Error(`'ldap.search' must be where users are, such as 'ou=people,dc=example,dc=com', got ${shown(ldap.search)}`);
  }
  if (!/^ldaps?:\/\//.test(ldap.server)) {
    throw new Error(`'ldap.server' must be a URL such as 'ldaps://ldap.example.com', got '${ldap.server}'`);
  }
  if (ldap.useTls && ldap.server.startsWith('ldaps:')) {
    throw new Error("'ldap.useTls' is STARTTLS, which 'ldaps://' does not need and would refuse; remove it, or use an 'ldap://' URL");
  }
  return [
    ['AUTH_LDAP_SERVER', ldap.server],
    ['AUTH_LDAP_SEARCH', ldap.search],
    ...(ldap.bindUser === undefined ? [] : [
      ['AUTH_LDAP_BIND_USER', ldap.bindUser], ['AUTH_LDAP_BIND_PASSWORD', secret('AIRFLOW_LDAP_BIND_PASSWORD', 'ldap-bind-password', ldap.bindPassword!)],
    ] as [string, unknown][]),
    ['AUTH_LDAP_UID_FIELD', ldap.uidField ?? 'uid'],
    ['AUTH_LDAP_GROUP_FIELD', ldap.groupField ?? 'memberOf'],
    ['AUTH_LDAP_USE_TLS', ldap.useTls ?? false],
    ...(ldap.tlsCaCertificateFile === undefined ? [] : [['AUTH_LDAP_TLS_CACERTFILE', ldap.tlsCaCertificateFile]] as [string, unknown][]),
  ];
}

function userArgs(user: FabUser, users: FabUser[], i: number): string[] {
  const { username, email, role = 'Admin', firstName = username, lastName = username } = user;
  assertSecret(`users[${i}].password`, user.password, 'airflow-admin');
  for (const [prop, value] of Object.entries({ username, email, role, firstName, lastName })) {
    if (typeof value !== 'string' || value === '' || value.startsWith('-')) { throw new Error(`'users[${i}].${prop}' must be a text that does not begin with '-', got ${shown(value)}`); }
  }
  for (const prop of ['username', 'email'] as const) {
    if (users.findIndex(other => other[prop] === user[prop]) !== i) { throw new Error(`'users' holds the ${prop} '${user[prop]}' twice; rename or remove one`); }
  }
  return ['--username', username, '--email', email, '--role', role, '--firstname', firstName, '--lastname', lastName];
}

function python(type: string, settings: [string, unknown][], end: string | undefined): string {
  const fromEnv = settings.some(([, value]) => literal(value).includes('os.environ'));
  return [
    ...(fromEnv ? ['import os', ''] : []),
    `from flask_appbuilder.const import ${type}`,
    '',
    `AUTH_TYPE = ${type}`,
    'WTF_CSRF_ENABLED = True',
    ...settings.map(([name, value]) => `${name} = ${literal(value)}`),
    ...(end === undefined ? [] : ['', end.trimEnd()]),
    '',
  ].join('\n');
}

/** True for an address of a provider. */
function isUrl(value: unknown): value is string {
  return typeof value === 'string' && /^https?:/.test(value);
}

/** A JSON value as Python writes it. */
function literal(value: unknown): string {
  if (value instanceof FromEnv) { return `os.environ[${literal(value.name)}]`; }
  if (value === null || value === undefined) { return 'None'; }
  if (typeof value === 'boolean') { return value ? 'True' : 'False'; }
  if (Array.isArray(value)) { return `[${value.map(literal).join(', ')}]`; }
  if (typeof value === 'object') { return `{${Object.entries(value).map(([key, item]) => `${literal(key)}: ${literal(item)}`).join(', ')}}`; }
  return JSON.stringify(value);
}
