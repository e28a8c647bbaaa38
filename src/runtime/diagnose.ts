import { CallbackError } from './callbacks';
import { ApiError, CancelledError, ConnectionError, LostPodError, ManifestError, RuntimeError, Stopped, UnreachableError, XComError } from './errors';
import { PodEnd } from './reducer';
import { FailureClass } from './result';
import { Manifest } from '../pod/manifest';
import { NodeKind, unplaceable, wantedLabels } from '../pod/placement';
import { XCOM_SIDECAR_NAME } from '../pod/xcom';

/** Why a task did not succeed, for people and for programs. */
export interface Diagnosis {
  readonly failure: FailureClass;
  readonly reason: string;
  readonly message: string;
  readonly nextStep: string;
}

/** What the end of a pod means, with what its Warning events (`reason: message`) add. */
export function diagnoseEnd(
  end: PodEnd & { failure: FailureClass }, pod: Manifest, events: string[], terminationMessage: string | null, nodes?: readonly NodeKind[],
): Diagnosis {
  if (end.reason === 'StartupTimeout' && events.length > 0) { return diagnoseTimeout(end, pod, events); }
  const said = end.failure === 'app' && terminationMessage ? `: ${terminationMessage.trim().split('\n').at(-1)!.slice(0, 300)}` : '';
  const why = end.failure === 'capacity' && !/: /.test(end.message!) ? events.filter(event => event.startsWith('FailedScheduling: ')).at(-1)?.replace(/^\w+/, '') ?? '' : '';
  const message = `${end.message}${said}${why}`;
  const asked = end.failure === 'capacity' ? unmatched(message, pod, nodes) : '';
  return { failure: end.failure, reason: end.reason!, message: asked === '' ? message : `${message.replace(/\.$/, '')}; ${asked}`, nextStep: nextStep(end, pod, events) };
}

/** What the scheduler does not say: which label or taint keeps a pod from the nodes; where nobody may see them, which labels it asks for. */
function unmatched(message: string, { spec }: Manifest, nodes?: readonly NodeKind[]): string {
  if (!/node affinity|node selector|untolerated taint/.test(message)) { return ''; }
  const reason = nodes && unplaceable(spec, nodes, true);
  const wanted = wantedLabels(spec);
  return reason ? reason : nodes || wanted.length === 0 ? '' : `it asks for a node with ${wanted.join(', ')}: kubectl get nodes --show-labels`;
}

/** A start-up that took too long, by what the events say it waited for. */
function diagnoseTimeout(end: PodEnd, pod: Manifest, events: string[]): Diagnosis {
  const mount = missingMount(events);
  if (mount) { return { failure: 'config', reason: 'FailedMount', message: mount, nextStep: missingObject(mount, pod) ?? 'check the volumes of the task' }; }
  const image = events.filter(event => /^\w+: (?:Failed to pull image|Back-off pulling image|Failed to inspect image)/.test(event)).at(-1);
  const object = events.filter(event => missingObject(event, pod) !== undefined).at(-1);
  const [reason, message] = splitEvent(image ?? object ?? events.at(-1)!);
  if (image) { return { failure: 'image', reason: 'ErrImagePull', message, nextStep: nextStep({ ...end, failure: 'image', reason: 'ErrImagePull' }, pod, events) }; }
  if (object) { return { failure: 'config', reason, message, nextStep: missingObject(message, pod)! }; }
  return { failure: 'timeout', reason: end.reason!, message: `${end.message}; last event: ${reason}: ${message}`, nextStep: nextStep(end, pod, events) };
}

/** The reason and the message of an event. */
function splitEvent(event: string): [string, string] {
  const colon = event.indexOf(': ');
  return [event.slice(0, colon), event.slice(colon + 2)];
}

/** The event that says which Secret, ConfigMap or claim a volume waits for; undefined where none does. */
export function missingMount(events: string[]): string | undefined {
  return events.filter(event => /^FailedMount: .*(?:secret|configmap|persistentvolumeclaim)\b.*(?:not found|non-existent)/i.test(event)).at(-1)?.replace('FailedMount: ', '');
}

/** What a stop from outside means for the task. */
export function diagnoseStop({ why, message }: Pick<Stopped, 'why' | 'message'>): Diagnosis {
  return why === 'timeout'
    ? { failure: 'timeout', reason: 'RunTimeout', message, nextStep: "raise '--timeout'" }
    : { failure: 'cancelled', reason: 'Cancelled', message, nextStep: "run again; with the same '--run-id' finished tasks are not repeated" };
}

/** What an error on our own side means for the task. */
export function diagnoseError(error: unknown, pod: Manifest): Diagnosis {
  const known = error instanceof RuntimeError ? error : undefined;
  const message = (error as Error).message;
  if (error instanceof CallbackError) { return { failure: 'app', reason: 'CallbackError', message, nextStep: error.nextStep! }; }
  if (error instanceof XComError) { return { failure: 'xcom', reason: error.reason, message, nextStep: error.nextStep ?? 'run the task again' }; }
  if (error instanceof ManifestError) { return { failure: 'config', reason: 'InvalidManifest', message, nextStep: error.nextStep ?? 'correct the manifest' }; }
  if (error instanceof LostPodError) { return { failure: 'infra-after-start', reason: 'PodDeleted', message, nextStep: error.nextStep! }; }
  if (error instanceof UnreachableError) {
    return { failure: 'unreachable', reason: 'Unreachable', message, nextStep: error.nextStep ?? "run again with the same '--run-id': what was started is taken up" };
  }
  if (error instanceof ConnectionError) { return { failure: 'unreachable', reason: 'NoConnection', message, nextStep: error.nextStep ?? 'check the kubeconfig' }; }
  if (error instanceof CancelledError) {
    const stop = diagnoseStop({ why: error.why, message });
    return { ...stop, nextStep: error.nextStep ?? stop.nextStep };
  }
  if (error instanceof ApiError) { return diagnoseRefusal(error, pod); }
  return { failure: 'unknown', reason: (error as Error).name, message, nextStep: known?.nextStep ?? 'report this: the runner did not expect it' };
}

function diagnoseRefusal(error: ApiError, pod: Manifest): Diagnosis {
  const { serverMessage, status, message } = error;
  const namespace = pod.metadata.namespace;
  const config = (reason: string, step: string): Diagnosis => ({ failure: 'config', reason, message, nextStep: step });
  if (error.lacksRight) { return { failure: 'forbidden', reason: error.reason || 'Forbidden', message, nextStep: error.grant }; }
  if (error.exceedsQuota) {
    return { failure: 'quota', reason: 'QuotaExceeded', message, nextStep: `lower the task's requests and limits, wait, or ask for more: kubectl describe resourcequota -n ${namespace}` };
  }
  if (/violates PodSecurity/.test(serverMessage)) {
    return config('PodSecurity', "leave 'hardening' on, and remove from the task what the message names; or run it in a namespace with a weaker Pod Security level");
  }
  if (/is being terminated/.test(serverMessage)) {
    return { failure: 'infra-before-start', reason: 'NamespaceTerminating', message, nextStep: `use another namespace: '${namespace}' is being deleted` };
  }
  if (/admission webhook .* denied/.test(serverMessage)) { return config('AdmissionDenied', 'change the task so that this policy of the cluster allows it'); }
  if (/serviceaccount .* not found/.test(serverMessage)) { return config('ServiceAccountNotFound', `create the service account in namespace '${namespace}', or correct 'serviceAccountName'`); }
  const missing = status === 404 && /namespaces? "([^"]+)"/.exec(serverMessage);
  if (missing) { return config('NamespaceNotFound', `create it: kubectl create namespace ${missing[1]}`); }
  if (status === 404 && /could not find the requested resource|404 page not found/.test(serverMessage)) {
    return config('UnknownKind', `install what brings ${pod.kind} (${pod.apiVersion}) to the cluster: kubectl api-resources lists what it knows`);
  }
  if (status === 422 || status === 400) { return config(error.reason || 'Invalid', 'correct the fields that the message names'); }
  if (status === 403) { return config(error.reason || 'Forbidden', 'change the task so that the cluster admits it'); }
  return { failure: status >= 500 || status === 429 ? 'unreachable' : 'unknown', reason: error.reason || `HTTP ${status}`, message, nextStep: 'run again later; what was started is taken up under the same run id' };
}

function nextStep(end: PodEnd, pod: Manifest, events: string[]): string {
  const container = [...pod.spec.containers, ...pod.spec.initContainers ?? []].find((c: any) => c.name === end.container) ?? pod.spec.containers[0];
  switch (end.failure) {
    case 'image':
      if (container.name === XCOM_SIDECAR_NAME) {
        return `'${container.image}' is the image of the XCom's container '${container.name}': put it where the node may pull it, and name it in 'xcomSidecarContainerImage' of the task`;
      }
      if (end.reason === 'ErrImageNeverPull') { return `put image '${container.image}' on the node, or set imagePullPolicy 'IfNotPresent'`; }
      if (end.reason === 'InvalidImageName') { return `correct the image name '${container.image}'`; }
      return `check that image '${container.image}' exists and that the node may pull it; a private registry needs 'imagePullSecrets'`;
    case 'config':
      if (end.reason === 'StartError' || end.reason === 'ContainerCannotRun') { return "check 'cmds': the program must exist in the image and be executable"; }
      return missingObject(end.message ?? '', pod) ?? (/runAsNonRoot|non-root/.test(end.message ?? '')
        ? "the image runs as root: set 'runAsUser' in the security context to a number other than 0"
        : `see 'kubectl describe pod' and correct the task's container '${container.name}'`);
    case 'capacity':
      return missingObject(end.message ?? '', pod) ?? "correct 'nodeSelector', 'affinity', 'tolerations' or the requests in 'containerResources', or add nodes; 'startupTimeoutSeconds' sets how long to wait";
    case 'timeout':
      return end.reason === 'DeadlineExceeded' ? "raise 'activeDeadlineSeconds', or make the task faster"
        : `${events.length > 0 ? 'the events say what it waits for; ' : ''}raise 'startupTimeoutSeconds' if the start simply takes longer`;
    case 'app':
      if (end.reason === 'OOMKilled') {
        const limit = container.resources?.limits?.memory;
        return `raise the memory limit in 'containerResources'${limit ? ` (now ${limit})` : ''}, or let the task use less`;
      }
      return 'read the last log lines; the exit code is the program\'s own';
    case 'infra-before-start':
    case 'infra-after-start':
      return `run the task again, or set 'retries'${end.reason === 'PodDeleted' ? '; somebody or something deleted its pod' : ''}`;
    default:
      return 'read the evidence';
  }
}

/** How to make what a message says is not there. */
function missingObject(message: string, pod: Manifest): string | undefined {
  const namespace = pod.metadata.namespace;
  const key = /couldn't find key (\S+) in (Secret|ConfigMap) (?:\S+\/)?([^\s/]+)/.exec(message);
  if (key) { return `add the key '${key[1]}' to ${key[2]} '${key[3]}' in namespace '${namespace}', or correct the key's name`; }
  const object = /(secret|configmap|persistentvolumeclaim) "([^"]+)" not found/i.exec(message);
  if (!object) { return undefined; }
  const create: { [kind: string]: string } = { secret: `kubectl create secret generic ${object[2]} -n ${namespace} --from-literal=KEY=VALUE`, configmap: `kubectl create configmap ${object[2]} -n ${namespace} --from-literal=KEY=VALUE` };
  const kind = object[1].toLowerCase();
  return `create it${create[kind] ? `: ${create[kind]}` : ` in namespace '${namespace}'`}, or correct the name in the task`;
}
