import type { ObjectEnd, ObjectKind, ObjectReading } from './object-kind';
import { newer } from './reducer';
import { Manifest } from '../pod/manifest';

/** What is known of an object that makes pods; made by {@link reduceObject} alone. */
export interface ObjectState {
  readonly object: Manifest;
  /** The object is no more. */
  readonly gone: boolean;
  /** When the clock began within which a pod of it must be there: at the first sight, and again when it stopped waiting on purpose. */
  readonly clock: number;
  readonly accepted: boolean;
  /** A pod of it has been there. */
  readonly hasPods: boolean;
  /** @see ObjectReading.idle */
  readonly idle: string | null;
  /** How it ended; once set it never changes. */
  readonly end: ObjectEnd | null;
}

export interface ObjectSettings {
  readonly kind: Pick<ObjectKind, 'kind' | 'reading'>;
  /** @see TaskAnnotation.startupTimeoutSeconds */
  readonly startupTimeoutSeconds: number;
}

export interface ObjectObservation {
  /** Milliseconds of a monotonic clock. */
  readonly now: number;
  readonly object?: Manifest;
  readonly gone?: boolean;
  /** A pod of it has been there. */
  readonly hasPods?: boolean;
}

/** The state after an observation. Observations may come twice, late and out of order. */
export function reduceObject(state: ObjectState | undefined, seen: ObjectObservation, settings: ObjectSettings): ObjectState {
  if (state === undefined && seen.object === undefined) { throw new Error('the first observation of an object must bring the object'); }
  const { reading } = settings.kind;
  const ended = state !== undefined && reading(state.object).end !== null;
  // What has ended does not go on, whatever an older list says.
  const object = ended && seen.object && reading(seen.object).end === null ? state.object : newer(state?.object, seen.object);
  const now = reading(object);
  const next: ObjectState = {
    object,
    gone: (state?.gone ?? false) || seen.gone === true,
    clock: state === undefined || (state.idle !== null && now.idle === null) ? seen.now : state.clock,
    accepted: (state?.accepted ?? false) || now.accepted,
    hasPods: (state?.hasPods ?? false) || seen.hasPods === true,
    idle: now.idle,
    end: state?.end ?? null,
  };
  return next.end ? next : { ...next, end: ending(next, now, seen.now, settings) };
}

/** The moment at which {@link reduceObject} would say something new although nothing happened; undefined where it never would. */
export function objectDeadline(state: ObjectState, settings: ObjectSettings): number | undefined {
  return state.end || state.hasPods || state.idle !== null ? undefined : state.clock + settings.startupTimeoutSeconds * 1000;
}

function ending(state: ObjectState, reading: ObjectReading, time: number, settings: ObjectSettings): ObjectEnd | null {
  const { kind } = settings.kind;
  if (reading.end) { return reading.end; }
  if (state.gone) {
    return { failure: state.hasPods ? 'infra-after-start' : 'infra-before-start', reason: `${kind}Deleted`, message: `the ${kind} was deleted before it ended` };
  }
  const due = objectDeadline(state, settings);
  if (due === undefined || time < due) { return null; }
  const seconds = settings.startupTimeoutSeconds;
  return state.accepted
    ? { failure: 'timeout', reason: 'NoPods', message: `the ${kind} made no pod within ${seconds} s` }
    : { failure: 'timeout', reason: 'NotAccepted', message: `no controller took up the ${kind} within ${seconds} s` };
}
