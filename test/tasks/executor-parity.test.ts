import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { equalsMeant, executorInput, RecordedPod } from './executor';
import { executorCases } from '../../conformance/executor/cases';
import { AirflowVersion } from '../../src';

// Pods that the real KubernetesExecutor built: conformance/executor/compare.sh 3.3 --record, and the same for 2.11
const RECORD: { [version: string]: { seed: number; pods: (RecordedPod | null)[] } } = JSON.parse(readFileSync(join(__dirname, 'executor-pods.json'), 'utf8'));

test.each([['3.3', AirflowVersion.V3_3], ['2.11', AirflowVersion.V2_11]])('KubernetesExecutor of Airflow %s gives the pod that is meant', (name, version) => {
  const { seed, pods } = RECORD[name];
  const cases = executorCases(version, seed, pods.length);
  const built = cases.map((executor, i) => ({ executor, found: pods[i] })).filter(({ found }) => found !== null);
  expect(built.length).toBeGreaterThan(300);
  // `conformance/executor/compare.sh` shows where they differ.
  expect(built.filter(({ executor, found }) => equalsMeant(executor, found!) !== true).map(({ executor }) => executor.id)).toEqual([]);
  // What Airflow could not be told is refused before it comes there.
  const refused = cases.filter((_, i) => pods[i] === null);
  expect(refused.length).toBeGreaterThan(5);
  refused.forEach(executor => expect(() => executorInput(executor)).toThrow(/as Airflow merges executor_config; name the template file instead/));
});
