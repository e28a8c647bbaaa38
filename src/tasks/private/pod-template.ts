import { existsSync, readFileSync, statSync } from 'node:fs';
import { Yaml } from 'cdk8s';
import { hasJinja } from '../../pod/jinja';
import { podPathText, podTexts } from '../../pod/pod-path';
import { isObject, toWire } from '../../pod/schema';
import { castTemplate } from '../../pod/template-cast';
import { shown } from '../../private/prop-types';

/** The pod in a template file. */
export function readTemplateFile(path: string): any {
  return readTemplate('podTemplateFile', path, 'Pod');
}

/** The object in a template file: one document of YAML 1.1. */
export function readTemplate(prop: string, path: string, type: 'Pod' | 'Job'): any {
  if (typeof path !== 'string' || !existsSync(path) || !statSync(path).isFile()) {
    throw new Error(`'${prop}' must be the path of a YAML file, got ${shown(path)}, where there is none; ` +
      'a relative path counts from the working directory of the synth');
  }
  const documents: any[] = Yaml.load(path);
  if (documents.length !== 1) {
    throw new Error(`'${prop}' must hold one ${type === 'Pod' ? 'pod' : type}, got ${documents.length === 0 ? 'an empty file' : `${documents.length} documents`} in '${path}'`);
  }
  return withoutJinja(prop, template(prop, documents[0], type, readFileSync(path, 'utf8')), type);
}

/** The pod of `podTemplateDict`; its texts may hold Jinja. */
export function readTemplateDict(dict: any): any {
  return template('podTemplateDict', dict, 'Pod');
}

/** The pod of `fullPodSpec` or `podOverride`, which nothing casts. */
export function readPod(prop: string, value: any): any {
  const wire = toWire('Pod', withoutStatus(prop, value, 'Pod'), prop, { partial: true, none: prop === 'fullPodSpec' });
  return prop === 'fullPodSpec' ? withoutJinja(prop, wire, 'Pod') : wire;
}

function template(prop: string, value: any, type: 'Pod' | 'Job', text?: string): any {
  const object = toWire('object', withoutStatus(prop, value, type), prop);
  let cast;
  try {
    cast = castTemplate(object, text, type);
  } catch (error) {
    throw new Error(`'${prop}': ${(error as Error).message}`);
  }
  return toWire(type, cast, prop, { partial: true });
}

/** Exported manifests have a status, which only the server writes. */
export function withoutStatus(prop: string, value: any, type: 'Pod' | 'Job'): any {
  if (!isObject(value)) {
    throw new Error(`'${prop}' must hold a ${type === 'Pod' ? 'pod' : type}, an object with 'metadata' and 'spec', got ${Array.isArray(value) ? 'a list' : shown(value)}`);
  }
  const { status: _, ...rest } = value as any;
  return rest;
}

/** Airflow's operators leave Jinja there as text, which would run as it is written. */
export function withoutJinja(prop: string, value: any, type: 'Pod' | 'Job'): any {
  const found = podTexts(value).find(({ text }) => hasJinja(text));
  if (found) {
    throw new Error(`'${prop}' holds Jinja at '${podPathText(found.path)}', where Kubernetes${type}Operator does not render it: ${found.text.slice(0, 80)}; ` +
      "write it into the task's own parameters or into 'podTemplateDict' (there, braces that are meant as such stand in {% raw %})");
  }
  return value;
}
