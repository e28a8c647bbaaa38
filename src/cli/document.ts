import { stringify } from 'yaml';

/** A value as one document. */
export function document(value: unknown, format: 'json' | 'yaml'): string {
  // No aliases: what appears twice is written twice, as a reader of the manifest expects.
  return format === 'json' ? `${JSON.stringify(value, null, 2)}\n` : stringify(value, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 });
}
