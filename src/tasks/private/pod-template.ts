import { existsSync, readFileSync, statSync } from 'node:fs';
import { Yaml } from 'cdk8s';
import { hasJinja } from '../../pod/jinja';
import { podPathText, podTexts } from '../../pod/pod-path';
import { toWire } from '../../pod/schema';
import { castTemplate } from '../../pod/template-cast';

/** The pod in a template file: one document of YAML 1.1. */
export function readTemplateFile(path: string): any {
  if (typeof path !== 'string' || !existsSync(path) || !statSync(path).isFile()) {
    throw new Error(`'podTemplateFile' must be the path of a YAML file, got ${JSON.stringify(path)}, where there is none; ` +
      'a relative path counts from the working directory of the synth');
  }
  const documents: any[] = Yaml.load(path);
  if (documents.length !== 1) {
    throw new Error(`'podTemplateFile' must hold one pod, got ${documents.length === 0 ? 'an empty file' : `${documents.length} documents`} in '${path}'`);
  }
  return withoutJinja('podTemplateFile', pod('podTemplateFile', documents[0], readFileSync(path, 'utf8')));
}

/** The pod of `podTemplateDict`; its texts may hold Jinja. */
export function readTemplateDict(template: any): any {
  return pod('podTemplateDict', template);
}

/** The pod of `fullPodSpec` or `podOverride`, which nothing casts. */
export function readPod(prop: string, value: any): any {
  const wire = toWire('Pod', withoutStatus(prop, value), prop, { partial: true });
  return prop === 'fullPodSpec' ? withoutJinja(prop, wire) : wire;
}

function pod(prop: string, template: any, text?: string): any {
  const object = withoutStatus(prop, template);
  let cast;
  try {
    cast = castTemplate(object, text);
  } catch (error) {
    throw new Error(`'${prop}': ${(error as Error).message}`);
  }
  return toWire('Pod', cast, prop, { partial: true });
}

/** Exported manifests have a status, which only the server writes. */
function withoutStatus(prop: string, value: any): any {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new Error(`'${prop}' must hold a pod, an object with 'metadata' and 'spec', got ${Array.isArray(value) ? 'a list' : JSON.stringify(value)}`);
  }
  const { status: _, ...rest } = value;
  return rest;
}

/** KubernetesPodOperator leaves Jinja there as text, which would run as it is written. */
function withoutJinja(prop: string, value: any): any {
  const found = podTexts(value).find(({ text }) => hasJinja(text));
  if (found) {
    throw new Error(`'${prop}' holds Jinja at '${podPathText(found.path)}', where KubernetesPodOperator does not render it: ${found.text.slice(0, 80)}; ` +
      "write it into the task's own parameters or into 'podTemplateDict' (there, braces that are meant as such stand in {% raw %})");
  }
  return value;
}
