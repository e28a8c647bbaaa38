import fc from 'fast-check';
import { PythonCall, pythonModel, PythonName, pythonText } from '../../src/pod/python';

test('JSON as Python', () => {
  expect(pythonText({ 'a': [1, -0.5, 1e21, true, false, null], 'b c': {} })).toBe('{"a": [1, -0.5, 1e+21, True, False, None], "b c": {}}');
  expect(() => pythonText(NaN)).toThrow('NaN is no JSON number');
});

test('names and calls stand as they are; an argument that is undefined is left out', () => {
  expect(pythonText(new PythonCall('f', { a: new PythonName('x.y'), b: undefined, c: 'd' }))).toBe('f(a=x.y, c="d")');
});

test('what is long is broken, with the same indent at every level', () => {
  const text = pythonText(new PythonCall('f', { first: ['a'.repeat(60), 'b'.repeat(60)], second: {} }), 4);
  expect(text).toBe(`f(\n        first=[\n            "${'a'.repeat(60)}",\n            "${'b'.repeat(60)}",\n        ],\n        second={},\n    )`);
});

test('no text can end a literal or hide in it', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => {
    const literal = pythonText(text);
    // Of JSON's escapes Python knows all that are written.
    expect(JSON.parse(literal)).toBe(text);
    expect(literal.slice(1, -1).replace(/\\./g, '')).not.toMatch(/["\\\n\r\u0000-\u001f\u202a-\u202e\u2066-\u2069]/);
  }));
});

test('wire JSON as models of the Python client, by its names', () => {
  expect(pythonText(pythonModel('Container', {
    name: 'base',
    envFrom: [{ configMapRef: { name: 'm' } }],
    ports: [{ containerPort: 80, hostIP: '127.0.0.1' }],
    livenessProbe: { exec: { command: ['x'] } },
    resources: { limits: { cpu: '1' } },
  }))).toBe(`V1Container(
    name="base",
    env_from=[V1EnvFromSource(config_map_ref=V1ConfigMapEnvSource(name="m"))],
    ports=[V1ContainerPort(container_port=80, host_ip="127.0.0.1")],
    liveness_probe=V1Probe(_exec=V1ExecAction(command=["x"])),
    resources=V1ResourceRequirements(limits={"cpu": "1"}),
)`.replace(/V1/g, 'k8s.V1'));
});
