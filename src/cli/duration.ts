const SECONDS: { [unit: string]: number } = { h: 3600, m: 60, s: 1 };

/**
 * Seconds of a duration as Go and kubectl write it (`90s`, `5m`, `1h30m`), or of a plain number of seconds.
 *
 * @throws Error for anything else, and for nothing
 */
export function parseDuration(text: string): number {
  const seconds = /^\d+$/.test(text)
    ? Number(text)
    : /^(?:\d+(?:\.\d+)?[hms])+$/.test(text)
      ? [...text.matchAll(/([\d.]+)([hms])/g)].reduce((sum, [, number, unit]) => sum + Number(number) * SECONDS[unit], 0)
      : NaN;
  if (!(seconds > 0)) { throw new Error('give a duration such as 90s, 5m or 1h30m'); }
  return seconds;
}
