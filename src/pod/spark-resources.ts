import { isObject } from './schema';
import { shown } from './shown';
/** Megabytes that a suffix of Kubernetes' or Spark's stands for; Spark takes `m` and `g` for what Kubernetes calls `Mi` and `Gi`. */
const MEBI: { [suffix: string]: number } = {
  '': 1 / 2 ** 20, 'k': 1 / 2 ** 10, 'K': 1 / 2 ** 10, 'Ki': 1 / 2 ** 10, 'm': 1, 'M': 1, 'Mi': 1, 'g': 2 ** 10, 'G': 2 ** 10, 'Gi': 2 ** 10, 't': 2 ** 20, 'T': 2 ** 20, 'Ti': 2 ** 20,
};
/** Of Python programs Spark asks Kubernetes for so much more than it is told. */
const OVERHEAD = 1.4;

/**
 * What Spark's driver or executors have in place of `container_resources`, as SparkKubernetesOperator converts them: whole `cores`, `coreLimit`, `memory`
 * without the overhead that Spark adds to it, `gpu`. A part of a core, which `cores` cannot say, becomes `coreRequest`.
 *
 * @throws Error that begins with the path and says what the operator cannot convert.
 */
export function sparkResources(resources: any, path: string): any {
  if (!isObject(resources)) {
    throw new Error(`${path}: expected an object with 'cpu', 'memory' and 'gpu', got ${shown(resources)}`);
  }
  known(resources, ['cpu', 'memory', 'gpu'], path);
  const { cpu = {}, memory = {}, gpu = {} } = resources;
  known(cpu, ['request', 'limit'], `${path}.cpu`);
  known(memory, ['request', 'limit'], `${path}.memory`);
  known(gpu, ['name', 'quantity'], `${path}.gpu`);
  const quantity = given(gpu.quantity) ? wholeNumber(gpu.quantity, `${path}.gpu.quantity`) : 0;
  return {
    ...(given(cpu.request) ? cores(cpu.request, `${path}.cpu.request`) : {}),
    ...(given(cpu.limit) ? { coreLimit: String(cpu.limit) } : {}),
    ...(given(memory.limit) ? { memory: megabytes(memory.limit, `${path}.memory.limit`) } : {}),
    ...(given(gpu.name) && quantity > 0 ? { gpu: { name: gpu.name, quantity } } : {}),
  };
}

/** The template of the documentation writes 0 and nothing for what it does not ask for. */
function given(value: unknown): boolean {
  return value !== undefined && value !== '' && Number(value) !== 0;
}

function known(object: any, keys: string[], path: string): void {
  if (!isObject(object)) { throw new Error(`${path}: expected an object, got ${shown(object)}`); }
  const other = Object.keys(object).find(key => !keys.includes(key));
  if (other !== undefined) { throw new Error(`${path}: unknown key '${other}'; there are ${keys.map(key => `'${key}'`).join(' and ')}`); }
}

function cores(request: unknown, path: string): any {
  const [, digits, milli] = /^\s*(\d+\.?\d*|\.\d+)(m?)\s*$/.exec(String(request)) ?? fail(path, "a number of cores such as '2' or '500m'", request);
  const number = milli === 'm' ? Number(digits) / 1000 : Number(digits);
  return Number.isInteger(number) ? { cores: number } : { cores: Math.max(1, Math.floor(number)), coreRequest: `${request}`.trim() };
}

function megabytes(limit: unknown, path: string): string {
  const [, digits, suffix] = /^\s*(\d+\.?\d*|\.\d+)\s*([A-Za-z]{0,2})\s*$/.exec(String(limit)) ?? [];
  if (typeof limit !== 'string' || digits === undefined || !Object.hasOwn(MEBI, suffix)) { return fail(path, "a text such as '2Gi' or '512Mi'", limit); }
  const whole = Math.floor(Number(digits) * MEBI[suffix] / OVERHEAD);
  return whole > 0 ? `${whole}m` : fail(path, "at least '2Mi'", limit);
}

function wholeNumber(value: unknown, path: string): number {
  const number = Number(value);
  return Number.isInteger(number) && number >= 0 ? number : fail(path, 'a whole number', value);
}

function fail(path: string, allowed: string, got: unknown): never {
  const jinja = typeof got === 'string' && got.includes('{{');
  throw new Error(`${path}: expected ${allowed}, got ${shown(got)}${jinja
    ? "; it is converted before Jinja is rendered: write 'cores', 'coreLimit' and 'memory' of the driver and the executor in place of 'container_resources'" : ''}`);
}
