/** Tasks, and all that they wait for, be it by way of others. */
export function withUpstream(tasks: Iterable<string>, before: (taskId: string) => Iterable<string>): Set<string> {
  const found = new Set(tasks);
  // What is added meanwhile is gone through as well.
  for (const taskId of found) {
    for (const other of before(taskId)) { found.add(other); }
  }
  return found;
}
