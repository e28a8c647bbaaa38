import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version of this package. */
export function version(): string {
  return JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')).version;
}

/** Airflow's version where nobody names one: what templates may name depends on it. */
export const DEFAULT_AIRFLOW_VERSION = '3.3.2';
