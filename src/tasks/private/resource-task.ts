import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Yaml } from 'cdk8s';
import { TaskReader } from './task-reader';
import { hasJinja } from '../../pod/jinja';
import { PythonValue } from '../../pod/python';
import { PropNames } from '../../private/known-props';
import { shown } from '../../private/prop-types';
import { ResourceTaskProps } from '../resource-task-props';

export const RESOURCE_TASK_PROPS: PropNames<ResourceTaskProps> = {
  taskId: true,
  retries: true,
  dependsOn: true,
  renderAs: true,
  yamlConf: true,
  yamlConfFile: true,
  namespace: true,
  customResourceDefinition: true,
  namespaced: true,
};

/** The data of the ConfigMap of a task that creates or deletes objects. */
export function resourceData(read: TaskReader, props: ResourceTaskProps): { [key: string]: string | undefined } {
  read.flag('customResourceDefinition', props.customResourceDefinition);
  read.flag('namespaced', props.namespaced);
  return { namespace: read.string('namespace', props.namespace), yamlConf: read.guarded(() => yamlConf(props)) };
}

/** The same as arguments of the operators. */
export function resourceArgs(props: ResourceTaskProps, namespace: string | undefined): { [parameter: string]: PythonValue | undefined } {
  return {
    yaml_conf: yamlConf(props),
    namespace,
    custom_resource_definition: props.customResourceDefinition ? true : undefined,
    namespaced: props.namespaced === false ? false : undefined,
  };
}

function yamlConf({ yamlConf: text, yamlConfFile: file }: ResourceTaskProps): string {
  if ((text === undefined) === (file === undefined)) {
    throw new Error(`one of 'yamlConf' and 'yamlConfFile' must be given, got ${text === undefined ? 'neither' : 'both'}`);
  }
  if (file !== undefined && (typeof file !== 'string' || !existsSync(file) || !statSync(file).isFile())) {
    throw new Error(`'yamlConfFile' must be the path of a YAML file, got ${shown(file)}, where there is none; `
      + 'a relative path counts from the working directory of the synth');
  }
  const yaml = text ?? readFileSync(file!, 'utf8');
  if (typeof yaml !== 'string') { throw new Error(`'yamlConf' must be YAML as a text, got ${shown(yaml)}`); }
  if (!hasJinja(yaml)) { check(yaml, text === undefined ? 'yamlConfFile' : 'yamlConf'); }
  return yaml;
}

/** Throws for what is no text of objects. One with Jinja is judged when it is rendered. */
function check(yaml: string, prop: string): void {
  const objects = documentsOf(yaml).flatMap(object => object?.kind === 'List' && Array.isArray(object.items) ? object.items : [object]);
  if (objects.length === 0) { throw new Error(`'${prop}' holds no object`); }
  const bad = objects.findIndex(object => [object?.apiVersion, object?.kind, object?.metadata?.name].some(value => typeof value !== 'string' || value === ''));
  if (bad >= 0) { throw new Error(`object ${bad + 1} of '${prop}' needs 'apiVersion', 'kind' and 'metadata.name', got ${shown(objects[bad]).slice(0, 200)}`); }
}

/** cdk8s reads files alone. */
function documentsOf(yaml: string): any[] {
  const folder = mkdtempSync(join(tmpdir(), 'cdk8s-airflow-'));
  try {
    writeFileSync(join(folder, 'objects.yaml'), yaml);
    return Yaml.load(join(folder, 'objects.yaml'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
