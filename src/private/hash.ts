import { createHash } from 'node:crypto';

/** Ten hex digits that stand for a JSON value: the same value, the same digits. */
export function specHash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 10);
}
