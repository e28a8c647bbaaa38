import { Diagnosis, diagnoseEnd, diagnoseError } from './diagnose';
import { ApiError } from './errors';
import { ObjectEnd, ObjectKind } from './object-kind';
import { PodState } from './reducer';
import { Evidence } from './result';
import { Manifest } from '../pod/manifest';

/**
 * What the end of a Job or the like means.
 *
 * @param failed the pod that is to blame, where there is one
 */
export function diagnoseObject(
  end: ObjectEnd & { readonly failure: Exclude<ObjectEnd['failure'], null> }, { kind, plural, controller }: ObjectKind, object: Manifest,
  failed: PodState | undefined, evidence: Evidence,
): Diagnosis {
  const { name, namespace } = object.metadata;
  const message = `${kind} '${name}' failed: ${end.message} (${end.reason})`;
  if (end.failure === 'unknown' && failed) {
    const pod = diagnoseEnd({ ...failed.end!, failure: failed.end!.failure! }, failed.pod, evidence.events, evidence.terminationMessage);
    return { failure: pod.failure, reason: end.reason!, message: `${message}; pod '${failed.pod.metadata.name}': ${pod.message}`, nextStep: pod.nextStep };
  }
  // What keeps a controller from making pods stands in the events of its object, in the words of the API server.
  const refused = evidence.events.filter(event => event.startsWith('FailedCreate: ')).at(-1)?.replace('FailedCreate: ', '');
  if (end.reason === 'NoPods' && refused !== undefined) {
    const cause = diagnoseError(new ApiError({ verb: 'create', resource: 'pods', namespace }, 403, 'Forbidden', refused), object);
    return { ...cause, message: `${message}: ${refused}` };
  }
  const steps: { [reason: string]: string } = {
    DeadlineExceeded: "raise 'activeDeadlineSeconds', or make the task faster",
    NoPods: `kubectl describe ${plural} ${name} says what its controller waits for; raise 'startupTimeoutSeconds' if that simply takes longer`,
    NotAccepted: `check that ${controller} runs in this cluster and watches the namespace '${namespace}'`,
  };
  return {
    failure: end.failure === 'unknown' ? 'app' : end.failure,
    reason: end.reason!,
    message,
    nextStep: steps[end.reason!] ?? (end.failure.startsWith('infra') ? "run the task again, or set 'retries'" : 'read the last log lines of its pods'),
  };
}
