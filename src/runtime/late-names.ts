import { ManifestError } from './errors';
import { PlannedTask } from './plan';
import { jobName } from '../pod/job';
import { Manifest } from '../pod/manifest';
import { layerName, slugName } from '../pod/names';
import { podPathText } from '../pod/pod-path';
import { throwProblems } from '../pod/problems';
import { named } from '../pod/rules/words';
import { LAYER_NAME, TaskAnnotation } from '../pod/task-annotation';

/**
 * A task with the names that its annotation holds as templates, of the object and of the base container, where the manifest has others in their place.
 *
 * @param render what a template comes to; undefined where that is not known yet
 * @throws ManifestError for what is no name
 */
export function withLateNames(planned: PlannedTask, render: (template: string, parameter: string) => string | undefined): PlannedTask {
  const { task } = planned;
  const name = task.name === undefined ? undefined : render(task.name, 'name');
  const base = task.baseContainerName === undefined ? undefined : render(task.baseContainerName, 'base_container_name');
  if (name === undefined && base === undefined) { return planned; }
  try {
    const object = name === undefined ? planned.object : withName(planned.object, name, task);
    return base === undefined ? { ...planned, object } : withBaseName({ ...planned, object }, base);
  } catch (error) {
    throw new ManifestError(`task '${task.taskId}': ${(error as Error).message}`, 'it is rendered from Jinja: correct the template, or what it names');
  }
}

function withName(object: Manifest, name: string, { randomNameSuffix, templated = [] }: TaskAnnotation): Manifest {
  const normal = templated.includes(LAYER_NAME) ? layerName : slugName;
  const slug = object.kind === 'Job' ? jobName(slugName(name)) : normal(name, randomNameSuffix === false ? name.length : undefined);
  return { ...object, metadata: { ...object.metadata, name: slug } };
}

function withBaseName({ object, task, ...planned }: PlannedTask, name: string): PlannedTask {
  throwProblems(named('base_container_name', name, 'label'));
  const { template } = object.spec;
  const before = podPathText(['spec', 'containers', (template ?? object).spec.containers[0].name]);
  const after = podPathText(['spec', 'containers', name]);
  const moved = (paths?: string[]) => paths?.map(path => path.startsWith(before) ? after + path.slice(before.length) : path);
  const renamed = (spec: any) => {
    const [base, ...others] = spec.containers;
    if ([...others, ...spec.initContainers ?? []].some(other => other.name === name)) {
      throw new Error(`'base_container_name' is '${name}', and another container of its pod is called so`);
    }
    return { ...spec, containers: [{ ...base, name }, ...others] };
  };
  return {
    ...planned,
    task: { ...task, templated: moved(task.templated), asWritten: moved(task.asWritten) },
    object: { ...object, spec: template ? { ...object.spec, template: { ...template, spec: renamed(template.spec) } } : renamed(object.spec) },
  };
}
