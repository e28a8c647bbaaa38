import { AirflowConfigText, checkConfig } from '../../airflow/config';
import { AirflowVersion } from '../../airflow/version';
import { Wire } from '../../private/component-graph';
import { AirflowPodProps } from '../../tasks/airflow-pod-props';
import { userEnv } from '../../tasks/private/airflow-pod';

/** airflow.cfg: section → key → value, in Airflow's own names. */
export interface Config { [section: string]: { [key: string]: any } }

/** An entry that the manifests depend on. */
export interface DerivedEntry {
  readonly section: string;
  readonly key: string;
  /** Absent for an entry that must not be given. */
  readonly value?: string | number | boolean;
  /** What it follows from, or why it must not be given, for the message to a user who says otherwise. */
  readonly from: string;
}

/** What {@link mergeConfig} merges. */
export interface ConfigSources {
  readonly version: AirflowVersion;
  /** Ours, where the user says nothing. */
  readonly defaults: Config;
  readonly user: Config;
  /** Sections of the user's that no table knows. */
  readonly customSections: string[];
  /** What a user may repeat but not contradict. */
  readonly derived: DerivedEntry[];
}

/** The user's configuration over the defaults, and the derived entries over both. */
export function mergeConfig({ version, defaults, user, customSections, derived }: ConfigSources): AirflowConfigText {
  const said = checkConfig(version, user, 'config', { customConfigSections: customSections });
  const ours = checkConfig(version, nested(derived), 'derived');
  const problems = derived.flatMap(({ section, key, value, from }) => {
    const text = said[section]?.[key];
    if (value === undefined) { return text ? [`'config.${section}.${key}' is '${text}', but ${from}; remove it from 'config'`] : []; }
    return text === undefined || text === ours[section][key] ? []
      : [`'config.${section}.${key}' is '${text}', but ${from} makes it '${ours[section][key]}'; remove it from 'config'`];
  });
  if (problems.length > 0) { throw new Error(problems.join('\n')); }
  const merged: AirflowConfigText = {};
  for (const source of [checkConfig(version, defaults, 'defaults'), said, ours]) {
    for (const [section, entries] of Object.entries(source)) { merged[section] = { ...merged[section], ...entries }; }
  }
  return merged;
}

/** Throws where a variable would override an entry that follows from other props: Airflow reads its environment first. */
export function refuseDerived(derived: DerivedEntry[], env: readonly { [key: string]: any }[] | undefined, path: string): void {
  (env ?? []).forEach((variable, i) => {
    const name = variable?.name;
    const entry = derived.find(({ section, key }) => name === `AIRFLOW__${section}__${key}`.toUpperCase());
    const why = entry?.value === undefined ? entry?.from : `${entry.from} makes it '${entry.value}'`;
    if (entry) { throw new Error(`'${path}[${i}]' sets '${name}', but ${why}; remove it`); }
  });
}

/** Settings with variables, and where they stand. */
export type EnvLayer = [path: string, settings: AirflowPodProps | undefined];

/** Judges the variables of some settings, each by where it was written, beside those that the deployment itself sets. */
export function checkEnv(
  { version, derived }: { readonly version: AirflowVersion; readonly derived: DerivedEntry[] }, variables: Wire[], layers: EnvLayer[],
): void {
  for (const [path, settings] of layers) {
    refuseDerived(derived, settings?.env, `${path}.env`);
    userEnv(version, variables, settings?.env, `${path}.env`);
  }
}

/** An entry of the configuration: undefined where nobody says, null for a value that is in a Secret or the like, and not known here. */
export type ReadEntry = (section: string, key: string) => string | null | undefined;

/** The configuration as a process reads it: its environment before the file. */
export function entriesOf(cfg: AirflowConfigText, env: readonly { [key: string]: any }[] = []): ReadEntry {
  return (section, key) => {
    const option = `AIRFLOW__${section}__${key}`.toUpperCase();
    const variable = env.find(given => given?.name === option);
    return variable ? variable.value ?? null : cfg[section]?.[key];
  };
}

/** What Airflow takes for true; what is not known may be. */
export function isTrue(value: string | null): boolean {
  return value === null || /^(true|t|1)$/i.test(value);
}

/** The path of a URL without a slash at its end; empty for none. */
export function urlPath(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname.replace(/\/+$/, '') : '';
}

function nested(entries: DerivedEntry[]): Config {
  const config: Config = {};
  for (const { section, key, value } of entries) {
    if (value !== undefined) { config[section] = { ...config[section], [key]: value }; }
  }
  return config;
}
