import { PythonCall } from './python';

/** What Airflow 3 has taken from the names of templates, and what stands in its place. */
export const REMOVED_NAMES: { readonly [name: string]: string } = {
  conf: "write '{{ var.value.NAME }}' or '{{ params.NAME }}' for what the DAG is given, or read the option in the image",
  execution_date: "write 'logical_date'",
  next_ds: "write 'data_interval_end | ds'",
  next_ds_nodash: "write 'data_interval_end | ds_nodash'",
  next_execution_date: "write 'data_interval_end'",
  prev_ds: "write 'macros.ds_add(ds, -1)', a day before",
  prev_ds_nodash: "write 'macros.ds_add(ds, -1).replace(\"-\", \"\")', a day before",
  prev_execution_date: "write 'prev_data_interval_start_success', of the last run that succeeded",
  prev_execution_date_success: "write 'prev_data_interval_start_success'",
  tomorrow_ds: "write 'macros.ds_add(ds, 1)'",
  tomorrow_ds_nodash: "write 'macros.ds_add(ds, 1).replace(\"-\", \"\")'",
  triggering_dataset_events: "write 'triggering_asset_events'",
  yesterday_ds: "write 'macros.ds_add(ds, -1)'",
  yesterday_ds_nodash: "write 'macros.ds_add(ds, -1).replace(\"-\", \"\")'",
};

/** Why a template of Airflow 3 cannot use a name; undefined for one that it has, or never had. */
export function whyRemoved(name: string): string | undefined {
  return Object.hasOwn(REMOVED_NAMES, name) ? `Airflow 3 has no '${name}' any more; ${REMOVED_NAMES[name]}` : undefined;
}

const OPAQUE = /\{#[\s\S]*?#\}|\{%-?\s*raw\s*-?%\}[\s\S]*?\{%-?\s*endraw\s*-?%\}/g;
const TAGS = /\{\{([\s\S]*?)\}\}|\{%([\s\S]*?)%\}/g;
const STRINGS = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g;
/** A name that is neither an attribute nor a filter, and is not set, nor asked whether there is one. */
const NAMES = /(?<![\w.|])(?<!\|\s+)[a-z_]+\b(?!\s*=[^=])(?!\s+is\s+(?:not\s+)?(?:un)?defined)(?!\s*\|\s*d(?:efault)?\b)/g;

/** The first of the removed names that a template uses. */
function removedName(text: string): string | undefined {
  const code = [...text.replace(OPAQUE, '').matchAll(TAGS)].map(([, expression, statement]) => (expression ?? statement).replace(STRINGS, "''"));
  return code.flatMap(part => part.match(NAMES) ?? []).find(name => Object.hasOwn(REMOVED_NAMES, name));
}

/** Arguments of the operators whose texts are not rendered. */
const VERBATIM = ['full_pod_spec', 'full_job_spec', 'init_containers', 'affinity', 'tolerations', 'secrets'];

/** Why Airflow 3 would fail to render what an operator is given; undefined where it would not. */
export function removedIn(call: PythonCall): string | undefined {
  const search = (value: unknown): string | undefined => {
    if (typeof value === 'string') { return whyRemoved(removedName(value) ?? ''); }
    if (value === null || typeof value !== 'object') { return undefined; }
    for (const item of Object.values(value instanceof PythonCall ? value.args : value)) {
      const found = search(item);
      if (found !== undefined) { return found; }
    }
    return undefined;
  };
  for (const [argument, value] of Object.entries(call.args)) {
    const found = VERBATIM.includes(argument) ? undefined : search(value);
    if (found !== undefined) { return `'${argument}': ${found}`; }
  }
  return call.then && removedIn(call.then);
}
