/** A value for a message. */
export function shown(value: unknown): string {
  if (typeof value === 'function') { return 'a function'; }
  if (['undefined', 'number', 'bigint', 'symbol'].includes(typeof value)) { return String(value); }
  const name = typeof value === 'object' ? value?.constructor?.name : undefined;
  if (name !== undefined && !['Object', 'Array', 'Date'].includes(name)) { return `a ${name}`; }
  try {
    return JSON.stringify(value);
  } catch {
    return `${Array.isArray(value) ? 'a list' : 'an object'} that is no JSON`;
  }
}
