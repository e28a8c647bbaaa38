import { shown } from './prop-types';

/** Throws where a folder is not one below another. */
export function checkSubPath(subPath: string | undefined, prop = 'subPath'): void {
  if (subPath !== undefined && !(typeof subPath === 'string' && /^(?!(.*\/)?\.\.?(\/|$))[^/]+(\/[^/]+)*$/s.test(subPath))) {
    throw new Error(`'${prop}' must be a relative folder such as 'dags' or 'airflow/dags', without '/' at its ends, '.' and '..', got ${shown(subPath)}`);
  }
}
