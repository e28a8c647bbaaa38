import { Component, ComponentGraph } from '../../src/private/component-graph';

const component = (name: string, more: Partial<Component> = {}): Component => ({
  name, workload: 'Deployment', containers: [], volumes: [], flows: [], pullSecrets: [], settings: {}, ...more,
});
const callsServer = (port: number): Partial<Component> => ({ flows: [{ kind: 'component', component: 'server', port }] });

test('knows who calls whom', () => {
  const graph = new ComponentGraph([component('a', callsServer(80)), component('server', { ports: [{ name: 'http', port: 80 }] }), component('b', callsServer(80))]);
  expect(graph.callersOf('server')).toEqual([{ from: 'a', port: 80, namespaces: [] }, { from: 'b', port: 80, namespaces: [] }]);
  expect(graph.callersOf('a')).toEqual([]);
  expect(graph.components.map(({ name }) => name)).toEqual(['a', 'server', 'b']);
});

test('fails where a component connects to a port that nobody offers', () => {
  expect(() => new ComponentGraph([component('a', callsServer(80))])).toThrow("component 'a' connects to port 80 of 'server', which does not offer it");
  expect(() => new ComponentGraph([component('a', callsServer(81)), component('server', { ports: [{ name: 'http', port: 80 }] })]))
    .toThrow("component 'a' connects to port 81 of 'server'");
});
