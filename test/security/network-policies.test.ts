import {
  AirflowKubernetesDeploymentProps, CeleryBroker, CeleryResultBackend, CloudIdentity, DagBundle, DagBundles, Executor, Exposure, GitSyncDags,
  MetadataDatabase, PodLaunchingProps, SecretRef, TaskLogs,
} from '../../src';
import { violations } from '../../src/testing';
import { dags, Deployed, SHAPES } from '../deployment/deploy';

const ANY = '0.0.0.0/0';
const policy = (deployed: Deployed, component: string) => deployed.find('NetworkPolicy', `airflow-${component}`).spec;
const callers = (deployed: Deployed, component: string) => (policy(deployed, component).ingress ?? []).map((rule: any) => [
  rule.ports[0].port, (rule.from ?? ['anybody']).map((from: any) => from.podSelector?.matchLabels['app.kubernetes.io/component'] ?? from),
]);
/** The ports that a component may open, DNS left out, and who is behind them. */
const reaches = (deployed: Deployed, component: string) => (policy(deployed, component).egress ?? [])
  .filter((rule: any) => !rule.ports?.some(({ port }: any) => port === 53))
  .map((rule: any) => [
    (rule.ports ?? []).map(({ port }: any) => port).join(), (rule.to ?? ['any']).map((to: any) =>
      to.podSelector?.matchLabels['app.kubernetes.io/component'] ?? to.ipBlock?.cidr ?? (to.namespaceSelector ? 'pods' : to)).join(),
  ].join(' '));

test('a component is reached by those that declared it, and by nobody else', () => {
  const deployed = new Deployed({ dags: dags() });
  expect(callers(deployed, 'api-server')).toEqual([[8080, ['worker']]]);
  expect(callers(deployed, 'triggerer')).toEqual([[8794, ['api-server']]]);
  for (const component of ['scheduler', 'dag-processor', 'migration', 'secret-bootstrap', 'worker']) {
    expect(callers(deployed, component)).toEqual([]);
    expect(policy(deployed, component).policyTypes).toEqual(['Ingress', 'Egress']);
  }
});

test('a component reaches what it declared, and nothing else', () => {
  const deployed = new Deployed({ dags: dags() });
  expect(reaches(deployed, 'scheduler')).toEqual(['443,6443 any', '5432 any']);
  expect(reaches(deployed, 'api-server')).toEqual(['443,6443 any', '5432 any', '8794 triggerer']);
  expect(reaches(deployed, 'secret-bootstrap')).toEqual(['443,6443 any']);
  expect(reaches(deployed, 'migration')).toEqual(['5432 any']);
  const usersCode = `${ANY},::/0,pods`;
  expect(reaches(deployed, 'dag-processor')).toEqual(['5432 any', ` ${usersCode}`, '443 any']);
  expect(reaches(deployed, 'worker')).toEqual(['8080 api-server', ` ${usersCode}`, '443 any']);
});

test("the user's code reaches no instance metadata, and task pods not the database whose addresses are known", () => {
  const database = MetadataDatabase.postgres({ host: 'pg', password: SecretRef.existing('db', 'p'), cidrs: ['10.1.0.0/16', 'fd00::/64'] });
  const deployed = new Deployed({ database });
  const except = (component: string) => policy(deployed, component).egress.flatMap((rule: any) => rule.to ?? [])
    .filter((to: any) => to.ipBlock?.except).map((to: any) => to.ipBlock.except);
  expect(except('worker')).toEqual([['169.254.169.254/32', '10.1.0.0/16'], ['fd00:ec2::254/128', 'fd00::/64']]);
  expect(except('dag-processor')).toEqual([['169.254.169.254/32'], ['fd00:ec2::254/128']]);
  expect(reaches(deployed, 'scheduler')).toEqual(['443,6443 any', '5432 10.1.0.0/16,fd00::/64']);
});

describe('two servers in one range', () => {
  const password = SecretRef.existing('db', 'p');
  const except = (deployed: Deployed, component: string) => policy(deployed, component).egress.flatMap((rule: any) => rule.to ?? [])
    .filter((to: any) => to.ipBlock?.except).flatMap((to: any) => to.ipBlock.except);
  const database = MetadataDatabase.postgres({ host: 'pg.example.com', password, cidrs: ['10.0.0.0/8'] });

  test.each([['the same', '10.0.0.0/8'], ['a smaller', '10.1.0.0/16'], ['a larger', '10.0.0.0/7']])('are told apart by their ports: %s', (_, range) => {
    const deployed = new Deployed({ database, logs: TaskLogs.s3({ bucket: 'logs', endpoint: 'https://minio.example.com', cidrs: [range] }) });
    expect(except(deployed, 'worker')).toContain('10.0.0.0/8');
    expect(reaches(deployed, 'worker')).toContain(`443 ${range}`);
    expect(reaches(deployed, 'worker').join()).not.toContain('5432');
    expect(reaches(deployed, 'dag-processor')).toContain('5432 10.0.0.0/8');
  });

  test('and with one port bring a warning, where a range holds the other one', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const deploy = (host: string, cidrs?: string[]) => new Deployed({
      database,
      executor: Executor.celery({
        broker: CeleryBroker.redis({ host: 'redis' }), resultBackend: CeleryResultBackend.postgres({ host, user: 'results', database: 'results', password, cidrs }),
      }),
    });
    deploy('results.example.com', ['192.168.0.0/16']);
    deploy('pg.example.com', ['10.0.0.0/8']);
    expect(warn).not.toHaveBeenCalled();
    deploy('results.example.com', ['10.3.0.0/24']);
    deploy('results', undefined);
    expect(warn.mock.calls.map(([message]) => message)).toEqual([['pg.example.com', 'results.example.com'], ['pg.example.com', 'results']].map(([one, two]) =>
      `[chart/airflow] network policies: '${one}' and '${two}' may be at the same addresses and have the same port, 5432, so that code of DAGs which may reach one `
        + "of them reaches both; give 'cidrs' that tell them apart"));
    warn.mockRestore();
  });

  test('the agent of an identity is closed to those who reach a server of its port by name', () => {
    const deployed = new Deployed({
      dags: new GitSyncDags({ repo: 'http://git/dags.git' }), apiServer: { cloudIdentity: CloudIdentity.eksPodIdentity() },
    });
    const rules = policy(deployed, 'worker').egress.filter(({ to }: any) => to?.[0].ipBlock);
    expect(rules.map(({ to }: any) => to[0].ipBlock.except)).toEqual([['169.254.169.254/32', '169.254.170.23/32'], ['169.254.169.254/32', '169.254.170.23/32']]);
  });
});

describe('taskEgress: deny', () => {
  test('leaves those who run code of DAGs what they declare, and what is added', () => {
    const web = { to: [{ ipBlock: { cidr: '10.9.0.1/32' } }], ports: [{ port: 443, protocol: 'TCP' }] };
    const deployed = new Deployed({ dags: dags(), networkPolicies: { taskEgress: 'deny', extraEgress: { worker: [web] } } });
    expect(reaches(deployed, 'worker')).toEqual(['8080 api-server', '443 any', '443 10.9.0.1/32']);
    expect(reaches(deployed, 'dag-processor')).toEqual(['5432 any', '443 any']);
    expect(reaches(deployed, 'triggerer')).toEqual(['5432 any', '443 any']);
    for (const component of Object.keys(deployed.pods)) { expect(JSON.stringify(policy(deployed, component))).not.toContain('0.0.0.0/0'); }
    expect(violations(deployed.objects, { external: ['Secret/db'] })).toEqual([]);
  });

  test.each([
    ['git-sync', new GitSyncDags({ repo: 'https://git.example.com/dags.git', cidrs: ['10.4.0.0/16'] })],
    ['a bundle of git', new DagBundles(DagBundle.git({ name: 'core', repo: 'https://git.example.com/dags.git', ref: 'main', cidrs: ['10.4.0.0/16'] }))],
    ['a bundle of S3', new DagBundles(DagBundle.s3({ name: 'core', bucket: 'dags', cidrs: ['10.4.0.0/16'] }))],
  ])('with the ranges of %s nothing is open to any address', (_, source) => {
    const deployed = new Deployed({ dags: source, networkPolicies: { taskEgress: 'deny' } });
    expect(reaches(deployed, 'worker')).toEqual(['8080 api-server', '443 10.4.0.0/16']);
  });

  test('says which server is known by its name only', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    new Deployed({ dags: dags() });
    expect(warn).not.toHaveBeenCalled();
    new Deployed({ dags: dags(), networkPolicies: { taskEgress: 'deny' } });
    expect(warn.mock.calls.map(([message]) => message)).toEqual(["[chart/airflow] network policies: the server of 'dags' 'git.example.com' is known by its name only, "
      + "so that port 443 is open to any address; give its address ranges as 'cidrs'"]);
    warn.mockRestore();
  });

  test('is one of two words', () => {
    expect(() => new Deployed({ networkPolicies: { taskEgress: 'none' as any } })).toThrow("'networkPolicies.taskEgress' must be 'allow' or 'deny', got \"none\"");
  });
});

test('what is exposed may be open to some alone', () => {
  const exposure = Exposure.ingress({ host: 'airflow.example.com' });
  const controller = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } };
  const ingress = (props: AirflowKubernetesDeploymentProps['networkPolicies']) => new Deployed({ exposure, networkPolicies: props }).find('NetworkPolicy', 'airflow-api-server').spec.ingress;
  expect(ingress({})).toEqual([{ ports: [{ protocol: 'TCP', port: 8080 }] }]);
  const [{ ports, from }] = ingress({ exposedTo: [controller] });
  expect(ports).toEqual([{ protocol: 'TCP', port: 8080 }]);
  expect(from).toEqual([{ podSelector: { matchLabels: expect.objectContaining({ 'app.kubernetes.io/component': 'worker' }) } }, controller]);
  expect(() => ingress({ exposedTo: [] })).toThrow("'networkPolicies.exposedTo' must name who may come");
  expect(() => ingress({ exposedTo: [{}] })).toThrow("'networkPolicies.exposedTo' must name who may come");
  expect(() => ingress({ exposedTo: [{ namespaceSelectr: {} }] })).toThrow("did you mean 'namespaceSelector'?");
  expect(() => new Deployed({ networkPolicies: { exposedTo: [controller] } })).toThrow("'networkPolicies.exposedTo' says who reaches what 'exposure' opens, and there is none");
});

test('what git-sync calls is open to the pods that call it, which task pods are not', () => {
  const deployed = new Deployed({ dags: new GitSyncDags({ repo: 'https://git.example.com/dags.git', webhook: { url: 'https://hooks.example.com:8443/' } }) });
  expect(reaches(deployed, 'dag-processor')).toContain('8443 any');
  expect(reaches(deployed, 'worker')).not.toContain('8443 any');
});

test('a way out at any address for the identity of closed-in code of DAGs is said', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation();
  const role = 'arn:aws:iam::111122223333:role/airflow';
  const make = (taskEgress: 'allow' | 'deny', cidrs?: string[]) => {
    warn.mockClear();
    const cloudIdentity = CloudIdentity.irsa(role, { cidrs });
    new Deployed({ workers: { cloudIdentity }, apiServer: { cloudIdentity }, networkPolicies: { taskEgress } });
    return warn.mock.calls.map(([message]) => String(message)).filter(message => message.includes('sts.'));
  };
  expect(make('deny')).toEqual(["[chart/airflow] network policies: 'sts.amazonaws.com', which 'cloudIdentity' of 'worker' asks, is known by its name only, "
    + "so that port 443 is open to any address; give its address ranges as 'cidrs' of the identity"]);
  expect(make('deny', ['10.0.9.0/24'])).toEqual([]);
  expect(make('allow')).toEqual([]);
});

test('a way out at any address for the Kubernetes API, which closed-in code of DAGs may ask, is said', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation();
  const make = (props: AirflowKubernetesDeploymentProps['networkPolicies'], podLaunching?: PodLaunchingProps) => {
    warn.mockClear();
    new Deployed({ podLaunching, networkPolicies: props });
    return warn.mock.calls.map(([message]) => String(message)).filter(message => message.includes('Kubernetes API'));
  };
  expect(make({ taskEgress: 'deny' }, { deferrable: true })).toEqual(["[chart/airflow] network policies: where the Kubernetes API is that 'triggerer', 'worker' may ask is not known, "
    + "so that its ports are open to any address; give its address ranges as 'networkPolicies.kubernetesApi.cidrs'"]);
  expect(make({ taskEgress: 'deny', kubernetesApi: { cidrs: ['10.0.0.1/32'] } }, {})).toEqual([]);
  expect(make({ taskEgress: 'deny' })).toEqual([]);
  expect(make({}, {})).toEqual([]);
});

test('a server on the port of instance metadata, known by its name only, does not open instance metadata', () => {
  const deployed = new Deployed({ dags: new GitSyncDags({ repo: 'http://git/dags.git' }) });
  for (const component of ['worker', 'dag-processor']) {
    const [rule] = policy(deployed, component).egress.filter(({ ports }: any) => ports?.some(({ port }: any) => port === 80));
    expect(rule.to).toEqual([
      { ipBlock: { cidr: ANY, except: ['169.254.169.254/32'] } }, { ipBlock: { cidr: '::/0', except: ['fd00:ec2::254/128'] } }, { namespaceSelector: {} },
    ]);
    expect(violations(deployed.objects, { external: ['Secret/db'] })).toEqual([]);
  }
});

test('a database outside of the cluster that is known by name only brings a warning, which its ranges, or no policies, take away', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const deploy = (host: string, more: Partial<AirflowKubernetesDeploymentProps> = {}, cidrs?: string[]) =>
    new Deployed({ database: MetadataDatabase.postgres({ host, password: SecretRef.existing('db', 'p'), cidrs }), ...more });
  deploy('pg');
  deploy('pg.databases');
  deploy('pg.databases.svc.cluster.local');
  deploy('10.0.0.1');
  deploy('pg.example.com', {}, ['10.0.0.0/8']);
  deploy('pg.example.com', { networkPolicies: { enabled: false } });
  expect(warn).not.toHaveBeenCalled();
  deploy('pg.example.com');
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn.mock.calls[0][0]).toBe("[chart/airflow] network policies: the database 'pg.example.com' is known by its name only, "
    + "so that port 5432 is open to any address; give its address ranges as 'cidrs'");
  warn.mockRestore();
});

test('with an exposure the user interface is open to everybody, and nothing else is', () => {
  const deployed = new Deployed({ exposure: Exposure.ingress({ host: 'a.example.com' }) });
  expect(callers(deployed, 'api-server')).toEqual([[8080, ['anybody']]]);
  expect(callers(deployed, 'triggerer')).toEqual([[8794, ['api-server']]]);
});

test('under LocalExecutor the scheduler speaks to the API server, which reads its logs', () => {
  const deployed = new Deployed(SHAPES[2][1]());
  expect(callers(deployed, 'api-server')).toEqual([[8080, ['scheduler']]]);
  expect(callers(deployed, 'scheduler')).toEqual([[8793, ['api-server']]]);
});

test('the Kubernetes API can be narrowed, and all policies switched off', () => {
  const narrow = new Deployed({ networkPolicies: { enabled: true, kubernetesApi: { cidrs: ['10.0.0.1/32'], ports: [6443] } } });
  expect(reaches(narrow, 'scheduler')).toEqual(['6443 10.0.0.1/32', '5432 any']);
  const off = new Deployed({ networkPolicies: { enabled: false } });
  expect(off.objects.filter(({ kind }) => kind === 'NetworkPolicy')).toEqual([]);
  expect(off.airflow.scheduler.networkPolicy).toBeUndefined();
});

test('policies select pods of our components only, each by name, instance and component', () => {
  const deployed = new Deployed();
  const selectors = deployed.objects.filter(({ kind }) => kind === 'NetworkPolicy').map(({ spec }) => Object.keys(spec.podSelector.matchLabels));
  expect(selectors).toHaveLength(7);
  selectors.forEach(keys => expect(keys.sort()).toEqual(['app.kubernetes.io/component', 'app.kubernetes.io/instance', 'app.kubernetes.io/name']));
});

describe('further rules', () => {
  const ldap = { to: [{ ipBlock: { cidr: '10.9.0.1/32' } }], ports: [{ port: 636, protocol: 'TCP' }] };
  const probes = { from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'probes' } } }], ports: [{ port: 8974 }] };

  test('are added to those of the component, and of no other', () => {
    const deployed = new Deployed({ networkPolicies: { extraEgress: { 'api-server': [ldap], 'worker': [ldap] }, extraIngress: { scheduler: [probes] } } });
    const plain = new Deployed();
    for (const { metadata, spec } of plain.objects.filter(({ kind }) => kind === 'NetworkPolicy')) {
      const component = metadata.name.replace('airflow-', '');
      const more = { egress: ['api-server', 'worker'].includes(component) ? [ldap] : [], ingress: component === 'scheduler' ? [probes] : [] };
      expect(policy(deployed, component).egress).toEqual([...spec.egress, ...more.egress]);
      expect(policy(deployed, component).ingress ?? []).toEqual([...spec.ingress ?? [], ...more.ingress]);
    }
  });

  test('bring names, too, to a component that would else resolve none', () => {
    const deployed = new Deployed({ monitoring: { statsd: {} }, networkPolicies: { extraEgress: { statsd: [ldap] } } });
    expect(policy(deployed, 'statsd').egress.map((rule: any) => rule.ports[0].port)).toEqual([53, 636]);
  });

  test.each<[string, any, string]>([
    ['a component that is not there', { extraEgress: { webserver: [ldap] } }, "'networkPolicies.extraEgress' names 'webserver', which is no component of this deployment"],
    ['a component that is misspelt', { extraIngress: { schedular: [] } }, "did you mean 'scheduler'?"],
    ['a rule that is none', { extraEgress: { scheduler: [{ from: [] }] } }, 'networkPolicies.extraEgress.scheduler[0]'],
    ['a prop that is misspelt', { extraEgres: {} }, "networkPolicies: unknown prop 'extraEgres'; did you mean 'extraEgress'"],
  ])('fail for %s', (_, networkPolicies, message) => {
    expect(() => new Deployed({ networkPolicies })).toThrow(message);
  });
});
