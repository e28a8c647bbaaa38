import { PodIdentity, RenderContext, TemplateContext } from '../../src/runtime/context';
import { ExactJson, JsonNode, jsonNode, parseJson } from '../../src/runtime/json';
import { renderTemplate } from '../../src/runtime/template';

type Entries = Map<string, JsonNode>;
const entries = (node: JsonNode): Entries => (node as Extract<JsonNode, { kind: 'object' }>).entries;

/** Renders a template for what conformance/jinja/context.json says. */
export function rendererOf(contextText: string, airflowVersion: string): (template: string) => string {
  const { identity, context } = JSON.parse(contextText) as { identity: PodIdentity; context: RenderContext };
  // A 2.0 of the file stays a float.
  const exact = entries(entries(parseJson(contextText)).get('context')!);
  const xcoms = entries(exact.get('xcom')!);
  const params = Object.fromEntries([...entries(exact.get('params')!)].map(([name, node]) => [name, new ExactJson(node)]));
  return template => renderTemplate(template, new TemplateContext({ ...identity, airflowVersion }, { ...context, params }, (task, key) => {
    const pushed = xcoms.get(task);
    return pushed && (entries(pushed).get(key) ?? (key === 'return_value' ? jsonNode(null, '') : null));
  }));
}
