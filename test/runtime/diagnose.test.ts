import { pod } from './pods';
import { diagnoseEnd, diagnoseError } from '../../src/runtime/diagnose';
import { ApiError, ConnectionError } from '../../src/runtime/errors';

const create = { verb: 'create', resource: 'pods', namespace: 'n' };
const refused = (status: number, message: string, reason = 'Forbidden') => diagnoseError(new ApiError(create, status, reason, message), pod());

// The server's own words, as Kubernetes 1.34 says them.
test.each([
  [403, 'pods is forbidden: User "u" cannot create resource "pods" in API group "" in the namespace "n"', 'forbidden', 'Forbidden', "verb 'create' on 'pods' in namespace 'n'"],
  [401, 'Unauthorized', 'forbidden', 'Forbidden', 'log in again'],
  [403, 'pods "p" is forbidden: exceeded quota: none, requested: pods=1, used: pods=0, limited: pods=0', 'quota', 'QuotaExceeded', 'kubectl describe resourcequota -n n'],
  [403, 'pods "p" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true', 'config', 'PodSecurity', "'hardening'"],
  [403, 'pods "p" is forbidden: error looking up service account n/x: serviceaccount "x" not found', 'config', 'ServiceAccountNotFound', 'create the service account'],
  [403, 'pods "p" is forbidden: unable to create new content in namespace n because it is being terminated', 'infra-before-start', 'NamespaceTerminating', 'another namespace'],
  [400, 'admission webhook "validate.kyverno.svc" denied the request: no latest tag', 'config', 'AdmissionDenied', 'policy'],
  [404, 'namespaces "n" not found', 'config', 'NamespaceNotFound', 'kubectl create namespace n'],
  [422, 'Pod "p" is invalid: spec.containers[0].image: Required value', 'config', 'Forbidden', 'the fields that the message names'],
  [503, 'etcd is away', 'unreachable', 'Forbidden', 'run again later'],
])('%d %s', (status, message, failure, reason, nextStep) => {
  expect(refused(status, message)).toEqual({
    failure, reason, message: `cannot create pods in namespace 'n': ${message}`, nextStep: expect.stringContaining(nextStep),
  });
});

const end = { failure: 'config', reason: 'CreateContainerConfigError', message: '', exitCode: null, container: 'base' } as const;

test.each([
  ['secret "absent" not found', 'create it: kubectl create secret generic absent -n n --from-literal=KEY=VALUE, or correct the name in the task'],
  ['configmap "absent" not found', 'create it: kubectl create configmap absent -n n --from-literal=KEY=VALUE, or correct the name in the task'],
  ["couldn't find key k in Secret n/s", "add the key 'k' to Secret 's' in namespace 'n', or correct the key's name"],
  ['container has runAsNonRoot and image will run as root', "the image runs as root: set 'runAsUser' in the security context to a number other than 0"],
])('a container that cannot be made: %s', (message, nextStep) => {
  expect(diagnoseEnd({ ...end, message }, pod(), [], null).nextStep).toBe(nextStep);
});

test('a start-up timeout that comes from a missing Secret is said to', () => {
  const timeout = { ...end, failure: 'timeout', reason: 'StartupTimeout', message: 'late' } as const;
  expect(diagnoseEnd(timeout, pod(), ['FailedMount: MountVolume.SetUp failed for volume "v" : secret "absent" not found'], null)).toMatchObject({
    failure: 'config', reason: 'FailedMount', nextStep: expect.stringContaining('kubectl create secret generic absent'),
  });
  expect(diagnoseEnd(timeout, pod(), ['FailedCreatePodSandBox: no network'], null)).toMatchObject({ failure: 'timeout', nextStep: expect.stringContaining('the events say') });
});

test.each([
  ['Failed: Failed to pull image "x:1": not found', 'image', 'ErrImagePull', 'check that image'],
  ['Failed: Error: secret "absent" not found', 'config', 'Failed', 'kubectl create secret generic absent'],
  ["Failed: Error: couldn't find key k in ConfigMap n/c", 'config', 'Failed', "add the key 'k' to ConfigMap 'c'"],
  ['Evil: nobody knows', 'timeout', 'StartupTimeout', 'the events say what it waits for'],
])('a start-up timeout after the event %s', (event, failure, reason, step) => {
  const timeout = { ...end, failure: 'timeout', reason: 'StartupTimeout', message: 'late' } as const;
  const found = diagnoseEnd(timeout, pod(), ['Other: x', event], null);
  expect(found).toMatchObject({ failure, reason, nextStep: expect.stringContaining(step) });
  expect(found.message).toContain(event.replace(/^\w+: /, ''));
});

test('a claim that is missing is named where no node takes the pod for it', () => {
  const capacity = { ...end, failure: 'capacity', reason: 'Unschedulable', message: 'no node took the pod within 3 s: persistentvolumeclaim "data" not found' } as const;
  expect(diagnoseEnd(capacity, pod(), [], null).nextStep).toContain("create it in namespace 'n'");
});

describe('a label that no node has', () => {
  const said = "no node took the pod within 3 s: 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.";
  const capacity = (message = said) => ({ ...end, failure: 'capacity', reason: 'Unschedulable', message } as const);
  const picky = { ...pod(), spec: { ...pod().spec, nodeSelector: { pool: 'gpus' } } };
  const node = (taints: any[] = []) => ({ name: 'n', labels: { pool: 'gpu' }, taints });
  const message = (...[failed, asked, nodes]: [any, any, any?]) => diagnoseEnd(failed, asked, [], null, nodes).message;

  test('is named, with the nearest one', () => {
    expect(message(capacity(), picky, [node()])).toBe(`${said.slice(0, -1)}; no node has the label pool=gpus of 'nodeSelector'; did you mean 'gpu'?`);
  });

  test('is among those that are asked for, where nobody may see the nodes', () => {
    expect(message(capacity(), picky)).toBe(`${said.slice(0, -1)}; it asks for a node with pool=gpus: kubectl get nodes --show-labels`);
  });

  test('is no matter where something else is missing', () => {
    expect(message(capacity('0/1 nodes are available: 1 Insufficient cpu.'), picky, [node()])).toBe('0/1 nodes are available: 1 Insufficient cpu.');
    expect(message(capacity(), { ...picky, spec: { ...picky.spec, nodeSelector: { pool: 'gpu' } } }, [node()])).toBe(said);
  });

  test('a taint is named as well', () => {
    const tainted = capacity('0/1 nodes are available: 1 node(s) had untolerated taint {gpu: yes}.');
    expect(message(tainted, pod(), [node([{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }])])).toContain("; 'n' has the taint gpu=yes:NoSchedule, which it does not tolerate");
  });
});

test('the memory limit and the program\'s last words are named', () => {
  const limited = pod({}, {}, { containers: [{ name: 'base', resources: { limits: { memory: '24Mi' } } }] });
  expect(diagnoseEnd({ ...end, failure: 'app', reason: 'OOMKilled' }, limited, [], null).nextStep).toContain('(now 24Mi)');
  expect(diagnoseEnd({ ...end, failure: 'app', reason: 'Error', message: 'exit code 3' }, pod(), [], 'Traceback\nValueError: x\n').message).toBe('exit code 3: ValueError: x');
});

test('credentials that cannot be had any more are no connection', () => {
  expect(diagnoseError(new ConnectionError('the plugin ended with 1', 'log in'), pod())).toEqual({ failure: 'unreachable', reason: 'NoConnection', message: 'the plugin ended with 1', nextStep: 'log in' });
});

test('what nobody foresaw is told as it is', () => {
  expect(diagnoseError(new TypeError('x is not a function'), pod())).toMatchObject({ failure: 'unknown', reason: 'TypeError', message: 'x is not a function' });
});

test("the image of the XCom's container is said to be that", () => {
  const task = pod();
  const sidecar = { name: 'airflow-xcom-sidecar', image: 'alpine:3' };
  const missing = { failure: 'image', reason: 'ErrImagePull', message: 'no such host', exitCode: null, container: 'airflow-xcom-sidecar' } as const;
  expect(diagnoseEnd(missing, { ...task, spec: { ...task.spec, initContainers: [sidecar] } }, [], null).nextStep).toBe(
    "'alpine:3' is the image of the XCom's container 'airflow-xcom-sidecar': put it where the node may pull it, and name it in 'xcomSidecarContainerImage' of the task");
});
