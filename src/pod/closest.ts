/**
 * The candidates that somebody who wrote `name` may have meant, best first, at most three; empty where none is near.
 *
 * Case, `_` and `-` are not counted: `image_pull_policy` finds `imagePullPolicy`.
 */
export function closest(name: string, candidates: readonly string[]): string[] {
  const wanted = plain(name);
  const limit = Math.min(4, Math.floor(wanted.length / 3) || 1);
  return [...new Set(candidates)]
    .map(candidate => ({ candidate, distance: editDistance(wanted, plain(candidate), limit) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** `; did you mean 'a' or 'b'?`, or nothing: the tail of an error about an unknown name. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  return question(closest(name, candidates));
}

/** The same of those that begin as `name` does, or as which it begins: `retry_delay` finds `retryDelaySeconds`, `schedule_interval` finds `schedule`. */
export function didYouMeanBeginning(name: string, candidates: readonly string[]): string {
  const wanted = plain(name);
  const shared = (candidate: string) => {
    const [short, long] = [wanted, plain(candidate)].sort((a, b) => a.length - b.length);
    return long.startsWith(short) && short.length >= 5 ? short.length : 0;
  };
  return question(candidates.filter(candidate => shared(candidate) > 0).sort((a, b) => shared(b) - shared(a)).slice(0, 3));
}

function question(meant: string[]): string {
  return meant.length === 0 ? '' : `; did you mean ${meant.map(candidate => `'${candidate}'`).join(' or ')}?`;
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[_-]/g, '');
}

/** Damerau-Levenshtein (neighbours may be swapped); anything above `limit` is reported as `limit + 1`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) { return limit + 1; }
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
      }
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length];
}
