/** What differs between two clusters, or between two runs on one, and says nothing about behaviour. */
const TIMES = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const IGNORED = new Set([
  'gitVersion', 'gitCommit', 'goVersion', 'buildDate', 'compiler', 'platform', 'gitTreeState',
  'managedFields', 'uid', 'resourceVersion', 'containerID', 'imageID', 'hostIP', 'hostIPs', 'podIP', 'podIPs', 'nodeName', 'host', 'headers', 'continue',
]);

/** The same answer without uids, versions, times, node names and addresses: a value that is there becomes `<key>`. */
export function normalise(value: unknown, namespace: string, key = ''): unknown {
  if (Array.isArray(value)) { return value.map(item => normalise(item, namespace)); }
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).filter(([name]) => name !== 'managedFields' && name !== 'headers');
    return Object.fromEntries(entries.map(([name, item]) => [name, IGNORED.has(name) && (item || item === '' && name.startsWith('git')) ? `<${name}>` : normalise(item, namespace, name)]));
  }
  if (typeof value !== 'string') { return value; }
  if (TIMES.test(value)) { return value.startsWith('1970') ? value : '<time>'; }
  if (key === 'name' || key === 'reportingInstance') {
    value = (value as string).replace(/\.[0-9a-f]{16}$/, '.<id>').replace(/^made-.{5}$/, 'made-<id>').replace(/^(default-scheduler-.*|node1|embedded)$/, '<node>');
  }
  return (value as string)
    .split(namespace).join('<namespace>')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>')
    .replace(/\b(node1|embedded)\b/g, '<node>')
    .replace(/pull and unpack image.*/, '<the registry>')
    .replace(/(continue key is not valid|json parse error): .*/s, '$1: <the parser>')
    // A long message says nothing but its length.
    .replace(/(.)\1{99,}/g, (run, character) => `<${run.length} ${character}>`);
}
