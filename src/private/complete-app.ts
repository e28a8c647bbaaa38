import { Construct, IConstruct } from 'constructs';

type Kind = (node: any) => boolean;
const apps = new WeakMap<IConstruct, Map<Kind, IConstruct[]>>();

/**
 * All constructs of a kind in the app, for validations: each of many looks through the whole app, which would take the square of its size. A pass of
 * validation begins at the root, so that what an earlier one found is forgotten there.
 *
 * @param is A function that stays the same
 */
export function constructsOf<T extends IConstruct>(scope: Construct, is: (node: any) => node is T): T[] {
  const { root } = scope.node;
  let found = apps.get(root);
  if (!found) {
    found = new Map();
    apps.set(root, found);
    root.node.addValidation({ validate: () => { apps.get(root)!.clear(); return []; } });
  }
  if (!found.has(is)) { found.set(is, root.node.findAll().filter(is)); }
  return found.get(is) as T[];
}
