import { JobTask, PodTask, PodTaskProps } from '../../src';
import { WARNING_METADATA } from '../../src/private/warnings';
import { chart, synth } from '../util';

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => jest.restoreAllMocks());

const task = (props: Partial<PodTaskProps>) => new PodTask(chart(), 'task', { image: 'busybox:1', ...props });
const warnings = (props: Partial<PodTaskProps>) => task(props).node.metadata.filter(({ type }) => type === WARNING_METADATA).map(({ data }) => data);

const containerResources = { limits: { cpu: '1', memory: '1Gi' } };

test('the class of service is known', () => {
  expect(task({}).qosClass).toBe('BestEffort');
  expect(task({ containerResources: { requests: { cpu: '1' } } }).qosClass).toBe('Burstable');
  expect(task({ containerResources }).qosClass).toBe('Guaranteed');
  expect(task({ containerResources, doXcomPush: true }).qosClass).toBe('Burstable');
});

test('tasks that ask for nothing are told of once in an app', () => {
  const scope = chart();
  const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(id => new (id === 'd' ? JobTask : PodTask)(scope, id, { image: 'busybox:1', ...(id === 'b' ? { containerResources } : {}) }));
  new PodTask(scope, 'h', { image: 'busybox:1', containerResources: { limits: { memory: '{{ params.memory }}' } } });
  synth(scope);
  const found = all.map(({ node }) => node.metadata.filter(({ type }) => type === WARNING_METADATA).map(({ data }) => data));
  expect(found).toEqual([["tasks 'a', 'c', 'd', 'e', 'f' and 1 more ask for neither CPU nor memory: BestEffort pods are the first that Kubernetes ends on a node "
    + "that runs out of memory; set 'containerResources'"], [], [], [], [], [], []]);
});

test('an XCom sidecar that takes the guarantee away is told of', () => {
  expect(warnings({ containerResources, doXcomPush: true })).toEqual(["the XCom sidecar has no limits, so that the pod of task 'task' is Burstable and not "
    + "Guaranteed: give the container 'airflow-xcom-sidecar' limits by 'podOverride', or take xcomMode 'termination', which has no sidecar"]);
  const small = { cpu: '10m', memory: '16Mi' };
  const podOverride = { spec: { initContainers: [{ name: 'airflow-xcom-sidecar', resources: { limits: small, requests: small } }] } };
  expect(warnings({ containerResources, doXcomPush: true, podOverride })).toEqual([]);
  expect(warnings({ containerResources, doXcomPush: true, xcomMode: 'termination', cmds: ['x'] })).toEqual([]);
  expect(warnings({ doXcomPush: true })).toEqual([]);
});

const REPAIR = (name: string) => `which everybody sees who may read pods; name a Secret: secrets: [{ deployType: 'env', deployTarget: '${name}', `
  + "secret: '…', key: '…' }]; where it is none, write it into 'podOverride'";

test.each<[string, Partial<PodTaskProps>, string]>([
  ['a password', { envVars: { DB_PASSWORD: 'hunter2' } }, `the variable 'DB_PASSWORD' holds a credential, by its name, ${REPAIR('DB_PASSWORD')}`],
  ['a token in a list', { envVars: [{ name: 'api_token', value: 'x' }] }, "the variable 'api_token' holds a credential, by its name"],
  ['a URL', { envVars: { CONN: 'postgres://me:secret@db/x' } }, "the variable 'CONN' holds a URL with a password"],
  ['a URL as an argument', { arguments: ['--db', 'postgres://me:secret@db/x'] }, `'arguments[1]' holds a URL with a password, ${REPAIR('NAME')}`],
  ['a key in a script', { cmds: ['sh', '-c', 'export K=AKIAABCDEFGHIJKLMNOP'] }, "'cmds[2]' holds an AWS access key"],
])('refused as a literal: %s', (_, props, expected) => {
  expect(() => task(props)).toThrow(`[chart/task] ${expected}`);
  expect(() => task({ ...props, hardening: false })).not.toThrow();
});

test('references, files and Jinja are no literals', () => {
  task({ envVars: { DB_PASSWORD: '$(OTHER)', TOKEN: '{{ var.value.token }}', SECRET: '/run/secret', API_KEY: '' } });
  task({ envVars: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] });
  task({ podOverride: { spec: { containers: [{ name: 'base', env: [{ name: 'NEXT_TOKEN', value: 'x' }] }] } } });
});
