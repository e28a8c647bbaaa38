import { compare, Difference } from './compare';
import { podOf } from './objects';
import { Manifest } from '../../pod/manifest';
import { brief } from '../text';

const VERSION_LABEL = 'labels.app.kubernetes.io/version';
/** Annotations that follow from what a pod reads, and say nothing by themselves. */
const HASH = /annotations\.cdk8s-airflow\/[\w.-]*hash/;

/** Why an object changed, in words; `configs` says what changed in ConfigMaps. What a Secret holds is never said. */
export function reasonsOf(before: Manifest, after: Manifest, configs: { [configMap: string]: string[] }): string[] {
  if (after.kind === 'ConfigMap') { return compare(before.data, after.data).flatMap(dataReasons).concat(rest(before, after, /^data\b/)); }
  if (after.kind === 'Secret') {
    const keys = ['data', 'stringData'].flatMap(field => compare(before[field], after[field], field)).map(({ path }) => path.replace(/^\w+\.?/, ''));
    return [...new Set(keys.map(name => (name === '' ? 'its keys' : `key ${name}`)))].concat(rest(before, after, /^(data|stringData)\b/));
  }
  const differences = compare(before, after);
  const read = differences.some(({ path }) => HASH.test(path)) ? configReasons(after, configs) : [];
  return [...new Set([...differences.flatMap(reason), ...read])];
}

function rest(before: Manifest, after: Manifest, known: RegExp): string[] {
  return compare(before, after).filter(({ path }) => !known.test(path)).flatMap(reason);
}

function reason({ path, before, after }: Difference): string[] {
  if (HASH.test(path) || path === 'metadata.name') { return []; }
  if (path.endsWith(VERSION_LABEL)) { return [`version: ${said(before)} → ${said(after)}`]; }
  const container = /[cC]ontainers\[([^\]]+)\](.*)$/.exec(path);
  if (container) { return [containerReason(container[1], container[2], before, after)]; }
  const secret = secretOf(before) ?? secretOf(after);
  if (secret !== undefined) { return [`secret ${secret}: ${change(before, after)} ${short(path)}`]; }
  return [`${short(path)}: ${said(before)} → ${said(after)}`];
}

function containerReason(container: string, path: string, before: unknown, after: unknown): string {
  if (path === '') { return `container ${container}: ${change(before, after)}`; }
  if (path === '.image') { return `image of ${container}: ${said(before)} → ${said(after)}`; }
  const variable = /^\.env\[([^\]]+)\](.*)$/.exec(path);
  if (variable) {
    const secret = secretOf(before) ?? secretOf(after) ?? (/secretKeyRef/.test(variable[2]) ? `${said(before)} → ${said(after)}` : undefined);
    if (secret !== undefined) { return `secret of ${container}: ${variable[1]} ${change(before, after)}, ${secret}`; }
    const value = (item: any) => said(typeof item === 'object' && item !== null && 'value' in item ? item.value : item);
    return `variable ${variable[1]} of ${container}: ${value(before)} → ${value(after)}`;
  }
  return `${path.slice(1)} of ${container}: ${said(before)} → ${said(after)}`;
}

/** The Secret, and its key, that a variable or a volume names. */
function secretOf(value: any): string | undefined {
  const env = value?.valueFrom?.secretKeyRef;
  if (env) { return `${env.name}/${env.key}`; }
  return value?.secret?.secretName ?? value?.projected?.sources?.find((source: any) => source.secret)?.secret.name;
}

function change(before: unknown, after: unknown): string {
  return before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
}

/** The changed entries of files in a ConfigMap; those of airflow.cfg by section and key. */
function dataReasons({ path, before, after }: Difference): string[] {
  if (path !== 'airflow.cfg' || typeof before !== 'string' || typeof after !== 'string') { return [`${path === '' ? 'data' : path} ${change(before, after)}`]; }
  const [old, now] = [entries(before), entries(after)];
  return [...new Set([...old.keys(), ...now.keys()])].filter(name => old.get(name) !== now.get(name))
    .map(name => `${name}: ${said(old.get(name))} → ${said(now.get(name))}`);
}

/** `[section] key` → value. A line that is indented continues the value above it. */
function entries(cfg: string): Map<string, string> {
  const found = new Map<string, string>();
  let section = '';
  let last = '';
  for (const line of cfg.split('\n')) {
    const entry = /^([^\s=#;[][^=]*?)\s*=\s*(.*)$/.exec(line);
    if (/^\[.*\]$/.test(line)) { section = line; last = ''; } else if (entry) { found.set(last = `${section} ${entry[1]}`, entry[2]); } else if (/^\s+\S/.test(line) && last) {
      found.set(last, `${found.get(last)}\n${line.trim()}`);
    }
  }
  return found;
}

function configReasons(after: Manifest, configs: { [configMap: string]: string[] }): string[] {
  const volumes: any[] = podOf(after)?.spec?.volumes ?? [];
  return [...new Set(volumes.flatMap(({ configMap }) => configs[configMap?.name] ?? []))];
}

/** Without the way to a pod, which the kind of the object says. */
function short(path: string): string {
  return path.replace(/^spec\.(jobTemplate\.spec\.)?template\./, 'pod ').replace(/^spec\./, '');
}

function said(value: unknown): string {
  return value === undefined ? 'nothing' : value === '' ? "''" : typeof value === 'string' ? brief(value).slice(1, -1) : brief(value);
}
