import { IncomingMessage } from 'node:http';
import * as https from 'node:https';
import { AddressInfo } from 'node:net';
import { CreateResourceTask, DeleteJobTask, DeleteResourceTask, PatchJobTask } from '../../src';
import { Manifest } from '../../src/pod/manifest';
import { KubernetesApi } from '../../src/runtime/api';
import { Engine } from '../../src/runtime/engine';
import { plan } from '../../src/runtime/plan';
import { TaskResult } from '../../src/runtime/result';
import { Transport } from '../../src/runtime/transport';
import { certificate } from '../../src/testing/certificate';
import { chart, synth } from '../util';

type Answer = readonly [status: number, body?: any];

const pem = certificate();
let server: https.Server;
/** What the server answers to a request, the last one again and again. */
let answers: { [request: string]: Answer[] };
let requests: string[];
let transport: Transport;

beforeAll(async () => {
  server = https.createServer({ key: pem.key, cert: pem.cert }, (request: IncomingMessage, response) => {
    const line = `${request.method} ${request.url}`;
    if (line !== 'GET /version') { requests.push(line); }
    const list = answers[line] ?? [[404, { kind: 'Status', reason: 'NotFound', message: 'not found' }]];
    const [status, body = { kind: 'Status', message: `answer ${status}` }] = list.length > 1 ? list.shift()! : list[0];
    request.resume();
    response.writeHead(status, status === 429 ? { 'retry-after': '0' } : {}).end(JSON.stringify(body));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => { server.close(); server.closeAllConnections(); });
beforeEach(() => {
  requests = [];
  jest.spyOn(Math, 'random').mockReturnValue(0);
  jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  transport = new Transport({ server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca: pem.cert }, { userAgent: 'test/1' });
});
afterEach(() => { transport.close(); jest.restoreAllMocks(); });

const JOB = '/apis/batch/v1/namespaces/n/jobs/j';
const MAPS = '/api/v1/namespaces/n/configmaps';
const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\n';
const V1: Answer = [200, { resources: [{ name: 'configmaps', kind: 'ConfigMap', namespaced: true }] }];
const OVERTAKEN: Answer = [409, { kind: 'Status', reason: 'Conflict', message: 'Operation cannot be fulfilled on jobs "j": the object has been modified; please apply your changes to the latest version and try again' }];
const EXISTS: Answer = [409, { kind: 'Status', reason: 'AlreadyExists', message: 'configmaps "made" already exists' }];
const job: Manifest = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j', namespace: 'n', uid: 'u' } };
const own = { metadata: { name: 'made', annotations: { 'cdk8s-airflow/run-id': 'r', 'cdk8s-airflow/task-id': 'task' } } };

type Action = 'patch' | 'delete' | 'create' | 'remove';

async function act(action: Action, given: typeof answers, name = 'j', yamlConf = CONFIG_MAP): Promise<TaskResult> {
  answers = { 'GET /version': [[200, { major: '1', minor: '34', gitVersion: 'v1.34.0' }]], 'GET /api/v1': [V1], ...given };
  const scope = chart();
  switch (action) {
    case 'patch': new PatchJobTask(scope, 'task', { name, body: { spec: { suspend: false } }, retries: 1 }); break;
    case 'delete': new DeleteJobTask(scope, 'task', { name, retries: 1 }); break;
    case 'create': new CreateResourceTask(scope, 'task', { yamlConf, retries: 1 }); break;
    case 'remove': new DeleteResourceTask(scope, 'task', { yamlConf, retries: 1 }); break;
  }
  const { tasks: [result] } = await new Engine({
    plan: plan(synth(scope)), api: new KubernetesApi(transport), runId: 'r', namespaceOf: () => 'n', logs: false, concurrency: 1, emit: () => undefined,
  }).run();
  return result;
}

test.each<[string, Action, typeof answers, string[]]>([
  ['a change', 'patch', { [`PATCH ${JOB}`]: [[503], [429], OVERTAKEN, [200, job]] }, [`PATCH ${JOB}`, `PATCH ${JOB}`, `PATCH ${JOB}`, `PATCH ${JOB}`]],
  ['a deletion', 'delete', { [`GET ${JOB}`]: [[500], [200, job]], [`DELETE ${JOB}`]: [[429], [200, {}]] }, [`GET ${JOB}`, `GET ${JOB}`, `DELETE ${JOB}`, `DELETE ${JOB}`]],
  ['the deletion of what is gone', 'delete', {}, [`GET ${JOB}`]],
  ['the deletion of what is made anew meanwhile', 'delete', { [`GET ${JOB}`]: [[200, job]], [`DELETE ${JOB}`]: [[409, { kind: 'Status', reason: 'Conflict', message: 'Precondition failed' }]] },
    [`GET ${JOB}`, `DELETE ${JOB}`]],
  ['a creation', 'create', { [`POST ${MAPS}`]: [[502], OVERTAKEN, [201, {}]] }, ['GET /api/v1', `POST ${MAPS}`, `POST ${MAPS}`, `POST ${MAPS}`]],
  ['a creation whose answer was lost', 'create', { [`POST ${MAPS}`]: [[504], EXISTS], [`GET ${MAPS}/made`]: [[200, own]] }, ['GET /api/v1', `POST ${MAPS}`, `POST ${MAPS}`, `GET ${MAPS}/made`]],
  ['a removal', 'remove', { [`DELETE ${MAPS}/made`]: [[503], [200, {}]] }, ['GET /api/v1', `DELETE ${MAPS}/made`, `DELETE ${MAPS}/made`]],
  ['the removal of what is gone', 'remove', {}, ['GET /api/v1', `DELETE ${MAPS}/made`]],
])('%s comes through', async (_, action, given, expected) => {
  expect(await act(action, given)).toMatchObject({ state: 'success', attempts: 1, failure: null });
  expect(requests).toEqual(expected);
});

test.each<[string, Action, typeof answers, string, string, string[]]>([
  ['a change of what is not there', 'patch', {}, 'config', 'not found', [`PATCH ${JOB}`]],
  ['a change that is refused', 'patch', { [`PATCH ${JOB}`]: [[422, { kind: 'Status', reason: 'Invalid', message: 'field is immutable' }]] }, 'config', 'field is immutable', [`PATCH ${JOB}`]],
  ['a creation of what somebody else made', 'create', { [`POST ${MAPS}`]: [EXISTS], [`GET ${MAPS}/made`]: [[200, { metadata: { name: 'made' } }]] }, 'config', 'already exists',
    ['GET /api/v1', `POST ${MAPS}`, `GET ${MAPS}/made`]],
  ['what may not be done', 'delete', { [`GET ${JOB}`]: [[403, { kind: 'Status', reason: 'Forbidden', message: 'jobs.batch "j" is forbidden: User "u" cannot get resource "jobs"' }]] },
    'forbidden', 'is forbidden', [`GET ${JOB}`]],
])('%s fails at once', async (_, action, given, failure, message, expected) => {
  expect(await act(action, given)).toMatchObject({ state: 'failed', failure, message: expect.stringContaining(message), nextStep: expect.any(String) });
  expect(requests).toEqual(expected);
});

const THINGS = '/apis/example.com/v1';
const CRDS = '/apis/apiextensions.k8s.io/v1';
const THING = 'apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\n';
const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec: {group: example.com, names: {kind: Thing}, versions: [{name: v1, served: true}, {name: v0, served: false}]}
`;
const known: typeof answers = {
  [`GET ${CRDS}`]: [[200, { resources: [{ name: 'customresourcedefinitions', kind: 'CustomResourceDefinition', namespaced: false }] }]],
  [`POST ${CRDS}/customresourcedefinitions`]: [[201, {}]],
};

test.each([
  ['and an object of its kind', `${CRD}---\n${THING}`, [`POST ${THINGS}/namespaces/n/things`]],
  ['alone', CRD, []],
])('a CustomResourceDefinition %s is made when its kinds are there', async (_, yaml, more) => {
  const given: typeof answers = {
    ...known, [`GET ${THINGS}`]: [[404], [200, { resources: [] }], [200, { resources: [{ name: 'things', kind: 'Thing', namespaced: true }] }]], [`POST ${THINGS}/namespaces/n/things`]: [[201, {}]],
  };
  expect(await act('create', given, 'j', yaml)).toMatchObject({ state: 'success', object: { kind: 'CustomResourceDefinition', name: 'things.example.com' } });
  expect(requests).toEqual([`GET ${CRDS}`, `POST ${CRDS}/customresourcedefinitions`, `GET ${THINGS}`, `GET ${THINGS}`, `GET ${THINGS}`, ...more]);
});

test('a kind that does not come with its CustomResourceDefinition is not waited for without end', async () => {
  jest.spyOn(performance, 'now').mockImplementation((() => { let at = 0; return () => at += 4_000; })());
  expect(await act('create', known, 'j', CRD)).toMatchObject({
    failure: 'config',
    message: "the cluster has no kind 'Thing' in example.com/v1 10 s after its CustomResourceDefinition 'things.example.com' was made",
    nextStep: 'kubectl describe crd things.example.com says why',
  });
});

test.each<[string, string, string, string[]]>([
  ['a kind of Kubernetes', `${CONFIG_MAP}---\napiVersion: v1\nkind: Secrte\nmetadata: {name: a}`, "the cluster has no kind 'Secrte' in v1", ['GET /api/v1']],
  ['a group with a dot', `${CONFIG_MAP}---\n${THING}`, "the cluster has no kind 'Thing' in example.com/v1", ['GET /api/v1', `GET ${THINGS}`]],
  ['a definition that comes later', `${THING}---\n${CRD}`, "the cluster has no kind 'Thing' in example.com/v1", [`GET ${THINGS}`]],
  ['another kind than the definition brings', `${CRD}---\n${THING.replace('Thing', 'Thingy')}`, "the cluster has no kind 'Thingy' in example.com/v1", [`GET ${CRDS}`, `GET ${THINGS}`]],
  ['a version that is not served', `${CRD}---\n${THING.replace('v1', 'v0')}`, "the cluster has no kind 'Thing' in example.com/v0", [`GET ${CRDS}`, 'GET /apis/example.com/v0']],
])('nothing is made and nothing waited for where the cluster does not have %s', async (_, yaml, message, expected) => {
  expect(await act('create', known, 'j', yaml)).toMatchObject({ state: 'failed', failure: 'config', message });
  expect(requests).toEqual(expected);
});

test('nothing is deleted and nothing waited for where the cluster does not have a kind', async () => {
  expect(await act('remove', {}, 'j', `${CONFIG_MAP}---\n${THING}`)).toMatchObject({ state: 'failed', failure: 'config', message: "the cluster has no kind 'Thing' in example.com/v1" });
  expect(requests).toEqual(['GET /api/v1', `GET ${THINGS}`]);
});

test.each([
  ['hello', "'yamlConf' is no Kubernetes manifest: it needs 'apiVersion' and 'kind'"],
  [`${CONFIG_MAP}---\n{a: [}`, /^'yamlConf', document 2 is not valid YAML: /],
  [' ', "'yamlConf' holds no object"],
  ['apiVersion: v1\nkind: ConfigMap', "an object of kind 'ConfigMap' in 'yamlConf' has no 'metadata.name'"],
])('a yamlConf that a template makes %j is named in the error', async (yaml, message) => {
  const text = yaml.replace(/\n/g, '\\n');
  expect(await act('create', {}, 'j', `{{ "${text}" }}`)).toMatchObject({ failure: 'config', message: typeof message === 'string' ? message : expect.stringMatching(message) });
});

test.each(['', '..', 'j/status'])('a name that a template makes %j changes nothing else', async text => {
  for (const action of ['delete', 'patch'] as const) {
    expect(await act(action, {}, `{{ '${text}' }}`)).toMatchObject({ state: 'failed', failure: 'config', message: `"${text}" is no name of an object or a namespace` });
  }
  expect(requests).toEqual([]);
});
