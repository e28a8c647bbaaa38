import * as fc from 'fast-check';
import { JOB } from '../../src/runtime/job-kind';
import { diagnoseObject } from '../../src/runtime/object-diagnose';
import { objectDeadline, ObjectObservation, ObjectState, reduceObject } from '../../src/runtime/object-reducer';
import { SPARK_APPLICATION } from '../../src/runtime/spark-kind';

const settings = { kind: JOB, startupTimeoutSeconds: 60 };
const job = (status: any = {}, version = 1, spec: any = {}) =>
  ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j', uid: 'u', resourceVersion: String(version) }, spec, status });
const condition = (type: string, status = 'True', rest: any = {}) => ({ conditions: [{ type, status, ...rest }] });
const after = (...seen: ObjectObservation[]) => seen.reduce<ObjectState | undefined>((state, one) => reduceObject(state, one, settings), undefined)!;
const end = (...seen: ObjectObservation[]) => after(...seen).end;

test.each([
  ['Complete', { failure: null, reason: null, message: null }],
  ['Failed', { failure: 'unknown', reason: 'BackoffLimitExceeded', message: 'm' }],
])('the condition %s ends a Job', (type, expected) => {
  expect(end({ now: 0, object: job(condition(type, 'True', { reason: 'BackoffLimitExceeded', message: 'm' })) })).toEqual(expected);
});

test('a condition that is not True is none, and neither are those that only announce the end', () => {
  for (const status of [condition('Failed', 'False'), condition('Complete', 'Unknown'), condition('SuccessCriteriaMet'), condition('FailureTarget'), undefined]) {
    expect(end({ now: 0, object: job(status) })).toBeNull();
  }
});

test('its own deadline is a timeout', () => {
  expect(end({ now: 0, object: job(condition('Failed', 'True', { reason: 'DeadlineExceeded' })) })).toMatchObject({ failure: 'timeout', reason: 'DeadlineExceeded' });
});

test('the time for the first pod begins when the Job no longer waits on purpose', () => {
  const suspended = after({ now: 0, object: job({}, 1, { suspend: true }) });
  expect([suspended.idle, objectDeadline(suspended, settings)]).toEqual(['Suspended', undefined]);
  const resumed = reduceObject(suspended, { now: 500_000, object: job({ startTime: 't' }, 2) }, settings);
  expect(objectDeadline(resumed, settings)).toBe(560_000);
  expect(reduceObject(resumed, { now: 559_999 }, settings).end).toBeNull();
  expect(reduceObject(resumed, { now: 560_000 }, settings).end).toMatchObject({ failure: 'timeout', reason: 'NoPods' });
  expect(reduceObject(resumed, { now: 560_000, hasPods: true }, settings).end).toBeNull();
});

test('nobody takes it up', () => {
  expect(end({ now: 0, object: job() }, { now: 60_000 })).toMatchObject({ reason: 'NotAccepted', message: 'no controller took up the Job within 60 s' });
  const application = { ...job(), kind: 'SparkApplication', metadata: { name: 's', namespace: 'etl', uid: 'u', resourceVersion: '1' } };
  const seen = [{ now: 0, object: application }, { now: 60_000 }];
  const spark = { ...settings, kind: SPARK_APPLICATION };
  const late = seen.reduce<ObjectState | undefined>((state, one) => reduceObject(state, one, spark), undefined)!.end!;
  const evidence: any = { events: [], terminationMessage: null };
  expect(diagnoseObject({ ...late, failure: late.failure! }, SPARK_APPLICATION, application, undefined, evidence)).toMatchObject({
    message: "SparkApplication 's' failed: no controller took up the SparkApplication within 60 s (NotAccepted)",
    nextStep: "check that the Spark operator runs in this cluster and watches the namespace 'etl'",
  });
});

test('a Job that is deleted has not ended well; one that had ended has', () => {
  expect(end({ now: 0, object: job() }, { now: 1, gone: true })).toMatchObject({ failure: 'infra-before-start', reason: 'JobDeleted' });
  expect(end({ now: 0, object: job(), hasPods: true }, { now: 1, gone: true })).toMatchObject({ failure: 'infra-after-start' });
  expect(end({ now: 0, object: job(condition('Complete')) }, { now: 1, gone: true })).toMatchObject({ failure: null });
});

test('whatever is seen, and in which order: an end stays what it was, and a gone object gone', () => {
  const statuses = [{}, { startTime: 't' }, { active: 1 }, condition('Complete'), condition('Failed', 'True', { reason: 'r', message: 'm' }), condition('Failed', 'False')];
  const observation = fc.record({
    step: fc.nat(30_000),
    object: fc.option(fc.record({ status: fc.constantFrom(...statuses), version: fc.nat(20), suspend: fc.boolean() }), { freq: 4 }),
    gone: fc.boolean(),
    hasPods: fc.boolean(),
  });
  fc.assert(fc.property(fc.boolean(), fc.array(observation), (suspend, list) => {
    let now = 0;
    let state = after({ now, object: job({}, 10, { suspend }) });
    for (const { step, object, ...seen } of list) {
      now += step;
      const seenObject = object ? { object: job(object.status, object.version, { suspend: object.suspend }) } : {};
      const next = reduceObject(state, { now, ...seen, ...seenObject }, settings);
      if (state.end) { expect(next.end).toBe(state.end); }
      if (state.gone || next.gone) { expect([next.gone, next.end]).toEqual([true, expect.anything()]); }
      if (next.end === null) { expect(objectDeadline(next, settings) ?? Infinity).toBeGreaterThan(now); }
      state = next;
    }
  }));
});
