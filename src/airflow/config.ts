import { CONFIG_VERSIONS, ConfigTable, tableOf } from './config-data';
import { AirflowVersion } from './version';
import { didYouMean } from '../pod/closest';
import { throwProblems } from '../pod/problems';
import { isObject } from '../pod/schema';
import { shown } from '../pod/shown';

/** Options of airflow.cfg by Airflow's own names, as a user gives them: section → key → value. */
export interface AirflowConfigInput {
  readonly [section: string]: { readonly [key: string]: unknown };
}

/** The same as text, before anything that airflow.cfg or an environment variable needs on top. */
export interface AirflowConfigText {
  [section: string]: { [key: string]: string };
}

/** How {@link checkConfig} judges a configuration. */
export interface CheckConfigOptions {
  /** Sections in which any key is allowed: those of plugins, and of providers in a version that the table does not have. @default - none */
  readonly customConfigSections?: readonly string[];
}

/**
 * Checks options against what a version of Airflow knows, and writes each as the text that Airflow reads.
 *
 * true and false become `True` and `False`; objects and lists become JSON where Airflow reads JSON. Airflow replaces `$VAR` and a leading `~` itself.
 *
 * @param path where the options stand, for the messages, such as `config`
 * @throws Error that lists every problem found
 */
export function checkConfig(version: AirflowVersion, config: AirflowConfigInput, path: string, options: CheckConfigOptions = {}): AirflowConfigText {
  const table = configTable(version);
  const problems: string[] = [];
  const result: AirflowConfigText = Object.create(null);
  if (!isObject(config)) { throw new Error(`${path}: expected an object of sections, got ${describe(config)}; write { core: { parallelism: 64 } }`); }
  for (const [section, keys] of Object.entries(config)) {
    if (keys === undefined) { continue; }
    const at = `${path}.${section}`;
    if (!isObject(keys)) {
      problems.push(`${at}: expected an object of key and value, got ${describe(keys)}`);
      continue;
    }
    const custom = options.customConfigSections?.includes(section) ?? false;
    const known = own(table.sections, baseSection(table, section));
    const names = Object.keys(keys).filter(key => keys[key] !== undefined);
    if (!known && !custom && !names.some(key => movedOrRemoved(table, `${section}.${key}`))) {
      problems.push(`${at}: unknown section '${section}' in Airflow ${version}${unknownSectionHint(table, section)}`);
      continue;
    }
    if (!NAME.test(section)) { problems.push(`${at}: a section's name must not hold brackets, line ends or blanks around it`); }
    for (const key of names) {
      const text = check(version, table, section, key, keys[key], custom, problem => problems.push(`${at}.${key}: ${problem}`));
      if (text !== undefined) { (result[section] ??= Object.create(null))[key] = text; }
    }
  }
  throwProblems(problems);
  return result;
}

/** The text of an airflow.cfg: sections and keys sorted, `%` escaped, because Airflow interpolates the file. */
export function renderAirflowCfg(config: AirflowConfigText): string {
  const sections = Object.keys(config).filter(section => Object.keys(config[section]).length > 0).sort();
  return sections.map(section => [
    `[${section}]`,
    ...Object.keys(config[section]).sort().map(key => `${key} = ${config[section][key].replace(/%/g, '%%')}`.trimEnd()),
    '',
  ].join('\n')).join('\n');
}

/** The table of a version's minor release. */
export function configTable(version: AirflowVersion): ConfigTable {
  return tableOf(`${version.major}.${version.minor}`);
}

// What `[`, `]` and the line end mean to an INI file; a key also ends at `=` and `:`.
const NAME = /^[^\s[\]#;](?:[^\r\n[\]]*[^\s[\]])?$/;
const KEY = /^[^\s[\]#;=:](?:[^\r\n=:]*[^\s=:])?$/;

function check(
  version: AirflowVersion, table: ConfigTable, section: string, key: string, value: unknown, custom: boolean, report: (problem: string) => void,
): string | undefined {
  const base = baseSection(table, section);
  const keys = own(table.sections, base) ?? {};
  const spec = own(keys, key);
  if (spec !== undefined) {
    const [type, since] = spec.split(' since ');
    if (since && !version._isAtLeast(since)) {
      report(`'${key}' came with Airflow ${since}, the version here is ${version}; leave it out or use a newer version`);
      return undefined;
    }
    if (typeof value === 'number' && value < 1 && needsOne(version, `${base}.${key}`)) {
      report(`expected a number of at least 1, got ${value}; leave it out for the default`);
      return undefined;
    }
    return write(type, `[${section}] ${key}`, value, report);
  }
  const secret = /^(.*)_(cmd|secret)$/.exec(key);
  if (secret && own(keys, secret[1])?.startsWith('sensitive')) {
    report(`'${key}' is how Airflow finds the sensitive option '${secret[1]}'; give '${secret[1]}' to the deployment as a secret reference instead`);
    return undefined;
  }
  if (!custom) {
    const moved = own(table.renamed, `${base}.${key}`);
    if (moved) {
      const [newName, since] = moved;
      const [newSection, newKey] = split(newName);
      if (version._isAtLeast(since)) {
        report(`renamed to [${newSection}] ${newKey} in Airflow ${since}; write it there`);
        return undefined;
      }
      return write(own(table.sections[newSection], newKey)!.split(' since ')[0], `[${section}] ${key}`, value, report);
    }
    const gone = own(table.removed, `${base}.${key}`);
    if (gone) {
      report(`removed in Airflow ${gone[0]}; leave it out${gone[1] ? ` (${gone[1].replace(/\.$/, '')})` : ''}`);
      return undefined;
    }
    if (!table.openSections.includes(base)) {
      report(`unknown key '${key}' of [${section}] in Airflow ${version}${unknownKeyHint(table, base, key)}`);
      return undefined;
    }
  }
  if (!KEY.test(key)) {
    report("a key must not hold '=', ':', line ends or blanks around it");
    return undefined;
  }
  return write('any', `[${section}] ${key}`, value, report);
}

/** Options with which Airflow does nothing, or does not start, where they are 0 or less. */
const AT_LEAST_ONE = [
  'api.workers', 'core.max_active_tasks_per_dag', 'dag_processor.parsing_processes',
  'kubernetes_executor.worker_pods_creation_batch_size', 'scheduler.parsing_processes', 'triggerer.capacity', 'triggerer.default_capacity', 'webserver.workers',
];

/** 0 stood for no limit of `parallelism` in Airflow 2. */
function needsOne(version: AirflowVersion, option: string): boolean {
  return AT_LEAST_ONE.includes(option) || (option === 'core.parallelism' && version.major > 2);
}

/** The props by which a deployment takes what is secret. */
const SECRET_PROPS: { readonly [option: string]: string } = {
  '[api] secret_key': "'secretKey'",
  '[api_auth] jwt_secret': "'jwtSecret'",
  '[celery] broker_url': "'broker' of Executor.celery",
  '[celery] flower_basic_auth': "'flower.basicAuth'",
  '[celery] result_backend': "'resultBackend' of Executor.celery",
  '[core] fernet_key': "'fernetKey'",
  '[database] sql_alchemy_conn': "'database'",
  '[database] sql_alchemy_conn_async': "'database'",
  '[keycloak_auth_manager] client_secret': "'auth'",
  '[opensearch] password': "'logs'",
  '[opensearch] username': "'logs'",
  '[secrets] backend_kwargs': "'secretsBackend'",
  '[webserver] secret_key': "'secretKey'",
  '[workers] secrets_backend_kwargs': "'secretsBackend'",
};

/** Where a sensitive option belongs. */
function instead(option: string): string {
  const prop = SECRET_PROPS[option];
  const variable = `AIRFLOW__${option.replace(/^\[(.*)\] /, '$1__').toUpperCase()}`;
  return prop ? `give the deployment ${prop}` : `give it as a variable: { name: '${variable}', valueFrom: { secretKeyRef: { name: '…', key: '…' } } }`;
}

/** The text of a value; undefined after a problem. */
function write(type: string, option: string, value: unknown, report: (problem: string) => void): string | undefined {
  const wrong = (allowed: string, fix = '') => {
    report(`expected ${allowed}, got ${describe(value)}${fix}`);
    return undefined;
  };
  if (type === 'sensitive') {
    report(`${option} is sensitive and airflow.cfg is a ConfigMap; ${instead(option)}`);
    return undefined;
  }
  if (value === null) { return wrong('a value', '; leave the key out for the default'); }
  if (type.startsWith('=')) {
    const allowed = type.slice(1).split('|');
    return typeof value === 'string' && allowed.includes(value) ? value
      : wrong(`one of ${allowed.map(a => `'${a}'`).join(', ')}`, typeof value === 'string' ? didYouMean(value, allowed) : '');
  }
  const types = type === 'any' ? ['boolean', 'float', 'json', 'string'] : type.split('|');
  if (typeof value === 'boolean' && types.includes('boolean')) { return value ? 'True' : 'False'; }
  if (typeof value === 'number') {
    if (types.includes('float') && Number.isFinite(value)) { return String(value); }
    if (types.includes('integer') && Number.isSafeInteger(value)) { return String(value); }
  }
  if (types.includes('json') && typeof value === 'object') { return writeJson(value, report); }
  if (typeof value === 'string' && types.includes('string')) { return line(value, report); }
  if (typeof value === 'string' && types.includes('json')) {
    try {
      JSON.parse(value || '{}');
    } catch (error) {
      return wrong('JSON', ` (${(error as Error).message}); give an object or a list`);
    }
    return line(value, report);
  }
  const unquote = typeof value === 'string' && /^(-?\d+(\.\d+)?|true|false)$/i.test(value) ? '; write it without quotes' : '';
  switch (types[0]) {
    case 'boolean': return wrong('true or false', unquote);
    case 'integer': return wrong('an integer', unquote);
    case 'float': return wrong('a number', unquote);
    case 'json': return wrong('an object, a list or JSON as a string');
    default: return wrong('a string', typeof value === 'object' ? '; write the text that Airflow reads' : `; quote it: '${value}'`);
  }
}

function line(value: string, report: (problem: string) => void): string | undefined {
  if (/[\r\n\0]/.test(value)) {
    report('a value must be one line: airflow.cfg loses the form of others; join the lines');
  } else if (value !== value.trim()) {
    report(`got ${describe(value)} with blanks around it, which airflow.cfg loses; remove them`);
  } else if (value.includes('%%')) {
    report("got '%%'; write a single '%': it is escaped for airflow.cfg here");
  } else {
    return value;
  }
  return undefined;
}

function writeJson(value: unknown, report: (problem: string) => void): string | undefined {
  try {
    return JSON.stringify(value, (_key, item) => {
      if (typeof item === 'function' || typeof item === 'symbol' || (typeof item === 'number' && !Number.isFinite(item))) {
        throw new Error(`holds ${describe(item)}`);
      }
      return item;
    });
  } catch (error) {
    report(`expected JSON, got a value that JSON cannot say: ${(error as Error).message.split('\n')[0]}`);
    return undefined;
  }
}

/** `celery` of `team_a=celery`, where the version has teams. */
function baseSection(table: ConfigTable, section: string): string {
  const at = section.lastIndexOf('=');
  return at > 0 && own(table.sections.core, 'multi_team') ? section.slice(at + 1) : section;
}

function movedOrRemoved(table: ConfigTable, name: string): boolean {
  return Object.hasOwn(table.renamed, name) || Object.hasOwn(table.removed, name);
}

function unknownSectionHint(table: ConfigTable, section: string): string {
  if (section === 'kubernetes') { return "; it has been called 'kubernetes_executor' since Airflow 2.5"; }
  const newer = newerTables(table).find(other => own(other.sections, section));
  if (newer) { return `; Airflow ${newer.version} brought it`; }
  return didYouMean(section, Object.keys(table.sections)) || "; name it in 'customConfigSections' if a plugin or provider of yours reads it";
}

function unknownKeyHint(table: ConfigTable, section: string, key: string): string {
  if (section === 'kubernetes') { return "; it has been called 'kubernetes_executor' since Airflow 2.5"; }
  const newer = newerTables(table).find(other => own(own(other.sections, section) ?? {}, key));
  if (newer) { return `; Airflow ${newer.version} brought it`; }
  const near = didYouMean(key, Object.keys(own(table.sections, section) ?? {}));
  if (near) { return near; }
  const homes = Object.keys(table.sections).filter(other => own(table.sections[other], key)).map(other => `[${other}]`);
  if (homes.length > 0) { return `; it belongs to ${homes.join(' or ')}`; }
  const provider = own(table.providers, section);
  return provider ? `; if your ${provider} has it, name the section in 'customConfigSections'` : '';
}

function newerTables({ version }: ConfigTable): ConfigTable[] {
  return CONFIG_VERSIONS.slice(CONFIG_VERSIONS.indexOf(version) + 1).map(tableOf);
}

function split(name: string): [string, string] {
  const at = name.lastIndexOf('.');
  return [name.slice(0, at), name.slice(at + 1)];
}

function own<T>(object: { readonly [key: string]: T }, key: string): T | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function describe(value: unknown): string {
  if (typeof value === 'string') { return value.length > 60 ? `a string of ${value.length} characters` : `'${value}'`; }
  if (Array.isArray(value)) { return 'a list'; }
  if (value === null || typeof value === 'undefined') { return String(value); }
  return typeof value === 'object' ? isObject(value) ? 'an object' : shown(value) : `the ${typeof value} ${String(value)}`;
}
