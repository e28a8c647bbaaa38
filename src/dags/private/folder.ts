import { shown } from '../../private/prop-types';

/** Where DAGs are mounted. */
export const DAGS_FOLDER = '/opt/airflow/dags';

/** Throws where a number is not whole, or too small. */
export function checkWhole(prop: string, value: number | undefined, least: number): void {
  if (value !== undefined && (!Number.isInteger(value) || value < least)) {
    throw new Error(`'${prop}' must be a whole number of at least ${least}, got ${shown(value)}`);
  }
}
