/** Rewrites text that names a mount path. */
export type Rewrite = (text: string) => string;

/** What stands before a path that begins there: `file://`, or anything that is no part of a longer path or of an expansion that ends in one. */
const BEFORE = '(?<=^|file://|[^\\p{L}\\p{N}_.\\-/}\\])~*?%+@])';
/** What stands behind a path that ends there. */
const AFTER = '(?![\\p{L}\\p{N}_\\-.~@+%])';

/**
 * Rewrites whole paths: with `/airflow/xcom`, the text `/airflow/xcom/return.json` changes, `/airflow/xcom2` and `/opt/airflow/xcom` do not.
 *
 * @param targets from mount path to the folder or file on this machine
 */
export function pathRewrite(targets: ReadonlyMap<string, string>): Rewrite {
  const byPath = new Map([...targets].map(([path, target]) => [path.replace(/(?<=.)\/+$/, ''), target]));
  if (byPath.size === 0) { return text => text; }
  // The longest first, so that a mount inside another one is found.
  const paths = [...byPath.keys()].sort((a, b) => b.length - a.length).map(path => path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`${BEFORE}(${paths.join('|')})${AFTER}`, 'gu');
  return text => text.replace(pattern, path => byPath.get(path)!);
}
