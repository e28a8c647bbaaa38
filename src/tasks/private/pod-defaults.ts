import { Wire } from '../../private/component-graph';

/** Whose entries are merged; of all other settings the component's own takes the place of the deployment's. */
const BY_KEY = ['labels', 'annotations', 'nodeSelector'];
/** Lists that are merged by what their items are known by. */
const BY_ITEM: { readonly [setting: string]: string } = { env: 'name', volumes: 'name', volumeMounts: 'mountPath' };

/** The settings of one kind of pod over those of all pods. For props and for wire JSON, which have the same names. */
export function withDefaults<T extends { readonly [setting: string]: any }>(defaults: Wire | undefined, own: T): T {
  if (!defaults) { return own; }
  const given = (settings: Wire): Wire => Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  const merged = { ...given(defaults), ...given(own) };
  for (const key of BY_KEY) {
    if (defaults[key] && own[key]) { merged[key] = { ...defaults[key], ...own[key] }; }
  }
  for (const [list, key] of Object.entries(BY_ITEM)) {
    if (defaults[list] && Array.isArray(own[list])) {
      merged[list] = [...defaults[list].filter((item: Wire) => !own[list].some((other: Wire) => other[key] === item[key])), ...own[list]];
    }
  }
  return merged as T;
}
