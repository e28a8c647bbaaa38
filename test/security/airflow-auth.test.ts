import { AirflowAuth, AirflowVersion, FabAuthProps, FabOAuthProvider, FabUser, SecretRef } from '../../src';
import { KEYCLOAK_MANAGER, SIMPLE_MANAGER } from '../../src/security/auth-managers';
import { Deployed } from '../deployment/deploy';

const password = SecretRef.existing('mine', 'password');
const ada: FabUser = { username: 'ada', email: 'ada@example.com', password };
const google: FabOAuthProvider = {
  name: 'google',
  clientId: 'id',
  clientSecret: SecretRef.existing('google', 'secret'),
  remoteApp: {
    server_metadata_url: 'https://accounts.google.com/.well-known/openid-configuration',
    api_base_url: 'https://www.googleapis.com:8443/oauth2/v2/',
    client_kwargs: { scope: 'email profile' },
  },
};
const fab = (props: FabAuthProps, version?: AirflowVersion) => new Deployed({ auth: AirflowAuth.fab(props), version });
const file = (deployed: Deployed) => deployed.find('ConfigMap', 'airflow-webserver-config').data['webserver_config.py'];
const reads = (deployed: Deployed, component: string) =>
  deployed.container(component).volumeMounts.some(({ mountPath }: any) => mountPath === '/opt/airflow/webserver_config.py');
const ports = (deployed: Deployed, component: string) =>
  deployed.find('NetworkPolicy', `airflow-${component}`).spec.egress.flatMap((rule: any) => rule.ports ?? []).map(({ port }: any) => port);

describe('FAB with users in the database', () => {
  const all: Required<FabUser> = { ...ada, role: 'Viewer', firstName: 'Ada', lastName: 'Lovelace' };

  test('a Job makes them after the migration, with passwords that stand in no manifest and on no command line', () => {
    const deployed = fab({ users: [all, { username: 'bob', email: 'bob@example.com', password }] });
    const { args, env } = deployed.container('create-user');
    expect(JSON.parse(args[3])).toEqual([
      ['--username', 'ada', '--email', 'ada@example.com', '--role', 'Viewer', '--firstname', 'Ada', '--lastname', 'Lovelace'],
      ['--username', 'bob', '--email', 'bob@example.com', '--role', 'Admin', '--firstname', 'bob', '--lastname', 'bob'],
    ]);
    expect(env).toEqual(expect.arrayContaining([0, 1].map(i =>
      ({ name: `AIRFLOW_USER_PASSWORD_${i}`, valueFrom: { secretKeyRef: { name: 'mine', key: 'password' } } }))));
    expect(deployed.workload('create-user').spec.template.spec.initContainers.map(({ name }: any) => name)).toEqual(['wait-for-airflow-migrations']);
    expect(deployed.airflow.createUser!.workload.name).toMatch(/^airflow-create-user-[0-9a-f]{10}$/);
  });

  test('there is no such Job, and no account for it, without users', () => {
    for (const deployed of [new Deployed(), fab({})]) {
      expect(JSON.stringify(deployed.objects)).not.toContain('create-user');
      expect(deployed.objects.find(({ metadata }) => metadata.name === 'airflow-webserver-config')).toBeUndefined();
    }
  });

  test("a dollar in a name is not Kubernetes' to replace", () => {
    expect(fab({ users: [{ ...ada, lastName: '$(HOME)' }] }).container('create-user').args[3]).toContain('$$(HOME)');
  });

  test('on 2.11 the API takes passwords, and the file is that of FAB', () => {
    const deployed = fab({ users: [ada] }, AirflowVersion.V2_11);
    expect(deployed.config['api.auth_backends']).toBe('airflow.providers.fab.auth_manager.api.auth.backend.basic_auth,airflow.api.auth.backend.session');
    expect(file(deployed)).toBe('from flask_appbuilder.const import AUTH_DB\n\nAUTH_TYPE = AUTH_DB\nWTF_CSRF_ENABLED = True\n');
    expect(['webserver', 'create-user', 'scheduler'].map(component => reads(deployed, component))).toEqual([true, true, false]);
    expect(deployed.config).not.toHaveProperty('core.auth_manager');
  });
});

describe('FAB with OAuth', () => {
  const all: Required<Omit<FabAuthProps, 'users' | 'ldap'>> = {
    oauth: [{ ...google, tokenKey: 'token', icon: 'fa-google' }],
    roleMapping: { 'admins': ['Admin'], "o'neil \"x\"": ['User', 'Op'] },
    defaultRole: 'Viewer',
    cidrs: ['10.7.0.0/16'],
    webserverConfig: 'RATELIMIT_ENABLED = True\n\n',
  };

  test('webserver_config.py takes its secrets from the environment', () => {
    const deployed = fab(all);
    expect(file(deployed)).toBe(`import os

from flask_appbuilder.const import AUTH_OAUTH

AUTH_TYPE = AUTH_OAUTH
WTF_CSRF_ENABLED = True
OAUTH_PROVIDERS = [{"name": "google", "icon": "fa-google", "token_key": "token", "remote_app": {"client_id": "id", \
"client_secret": os.environ["AIRFLOW_OAUTH_GOOGLE_CLIENT_SECRET"], "server_metadata_url": "https://accounts.google.com/.well-known/openid-configuration", \
"api_base_url": "https://www.googleapis.com:8443/oauth2/v2/", "client_kwargs": {"scope": "email profile"}}}]
AUTH_USER_REGISTRATION = True
AUTH_USER_REGISTRATION_ROLE = "Viewer"
AUTH_ROLES_MAPPING = {"admins": ["Admin"], "o'neil \\"x\\"": ["User", "Op"]}
AUTH_ROLES_SYNC_AT_LOGIN = True

RATELIMIT_ENABLED = True
`);
    expect(deployed.env('api-server').AIRFLOW_OAUTH_GOOGLE_CLIENT_SECRET).toBe('google/secret');
    expect(deployed.env('scheduler')).not.toHaveProperty('AIRFLOW_OAUTH_GOOGLE_CLIENT_SECRET');
    expect([reads(deployed, 'api-server'), reads(deployed, 'scheduler')]).toEqual([true, false]);
  });

  test('the API server reaches the providers, and no other component does', () => {
    const deployed = fab(all);
    expect(ports(deployed, 'api-server')).toEqual(expect.arrayContaining([443, 8443]));
    expect(ports(deployed, 'migration')).not.toContain(8443);
    expect(deployed.find('NetworkPolicy', 'airflow-api-server').spec.egress)
      .toContainEqual({ to: [{ ipBlock: { cidr: '10.7.0.0/16' } }], ports: [{ protocol: 'TCP', port: 8443 }] });
  });

  test('a changed file replaces the pods that read it, and a user without a role may see nothing', () => {
    const hash = (deployed: Deployed, component: string) => deployed.workload(component).spec.template.metadata.annotations['cdk8s-airflow/config-hash'];
    const [one, two] = [fab({ oauth: [google] }), fab({ oauth: [google], defaultRole: 'Op' })];
    expect(file(one)).toContain('AUTH_USER_REGISTRATION_ROLE = "Public"');
    expect(hash(one, 'api-server')).not.toBe(hash(two, 'api-server'));
    expect(hash(one, 'scheduler')).toBe(hash(two, 'scheduler'));
  });

  test('a role that is nearly one of Airflow is warned of', () => {
    const said = (props: FabAuthProps) => fab(props).airflow.node.metadata.map(({ data }) => data).join();
    expect(said({ oauth: [google], defaultRole: 'viewer' })).toContain("'auth' names the role 'viewer', and Airflow's is 'Viewer': capitals count");
    expect(said({ oauth: [google], roleMapping: { a: ['Data', 'Admin'] } })).not.toContain('capitals count');
  });

  test('2.11 reads the same file in its webserver', () => {
    const deployed = fab({ oauth: [google] }, AirflowVersion.V2_11);
    expect(file(deployed)).toContain('AUTH_TYPE = AUTH_OAUTH');
    expect(deployed.env('webserver')).toHaveProperty('AIRFLOW_OAUTH_GOOGLE_CLIENT_SECRET');
    expect(deployed.config).not.toHaveProperty('api.auth_backends');
  });
});

test('FAB with LDAP takes all of its props', () => {
  const deployed = fab({
    ldap: {
      server: 'ldap://ldap.example.com',
      search: 'ou=people',
      bindUser: 'cn=airflow',
      bindPassword: SecretRef.existing('ldap', 'bind'),
      uidField: 'sAMAccountName',
      groupField: 'groups',
      useTls: true,
      tlsCaCertificateFile: '/ca/ca.crt',
    },
  });
  expect(file(deployed).split('\n').filter((line: string) => line.startsWith('AUTH_LDAP'))).toEqual([
    'AUTH_LDAP_SERVER = "ldap://ldap.example.com"',
    'AUTH_LDAP_SEARCH = "ou=people"',
    'AUTH_LDAP_BIND_USER = "cn=airflow"',
    'AUTH_LDAP_BIND_PASSWORD = os.environ["AIRFLOW_LDAP_BIND_PASSWORD"]',
    'AUTH_LDAP_UID_FIELD = "sAMAccountName"',
    'AUTH_LDAP_GROUP_FIELD = "groups"',
    'AUTH_LDAP_USE_TLS = True',
    'AUTH_LDAP_TLS_CACERTFILE = "/ca/ca.crt"',
  ]);
  expect(deployed.env('api-server').AIRFLOW_LDAP_BIND_PASSWORD).toBe('ldap/bind');
  expect(ports(deployed, 'api-server')).toContain(389);
});

describe('the simple auth manager', () => {
  test('writes its passwords where it can, and warns', () => {
    const deployed = new Deployed({ auth: AirflowAuth.simple({ users: { ada: 'admin', bob: 'viewer' } }) });
    expect(deployed.config).toMatchObject({
      'core.auth_manager': 'airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager',
      'core.simple_auth_manager_users': 'ada:admin,bob:viewer',
      'core.simple_auth_manager_passwords_file': '/tmp/simple_auth_manager_passwords.json',
    });
    expect(deployed.config['core.simple_auth_manager_all_admins']).toBe('False');
    const passwords = { core: { simple_auth_manager_passwords_file: '/mnt/passwords.json' } };
    expect(new Deployed({ auth: AirflowAuth.simple(), config: passwords }).config['core.simple_auth_manager_passwords_file']).toBe('/mnt/passwords.json');
    expect(deployed.airflow.node.metadata.map(({ data }) => data).join()).toContain('for development only');
  });

  test('may let everybody in', () => {
    const deployed = new Deployed({ auth: AirflowAuth.simple({ allAdmins: true }) });
    expect(deployed.config).toMatchObject({ 'core.simple_auth_manager_all_admins': 'True', 'core.simple_auth_manager_users': 'admin:admin' });
  });
});

test('another class of an auth manager can be named in the config, with options of the simple one', () => {
  const core = { auth_manager: 'mine.Manager', simple_auth_manager_users: 'ada:admin' };
  expect(new Deployed({ config: { core } }).config).toMatchObject({ 'core.auth_manager': 'mine.Manager', 'core.simple_auth_manager_users': 'ada:admin' });
});

test('Keycloak gets its secret in the API server alone', () => {
  const auth = AirflowAuth.keycloak({
    serverUrl: 'https://keycloak.example.com:8443', realm: 'data', clientId: 'airflow', clientSecret: SecretRef.existing('keycloak', 'secret'), cidrs: ['10.6.0.0/16'],
  });
  const deployed = new Deployed({ auth });
  expect(deployed.config).toMatchObject({
    'core.auth_manager': 'airflow.providers.keycloak.auth_manager.keycloak_auth_manager.KeycloakAuthManager',
    'keycloak_auth_manager.server_url': 'https://keycloak.example.com:8443',
    'keycloak_auth_manager.realm': 'data',
    'keycloak_auth_manager.client_id': 'airflow',
  });
  expect(deployed.env('api-server').AIRFLOW__KEYCLOAK_AUTH_MANAGER__CLIENT_SECRET).toBe('keycloak/secret');
  expect(deployed.env('scheduler')).not.toHaveProperty('AIRFLOW__KEYCLOAK_AUTH_MANAGER__CLIENT_SECRET');
  expect(ports(deployed, 'api-server')).toContain(8443);
});

test.each<[string, () => unknown, string]>([
  ['two ways', () => fab({ oauth: [google], ldap: { server: 'ldap://a', search: 'b' } }), "'oauth' and 'ldap' are two ways to log in"],
  ['users of nobody', () => fab({ oauth: [google], users: [ada] }), "'users' are in Airflow's database, which nobody asks with 'oauth'"],
  ['a mapping of nothing', () => fab({ roleMapping: {} }), "'roleMapping' says something of 'oauth' or 'ldap', and neither is given"],
  ['a literal password', () => fab({ users: [{ ...ada, password: 'admin' as any }] }), "'users[0].password' must be a SecretRef"],
  ['a missing password', () => fab({ users: [{ ...ada, password: undefined as any }] }), "'users[0].password' must be a SecretRef"],
  ['an option as a name', () => fab({ users: [{ ...ada, username: '--role' }] }), "'users[0].username' must be a text that does not begin with '-'"],
  ['a user twice', () => fab({ users: [ada, { ...ada, email: 'b' }] }), "'users' holds the username 'ada' twice"],
  ['no provider', () => fab({ oauth: [] }), "'oauth' is empty"],
  ['an unknown provider', () => fab({ oauth: [{ ...google, name: 'gogle' }] }), "got 'gogle'; did you mean 'google'?"],
  ['a provider without an address', () => fab({ oauth: [{ ...google, remoteApp: { client_kwargs: {} } }] }), "'oauth[0].remoteApp' must say where the provider is"],
  ['no remoteApp', () => fab({ oauth: [{ ...google, remoteApp: undefined as any }] }), "'oauth[0].remoteApp' must be an object, got"],
  ['no client id', () => fab({ oauth: [{ ...google, clientId: undefined as any }] }), "'oauth[0].clientId' must be the id that the provider knows Airflow by, got"],
  ['a secret in the open', () => fab({ oauth: [{ ...google, remoteApp: { client_secret: 'x' } }] }), "'remoteApp' of 'google' holds 'client_secret'"],
  ['half a bind', () => fab({ ldap: { server: 'ldap://a', search: 'b', bindUser: 'c' } }), "'ldap.bindUser' and 'ldap.bindPassword' belong together"],
  ['no URL', () => fab({ ldap: { server: 'ldap.example.com', search: 'b' } }), "'ldap.server' must be a URL such as 'ldaps://ldap.example.com', got 'ldap.example.com'"],
  ['a URL of the web', () => fab({ ldap: { server: 'https://ldap.example.com', search: 'b' } }), "'ldap.server' must be a URL such as 'ldaps://ldap.example.com'"],
  ['a misspelt prop', () => fab({ rolesMapping: {} } as any), "AirflowAuth.fab: unknown prop 'rolesMapping'; did you mean 'roleMapping'?"],
  ['a misspelt prop of LDAP', () => fab({ ldap: { server: 'ldap://a', serach: 'b' } as any }), "ldap: unknown prop 'serach'; did you mean 'search'?"],
  ['a misspelt prop of a provider', () => fab({ oauth: [{ ...google, tokenkey: 'a' } as any] }), "oauth[0]: unknown prop 'tokenkey'; did you mean 'tokenKey'?"],
  ['a misspelt prop of a user', () => fab({ users: [{ ...ada, rol: 'Op' } as any] }), "users[0]: unknown prop 'rol'; did you mean 'role'?"],
  ['no place to search', () => fab({ ldap: { server: 'ldap://a' } as any }), "'ldap.search' must be where users are"],
  ['a literal to bind', () => fab({ ldap: { server: 'ldap://a', search: 'b', bindUser: 'c', bindPassword: 'd' as any } }), "'ldap.bindPassword' must be a SecretRef"],
  ['a literal client secret', () => fab({ oauth: [{ ...google, clientSecret: 'd' as any }] }), "'oauth.clientSecret' must be a SecretRef"],
  ['a role that is no list', () => fab({ oauth: [google], roleMapping: { admins: 'Admin' as any } }), "'roleMapping' of 'admins' must be a list of roles, such as ['Viewer'], got \"Admin\""],
  ['TLS twice', () => fab({ ldap: { server: 'ldaps://a', search: 'b', useTls: true } }), "'ldap.useTls' is STARTTLS"],
  ['simple on 2', () => new Deployed({ version: AirflowVersion.V2_11, auth: AirflowAuth.simple() }), 'use AirflowAuth.fab() instead of AirflowAuth.simple()'],
  ['simple twice', () => new Deployed({ apiServer: { replicas: 2 }, auth: AirflowAuth.simple() }), "'apiServer' has several pods"],
  ['a role that is none', () => new Deployed({ auth: AirflowAuth.simple({ users: { a: 'Admin' } }) }), "the role of 'a' must be one of 'admin'"],
  ['simple without users', () => new Deployed({ auth: AirflowAuth.simple({ users: {} }) }), "'users' of AirflowAuth.simple is empty"],
  ['another manager in the config', () => new Deployed({ auth: AirflowAuth.fab(), config: { core: { auth_manager: 'x' } } }), "but 'auth' makes it"],
  ['a Job for nobody', () => new Deployed({ createUser: {} }), "'createUser' is the Job that makes the users of AirflowAuth.fab({ users }), and 'auth' names none"],
  ['a Job for users of the simple manager', () => new Deployed({ createUser: {}, auth: AirflowAuth.simple() }), "'createUser' is the Job that makes the users of"],
  ['the simple manager by config', () => new Deployed({ config: { core: { auth_manager: SIMPLE_MANAGER } }, apiServer: { replicas: 2 } }), 'write auth: AirflowAuth.simple({ users })'],
  ['Keycloak by config', () => new Deployed({ config: { core: { auth_manager: KEYCLOAK_MANAGER } } }), 'write auth: AirflowAuth.keycloak({ … })'],
  ['the simple manager by a variable', () => new Deployed({ apiServer: { env: [{ name: 'AIRFLOW__CORE__AUTH_MANAGER', value: SIMPLE_MANAGER }] } }),
    "'apiServer.env[0]' sets 'AIRFLOW__CORE__AUTH_MANAGER', but 'auth', which is left out, makes it 'airflow.providers.fab"],
  ['other users by config', () => new Deployed({ auth: AirflowAuth.simple(), config: { core: { simple_auth_manager_users: 'bob:viewer' } } }), "but 'auth' makes it 'admin:admin'"],
  ['everybody by config', () => new Deployed({ auth: AirflowAuth.simple(), config: { core: { simple_auth_manager_all_admins: true } } }), "but 'auth' makes it 'False'"],
  ['users that nobody reads', () => new Deployed({ config: { core: { simple_auth_manager_users: 'bob:viewer' } } }),
    "'config.core.simple_auth_manager_users' is 'bob:viewer', but only SimpleAuthManager reads it, which is auth: AirflowAuth.simple({ users }); remove it from 'config'"],
  ['users that nobody reads, in a variable', () => new Deployed({ podDefaults: { env: [{ name: 'AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS', value: 'True' }] } }),
    "sets 'AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS', but only SimpleAuthManager reads it, which is auth: AirflowAuth.simple({ users }); remove it"],
])('refuses %s', (_, make, message) => { expect(make).toThrow(message); });
