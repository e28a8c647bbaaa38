import { Wire } from '../../private/component-graph';

/** Whose entries are merged; of all other settings the component's own takes the place of the deployment's. */
const BY_KEY = ['labels', 'annotations', 'nodeSelector'];

/** The settings of one kind of pod over those of all pods; `env` by name. For props and for wire JSON, which have the same names. */
export function withDefaults<T extends { readonly [setting: string]: any }>(defaults: Wire | undefined, own: T): T {
  if (!defaults) { return own; }
  const given = (settings: Wire): Wire => Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  const merged = { ...given(defaults), ...given(own) };
  for (const key of BY_KEY) {
    if (defaults[key] && own[key]) { merged[key] = { ...defaults[key], ...own[key] }; }
  }
  if (defaults.env && own.env) {
    merged.env = [...defaults.env.filter(({ name }: Wire) => !own.env.some((variable: Wire) => variable.name === name)), ...own.env];
  }
  return merged as T;
}
