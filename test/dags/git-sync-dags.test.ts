import { Testing } from 'cdk8s';
import { AirflowVersion, GitSyncDags, GitSyncDagsProps, GitSyncWebhook, SecretRef } from '../../src';
import { podSecurityViolations } from '../../src/pod/pod-security';
import { toWire } from '../../src/pod/schema';
import { podSecurityContext } from '../../src/private/pod-parts';
import { chart } from '../util';

const context = {
  identity: { name: 'af', namespace: 'ns', labels: {} }, version: AirflowVersion.V3_3, images: { gitSync: 'git-sync:v4' },
};
const bind = (props: GitSyncDagsProps) => new GitSyncDags(props).bind(chart(), context);
const env = (container: any) => Object.fromEntries(container.env.map((e: any) => [e.name, e.value ?? e.valueFrom.secretKeyRef]));
const secret = (key: string) => SecretRef.existing('git', key);
const https = 'https://git.example.com/dags.git';

test('a public repository: an init container that ends, and a sidecar that stays', () => {
  const { initContainers, sidecars, dagsFolder, volumeMounts, peers } = bind({ repo: https });
  const common = { GITSYNC_REPO: https, GITSYNC_REF: 'HEAD', GITSYNC_ROOT: '/git', GITSYNC_LINK: 'repo', GITSYNC_DEPTH: '1' };
  expect(initContainers.map(env)).toEqual([{ ...common, GITSYNC_ONE_TIME: 'true', GITSYNC_PERIOD: '5s', GITSYNC_MAX_FAILURES: '5' }]);
  expect(sidecars.map(env)).toEqual([{ ...common, GITSYNC_PERIOD: '30s', GITSYNC_MAX_FAILURES: '-1', GITSYNC_HTTP_BIND: ':1234' }]);
  expect(sidecars[0].livenessProbe.httpGet).toEqual({ path: '/', port: 1234 });
  expect(dagsFolder).toBe('/opt/airflow/dags/repo');
  expect(volumeMounts).toEqual([{ name: 'dags', mountPath: '/opt/airflow/dags', readOnly: true }]);
  expect(peers).toEqual([{ host: 'git.example.com', port: 443 }]);
});

test('props for http reach the containers', () => {
  const { initContainers, sidecars, dagsFolder } = bind({
    repo: https, ref: 'v1', subPath: 'airflow/dags', depth: 0, periodSeconds: 5, username: secret('user'), token: secret('token'),
  });
  for (const container of [...initContainers, ...sidecars]) {
    expect(env(container)).toMatchObject({
      GITSYNC_REF: 'v1', GITSYNC_DEPTH: '0', GITSYNC_PERIOD: '5s', GITSYNC_USERNAME: { name: 'git', key: 'user' }, GITSYNC_PASSWORD: { name: 'git', key: 'token' },
    });
  }
  expect(dagsFolder).toBe('/opt/airflow/dags/repo/airflow/dags');
});

test('a token alone comes with a user name that the large hosts take', () => {
  expect(env(bind({ repo: https, token: secret('token') }).sidecars[0])).toMatchObject({ GITSYNC_USERNAME: 'git' });
  expect(env(bind({ repo: https, token: secret('token'), username: 'me' }).sidecars[0])).toMatchObject({ GITSYNC_USERNAME: 'me' });
});

test('an SSH key and known hosts come as files of one folder, readable by the group', () => {
  const { sidecars, volumes, peers } = bind({ repo: 'git@github.com:org/dags.git', sshKey: secret('key'), knownHosts: secret('hosts') });
  expect(env(sidecars[0])).toMatchObject({ GITSYNC_SSH_KEY_FILE: '/etc/git-secret/ssh', GITSYNC_SSH_KNOWN_HOSTS_FILE: '/etc/git-secret/known_hosts' });
  expect(volumes.find(volume => volume.name === 'git-secret')!.projected).toEqual({
    defaultMode: 0o440,
    sources: [
      { secret: { name: 'git', items: [{ key: 'key', path: 'ssh' }] } },
      { secret: { name: 'git', items: [{ key: 'hosts', path: 'known_hosts' }] } },
    ],
  });
  expect(peers).toEqual([{ host: 'github.com', port: 22 }]);
});

test("the certificates of an HTTPS server's authority come as a file that git is told of", () => {
  const { initContainers, sidecars, volumes } = bind({ repo: https, caCertificate: secret('ca.pem') });
  for (const container of [...initContainers, ...sidecars]) {
    expect(env(container)).toMatchObject({ GIT_SSL_CAINFO: '/etc/git-secret/ca.crt' });
    expect(container.volumeMounts).toContainEqual({ name: 'git-secret', mountPath: '/etc/git-secret', readOnly: true });
  }
  expect(volumes.find(volume => volume.name === 'git-secret')!.projected.sources).toEqual([{ secret: { name: 'git', items: [{ key: 'ca.pem', path: 'ca.crt' }] } }]);
});

test('only names of git-sync 4 are emitted, and the containers are restricted', () => {
  const { initContainers, sidecars, volumes } = bind({ repo: 'ssh://git@host:2222/x.git', sshKey: secret('key'), knownHosts: secret('hosts') });
  const containers = [...initContainers, ...sidecars];
  expect(containers.flatMap(({ env: variables }) => variables.map((e: any) => e.name)).filter(name => !name.startsWith('GITSYNC_'))).toEqual([]);
  const spec = { securityContext: podSecurityContext(), containers, volumes };
  expect(podSecurityViolations(spec, 'restricted')).toEqual([]);
  expect(containers.every(container => container.securityContext.readOnlyRootFilesystem)).toBe(true);
  expect(toWire('PodSpec', spec, '')).toEqual(spec);
});

test.each<[GitSyncDagsProps, string]>([
  [{ repo: 'dags' }, "'repo' must be 'https://…', 'ssh://git@host/…' or 'git@host:path', got 'dags'"],
  [{ repo: 'file:///srv/git' }, "got 'file:///srv/git'"],
  [{ repo: 'https://me:pw@host/x.git' }, "'repo' holds a user name or a password"],
  [{ repo: 'https://token@host/x.git' }, "'repo' holds a user name or a password"],
  [{ repo: 'git@host:x.git' }, "'sshKey' is missing"],
  [{ repo: 'git@host:x.git', sshKey: secret('k') }, "'knownHosts' is missing"],
  [{ repo: 'git@host:x.git', sshKey: secret('k'), knownHosts: secret('h'), token: secret('t') }, "'username' and 'token' are for HTTP"],
  [{ repo: https, token: 'ghp' as any }, "'token' must be a SecretRef, such as SecretRef.existing('airflow-git', 'token'); a literal would be readable"],
  [{ repo: https, sshKey: secret('k') }, "'sshKey' and 'knownHosts' are for SSH"],
  [{ repo: 'http://host/x.git', caCertificate: secret('ca') }, "'caCertificate' is for HTTPS, 'http://host/x.git' is not an HTTPS URL"],
  [{ repo: https, username: 'me' }, "'username' without 'token'"],
  [{ repo: https, periodSeconds: 0 }, "'periodSeconds' must be a whole number of at least 1, got 0"],
  [{ repo: https, depth: -1 }, "'depth' must be a whole number of at least 0, got -1"],
  [{ repo: https, subPath: '/dags' }, "'subPath' must be a relative folder such as 'dags' or 'airflow/dags', without '/' at its ends, '.' and '..', got \"/dags\""],
  [{ repo: https, subPath: '../dags' }, 'got "../dags"'],
])('fails for %j', (props, message) => {
  expect(() => bind(props)).toThrow(message);
});

test('submodules and a sparse checkout reach git-sync', () => {
  const scope = chart();
  const { initContainers, sidecars, volumes } = new GitSyncDags({ repo: https, submodules: 'off', sparseCheckout: ['/dags/', '/plugins/*.py'] }).bind(scope, context);
  const [{ metadata, data }] = Testing.synth(scope);
  expect(data).toEqual({ 'sparse-checkout': '/dags/\n/plugins/*.py\n' });
  expect(volumes).toContainEqual({ name: 'git-sync', configMap: { name: metadata.name } });
  for (const container of [...initContainers, ...sidecars]) {
    expect(env(container)).toMatchObject({ GITSYNC_SUBMODULES: 'off', GITSYNC_SPARSE_CHECKOUT_FILE: '/etc/git-sync/sparse-checkout' });
    expect(container.volumeMounts).toContainEqual({ name: 'git-sync', mountPath: '/etc/git-sync', readOnly: true });
  }
  expect(() => bind({ repo: https, submodules: 'all' as any })).toThrow("'submodules' must be one of 'recursive', 'shallow', 'off', got 'all'");
  expect(() => bind({ repo: https, sparseCheckout: ['a\nb'] })).toThrow("'sparseCheckout' must be patterns of one line");
  expect(() => bind({ repo: https, sparseCheckout: [] })).toThrow("'sparseCheckout' must be patterns of one line such as '/dags/', got none");
});

test('the sidecars call a webhook, task pods do not', () => {
  const webhook: Required<GitSyncWebhook> = { url: 'https://hooks.example.com:8443/dags', method: 'PUT', successStatus: 0, timeoutSeconds: 5, backoffSeconds: 10 };
  const { initContainers, sidecars, peers, sidecarPeers } = bind({ repo: https, webhook });
  expect(env(sidecars[0])).toMatchObject({
    GITSYNC_WEBHOOK_URL: webhook.url, GITSYNC_WEBHOOK_METHOD: 'PUT', GITSYNC_WEBHOOK_SUCCESS_STATUS: '0', GITSYNC_WEBHOOK_TIMEOUT: '5s', GITSYNC_WEBHOOK_BACKOFF: '10s',
  });
  expect(JSON.stringify(initContainers)).not.toContain('WEBHOOK');
  expect(peers).toEqual([{ host: 'git.example.com', port: 443 }]);
  expect(sidecarPeers).toEqual([{ host: 'hooks.example.com', port: 8443 }]);
  expect(bind({ repo: https, webhook: { url: 'http://[fd00::1]/' } }).sidecarPeers).toEqual([{ host: 'fd00::1', port: 80 }]);
  const fails = (more: Partial<GitSyncWebhook>, message: string) =>
    expect(() => bind({ repo: https, webhook: { url: 'http://a/', ...more } })).toThrow(message);
  fails({ url: 'hooks' }, "'webhook.url' must be 'https://…' or 'http://…', got \"hooks\"");
  fails({ url: 'https://me:pw@hooks.example.com' }, "'webhook.url' holds a user name or a password");
  fails({ method: 'post it' }, "'webhook.method' must be an HTTP method");
  fails({ successStatus: 20 }, "'webhook.successStatus' must be an HTTP status, or 0 for any, got 20");
  fails({ timeoutSeconds: 0 }, "'webhook.timeoutSeconds' must be a whole number of at least 1, got 0");
});

test('both containers take what is said of them', () => {
  const settings = {
    resources: { requests: { cpu: '50m', memory: '256Mi' }, limits: { memory: '1Gi' } },
    env: [{ name: 'HTTPS_PROXY', value: 'http://proxy:3128' }],
    volumes: [{ name: 'git-config', configMap: { name: 'git' } }],
    volumeMounts: [{ name: 'git-config', mountPath: '/etc/gitconfig', subPath: 'gitconfig' }],
    securityContext: { runAsUser: 1000680000 },
  };
  const { initContainers, sidecars, volumes } = bind({ repo: https, ...settings });
  expect(volumes).toContainEqual(settings.volumes[0]);
  for (const container of [...initContainers, ...sidecars]) {
    expect(container.resources).toEqual(settings.resources);
    expect(env(container)).toMatchObject({ HTTPS_PROXY: 'http://proxy:3128', GITSYNC_REPO: https });
    expect(container.volumeMounts).toContainEqual(settings.volumeMounts[0]);
    expect(container.securityContext).toMatchObject({ runAsUser: 1000680000, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
  }
  expect(bind({ repo: https }).sidecars[0].resources).toEqual({ requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '256Mi' } });
});

test.each<[Partial<GitSyncDagsProps>, string]>([
  [{ env: [{ name: 'GITSYNC_DEPTH', value: '2' }] }, "'env' of git-sync sets 'GITSYNC_DEPTH', which the deployment sets itself"],
  [{ env: [{ name: '1A', value: '2' }] }, "'env[1A].name' must be letters, digits, '-', '_' and '.', and not begin with a digit, got '1A'"],
  [{ env: [{ name: 'A', value: '1' }, { name: 'A', value: '2' }] }, "'env' sets 'A' twice; remove one"],
  [{ env: [{ name: 'GIT_TOKEN', value: 'abcdef' }] }, "'env[0]' sets 'GIT_TOKEN' to a credential, by its name, which everybody could read"],
  [{ resources: { request: {} } }, "resources: unknown key 'request' of ResourceRequirements"],
  [{ resources: { requests: { cpu: 2 }, limits: { cpu: 1 } } }, "'resources.requests.cpu' must be at most the limit, 1, got 2"],
  [{ volumeMounts: [{ name: 'x', mountPath: '/x', subPath: '/y' }] }, "subPath' must be a path below the volume, without '/' at its begin and without '..', got '/y'"],
  [{ securityContext: { fsGroup: 1 } }, "unknown key 'fsGroup' of SecurityContext"],
])('refused of the containers: %j', (props, message) => {
  expect(() => bind({ repo: https, ...props })).toThrow(message);
});

test.each([['', '""'], ['a b', '"a b"'], [7 as any, '7']])('a ref of %j is refused', (ref, shown) => {
  expect(() => new GitSyncDags({ repo: 'https://git.example.com/dags.git', ref })).toThrow(`'ref' must be a branch, a tag or a commit, got ${shown}`);
});
