import { isDeepStrictEqual } from 'node:util';
import { didYouMean } from './closest';
import { isObject, toWire } from './schema';
import { shown } from './shown';
import { sparkResources } from './spark-resources';
import { withXCom } from './xcom-parts';

export const SPARK_API_VERSION = 'sparkoperator.k8s.io/v1beta2';
export const SPARK_KIND = 'SparkApplication';
/** The container of the driver's pod that runs the program. */
export const SPARK_DRIVER_CONTAINER = 'spark-kubernetes-driver';
/** Variable that SparkKubernetesOperator gives the name of the application in. */
export const SPARK_APPLICATION_NAME = 'SPARK_APPLICATION_NAME';

export interface SparkApplicationOptions {
  /** The template: the sections `spark` and `kubernetes`, or the first one alone. */
  readonly template: any;
  /** Where it comes from, for messages. */
  readonly source: string;
  readonly image?: string;
  readonly codePath?: string;
  /** The parts that take the XCom out of the driver's pod; undefined for none. */
  readonly xcom?: { readonly image?: string; readonly securityContext?: any; readonly hardening: boolean };
}

/** How the operator reaches the cluster, as the `kubernetes` section says. */
export interface SparkConnection {
  readonly inCluster?: boolean;
  readonly configFile?: string;
  readonly clusterContext?: string;
}

const KUBERNETES_SECTION = ['env_vars', 'env_from', 'image_pull_secrets', 'node_selector', 'affinity', 'tolerations', 'config_map_mounts', 'volume_mounts', 'volumes',
  'from_env_config_map', 'from_env_secret', 'in_cluster', 'conn_id', 'kube_config_file', 'cluster_context'];
const SPARK_SECTION = ['apiVersion', 'apiGroup', 'version', 'kind', 'metadata', 'spec'];

/**
 * The SparkApplication that SparkKubernetesOperator makes of a template, metadata and spec, and how it says to reach the cluster. What the two sections
 * say of one thing is put together; where they say two things of it, that is an error.
 *
 * @throws Error that begins with the source and says what is wrong
 */
export function sparkApplication(options: SparkApplicationOptions): { metadata: any; spec: any; connection: SparkConnection } {
  const { source } = options;
  const template = withoutNull(options.template);
  if (!isObject(template)) { throw new Error(`${source}: expected an object with the sections 'spark' and 'kubernetes', got ${describe(template)}`); }
  const sections: any = Object.hasOwn(template, 'spark') ? template : { spark: template };
  knownKeys(sections, ['spark', 'kubernetes'], source);
  const at = sections === template ? `${source}.spark` : source;
  const { spark, kubernetes = {} } = sections;
  if (!isObject(spark)) { throw new Error(`${at}: expected an object with 'spec', got ${describe(spark)}`); }
  knownKeys(spark, SPARK_SECTION, at);
  checkKind(spark, at);
  if (!isObject(kubernetes)) { throw new Error(`${source}.kubernetes: expected an object, got ${describe(kubernetes)}`); }
  knownKeys(kubernetes, KUBERNETES_SECTION, `${source}.kubernetes`);
  const own = specOf(spark.spec ?? {}, `${at}.spec`);
  const { image, codePath } = options;
  const named = { ...own, ...(image === undefined ? {} : { image }), ...(codePath === undefined ? {} : { mainApplicationFile: codePath }) };
  if (named.mainApplicationFile === undefined) { throw new Error(`${at}.spec: the program is missing; give 'codePath', or 'mainApplicationFile' in the template`); }
  const wired = toWire('Spark.SparkApplicationSpec', withKubernetes(named, kubernetes, source), `${at}.spec`);
  checkDynamicAllocation(wired, `${at}.spec.dynamicAllocation`);
  return {
    metadata: toWire('ObjectMeta', spark.metadata ?? {}, `${at}.metadata`),
    spec: options.xcom ? withSidecar(wired, options.xcom) : wired,
    connection: { inCluster: kubernetes.in_cluster, configFile: kubernetes.kube_config_file, clusterContext: kubernetes.cluster_context },
  };
}

/** The spec of the template in the fields of the custom resource. */
function specOf(spec: any, path: string): any {
  if (!isObject(spec)) { throw new Error(`${path}: expected an object, got ${describe(spec)}`); }
  // No field of the custom resource, but where the operator takes the labels of the pods from.
  const { labels, ...fields } = spec;
  const part = (name: 'driver' | 'executor') => {
    const given = spec[name] ?? {};
    if (!isObject(given)) { throw new Error(`${path}.${name}: expected an object, got ${describe(given)}`); }
    const { container_resources: resources, ...rest } = given as any;
    const all = { ...labels, ...rest.labels };
    return {
      ...rest,
      ...(resources === undefined ? {} : sparkResources(resources, `${path}.${name}.container_resources`)),
      ...(Object.keys(all).length > 0 ? { labels: all } : {}),
    };
  };
  return {
    ...fields,
    ...(Array.isArray(spec.imagePullSecrets) ? { imagePullSecrets: spec.imagePullSecrets.map((secret: any) => secret?.name ?? secret) } : {}),
    driver: part('driver'),
    executor: part('executor'),
  };
}

function withKubernetes(spec: any, section: any, source: string): any {
  const at = (key: string) => `${source}.kubernetes.${key}`;
  const list = (key: string): any[] => {
    const value = section[key] ?? [];
    if (!Array.isArray(value)) { throw new Error(`${at(key)}: expected a list, got ${describe(value)}`); }
    return value;
  };
  const map = (key: string): { [name: string]: any } => {
    const value = section[key] ?? {};
    if (!isObject(value)) { throw new Error(`${at(key)}: expected an object, got ${describe(value)}`); }
    return value as any;
  };
  const configMaps = Object.entries(map('config_map_mounts'));
  const volumes = toWire('[]Volume', list('volumes'), at('volumes')).concat(configMaps.map(([name]) => ({ name, configMap: { name } })));
  const mounts = toWire('[]VolumeMount', list('volume_mounts'), at('volume_mounts')).concat(configMaps.map(([name, mountPath]) => ({ mountPath, name })));
  const env: any[] = Array.isArray(section.env_vars)
    ? toWire('[]EnvVar', section.env_vars, at('env_vars'))
    : Object.entries(toWire('{}string', map('env_vars'), at('env_vars'))).map(([name, value]) => ({ name, value }));
  const envFrom = toWire('[]EnvFromSource', list('env_from'), at('env_from'))
    .concat(list('from_env_config_map').map(name => ({ configMapRef: { name } })), list('from_env_secret').map(name => ({ secretRef: { name } })));
  const secrets: string[] = typeof section.image_pull_secrets === 'string' ? section.image_pull_secrets.split(',').map((name: string) => name.trim()).filter((name: string) => name !== '') : list('image_pull_secrets');
  const affinity = filledAffinity(toWire('Affinity', map('affinity'), at('affinity')));
  const tolerations = toWire('[]Toleration', list('tolerations'), at('tolerations'));
  const selector = Object.entries(toWire('{}string', map('node_selector'), at('node_selector')));
  const part = (name: 'driver' | 'executor') => {
    const own = spec[name];
    const where = `'${name}' of the section 'spark' and the section 'kubernetes' of ${source}`;
    const ownAffinity = filledAffinity(own.affinity);
    if (affinity && ownAffinity && !isDeepStrictEqual(affinity, ownAffinity)) { throw new Error(`${where} both give 'affinity', and the operator would drop the first one; give one of them`); }
    return {
      ...own,
      ...filled('env', lastOfEach([...own.env ?? [], ...env])),
      ...filled('envFrom', [...own.envFrom ?? [], ...envFrom]),
      ...filled('volumeMounts', merged('mountPath', own.volumeMounts, mounts, where)),
      affinity: affinity ?? ownAffinity,
      ...filled('tolerations', [...own.tolerations ?? [], ...tolerations]),
      ...(selector.length === 0 ? {} : { nodeSelector: mergedMap(own.nodeSelector, selector, where) }),
    };
  };
  const where = `'spec' of the section 'spark' and the section 'kubernetes' of ${source}`;
  return {
    ...spec,
    ...filled('volumes', merged('name', spec.volumes, volumes, where)),
    ...filled('imagePullSecrets', [...new Set([...spec.imagePullSecrets ?? [], ...secrets])]),
    driver: part('driver'),
    executor: part('executor'),
  };
}

/** Two lists as one, by what tells their items apart. */
function merged(key: string, own: any[] = [], added: any[], where: string): any[] {
  const result = Array.isArray(own) ? [...own] : [];
  for (const item of added) {
    const same = result.find(other => other[key] === item[key]);
    if (same === undefined) { result.push(item); } else if (!isDeepStrictEqual(same, item)) {
      throw new Error(`${where} give two things for '${item[key]}'; give one of them`);
    }
  }
  return result;
}

function mergedMap(own: { [key: string]: string } = {}, added: [string, unknown][], where: string): { [key: string]: unknown } {
  const other = added.find(([key, value]) => Object.hasOwn(own, key) && own[key] !== value);
  if (other) { throw new Error(`${where} give two values of 'nodeSelector' for '${other[0]}'; give one of them`); }
  return { ...own, ...Object.fromEntries(added) };
}

/** Of variables of one name the last one counts. */
function lastOfEach(env: any[]): any[] {
  return env.filter((variable, i) => !env.slice(i + 1).some(later => later.name === variable.name));
}

function filled(key: string, list: any[]): { [key: string]: any[] } {
  return list.length === 0 ? {} : { [key]: list };
}

/** The template of the documentation names all three kinds and gives none. */
function filledAffinity(affinity: any): any {
  const kinds = Object.entries(affinity ?? {}).filter(([, kind]) => Object.keys(kind as object).length > 0);
  return kinds.length === 0 ? undefined : Object.fromEntries(kinds);
}

function withSidecar(spec: any, xcom: NonNullable<SparkApplicationOptions['xcom']>): any {
  const { sidecars = [], volumeMounts, ...driver } = spec.driver;
  const pod = {
    volumes: spec.volumes,
    initContainers: driver.initContainers,
    containers: [{ name: SPARK_DRIVER_CONTAINER, ...(volumeMounts ? { volumeMounts } : {}) }, ...sidecars],
  };
  const { volumes, containers: [base, ...others] } = withXCom(pod, { mode: 'airflow', ...xcom });
  return { ...spec, volumes, driver: { ...driver, volumeMounts: base.volumeMounts, sidecars: others } };
}

function checkDynamicAllocation({ dynamicAllocation }: any, path: string): void {
  const missing = dynamicAllocation?.enabled ? ['minExecutors', 'maxExecutors'].filter(key => !(dynamicAllocation[key] > 0)) : [];
  if (missing.length > 0) { throw new Error(`${path}: with 'enabled' the operator wants ${missing.map(key => `'${key}'`).join(' and ')}, at least 1`); }
  if (dynamicAllocation?.enabled && dynamicAllocation.minExecutors > dynamicAllocation.maxExecutors) {
    throw new Error(`${path}: 'minExecutors' (${dynamicAllocation.minExecutors}) is more than 'maxExecutors' (${dynamicAllocation.maxExecutors})`);
  }
}

function checkKind(spark: any, path: string): void {
  const { kind = SPARK_KIND, apiGroup, version } = spark;
  const apiVersion = spark.apiVersion ?? (apiGroup === undefined && version === undefined ? SPARK_API_VERSION : `${apiGroup}/${version}`);
  if (kind !== SPARK_KIND) { throw new Error(`${path}.kind: expected '${SPARK_KIND}', got ${describe(kind)}`); }
  if (apiVersion !== SPARK_API_VERSION) { throw new Error(`${path}.apiVersion: expected '${SPARK_API_VERSION}', got ${describe(apiVersion)}`); }
}

function knownKeys(object: object, keys: string[], path: string): void {
  const other = Object.keys(object).find(key => !keys.includes(key));
  if (other === undefined) { return; }
  throw new Error(`${path}: unknown key '${other}'${didYouMean(other, keys) || `; there are ${keys.map(key => `'${key}'`).join(', ')}`}`);
}

function describe(value: unknown): string {
  return value === undefined ? 'nothing' : Array.isArray(value) ? 'a list' : shown(value).slice(0, 80);
}

/** Templates write null for what they do not give. */
function withoutNull(value: any): any {
  if (Array.isArray(value)) { return value.filter(item => item !== null).map(withoutNull); }
  if (!isObject(value)) { return value; }
  const given = Object.entries(value).filter(([, item]) => item !== null && item !== undefined);
  return Object.fromEntries(given.map(([key, item]) => [key, withoutNull(item)]));
}
