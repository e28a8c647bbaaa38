/** Each place where two JSON values differ, in words. */
export function differences(ours: any, theirs: any, path = ''): string[] {
  if (JSON.stringify(ours) === JSON.stringify(theirs)) { return []; }
  const nested = (value: any) => value !== null && typeof value === 'object';
  if (!nested(ours) || !nested(theirs)) { return [`${path}: ours ${JSON.stringify(ours)}, theirs ${JSON.stringify(theirs)}`]; }
  return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].flatMap(key => differences(ours[key], theirs[key], `${path}.${key}`));
}
