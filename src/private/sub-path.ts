/** Throws where a folder is not one below another. */
export function checkSubPath(subPath: string | undefined): void {
  if (subPath !== undefined && !/^[^/.][^/]*(\/[^/.][^/]*)*$/.test(subPath)) {
    throw new Error(`'subPath' must be a relative folder such as 'dags' or 'airflow/dags', got '${subPath}'`);
  }
}
