import { Manifest } from '../pod/manifest';
import { TaskAction, TaskAnnotation } from '../pod/task-annotation';

/** The parameters of each action that must be there, as keys of its ConfigMap's data. */
const REQUIRED: { [action in TaskAction]: string[] } = {
  DeleteJob: ['name'], PatchJob: ['name', 'body'], CreateResource: ['yamlConf'], DeleteResource: ['yamlConf'],
};

/** What is wrong with the ConfigMap of a task, as the end of a sentence about it; undefined where nothing is. */
export function actionProblem({ action }: TaskAnnotation, { data = {} }: Manifest): string | undefined {
  if (action === undefined) { return 'has the annotation of a task, but no action in it; synthesise the manifest again instead of editing it'; }
  const missing = REQUIRED[action].find(key => typeof data[key] !== 'string');
  if (missing !== undefined) { return `has no '${missing}' in its data, which ${action} needs; synthesise the manifest again instead of editing it`; }
  if (action !== 'PatchJob') { return undefined; }
  try {
    JSON.parse(data.body);
    return undefined;
  } catch (error) {
    return `holds a 'body' that is no JSON: ${(error as Error).message}; synthesise the manifest again instead of editing it`;
  }
}

/** The ConfigMap of an action with every text rendered that the operator renders. */
export function mapActionTexts(object: Manifest, render: (text: string, path: string) => string): Manifest {
  const { body, ...texts } = object.data;
  const deep = (value: any, path: string): any => {
    if (typeof value === 'string') { return render(value, path); }
    if (Array.isArray(value)) { return value.map((item, i) => deep(item, `${path}[${i}]`)); }
    if (value === null || typeof value !== 'object') { return value; }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deep(item, `${path}.${key}`)]));
  };
  return {
    ...object,
    data: {
      ...Object.fromEntries(Object.entries<string>(texts).map(([key, text]) => [key, render(text, `data.${key}`)])),
      // A text within it must not break the JSON around it.
      ...(body === undefined ? {} : { body: JSON.stringify(deep(JSON.parse(body), 'data.body')) }),
    },
  };
}
