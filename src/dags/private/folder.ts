/** Where DAGs are mounted. */
export const DAGS_FOLDER = '/opt/airflow/dags';

/** Throws where a folder is not one below another. */
export function checkSubPath(subPath: string | undefined): void {
  if (subPath !== undefined && !/^[^/.][^/]*(\/[^/.][^/]*)*$/.test(subPath)) {
    throw new Error(`'subPath' must be a relative folder such as 'dags' or 'airflow/dags', got '${subPath}'`);
  }
}

/** Throws where a number is not whole, or too small. */
export function checkWhole(prop: string, value: number | undefined, least: number): void {
  if (value !== undefined && (!Number.isInteger(value) || value < least)) {
    throw new Error(`'${prop}' must be a whole number of at least ${least}, got ${value}`);
  }
}
