const NAME = /^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

/**
 * Throws where the API server refuses labels, annotations or a node selector.
 *
 * @param labels false for annotations, whose values may be any text
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
export function assertMetadataMap(map: { [key: string]: string } | undefined, path: string, labels = true): void {
  for (const [key, value] of Object.entries(map ?? {})) {
    const [name, prefix, ...more] = key.split('/').reverse();
    const wrongPrefix = prefix !== undefined && (!PREFIX.test(labels ? prefix : prefix.toLowerCase()) || prefix.length > 253);
    if (!NAME.test(name) || wrongPrefix || more.length > 0) {
      throw new Error(`'${path}' must have keys of at most 63 letters, digits, '-', '_' and '.', with a domain and '/' before where there is one, got '${key}'`);
    }
    if (labels && value !== '' && !NAME.test(value)) {
      throw new Error(`'${path}' must have values of at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends, got '${value}' for '${key}'`);
    }
  }
}
