import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One folder for the temporary files of all tests and of what they start; it goes with jest's process. */
export default function setup(): void {
  const folder = process.env.TMPDIR = mkdtempSync(join(tmpdir(), 'cdk8s-airflow-tests-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
}
