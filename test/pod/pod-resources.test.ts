import * as fc from 'fast-check';
import { podResources } from '../../src/pod/pod-resources';

const container = (cpu: number, more: object = {}) => ({ resources: { requests: { cpu } }, ...more });
const cpus = (spec: any) => Number((podResources(spec, 'requests').cpu ?? 0n) / 1_000_000_000n);

test('containers add up, resource by resource, and what is not set is nothing', () => {
  const spec = { containers: [{ resources: { requests: { cpu: '250m', memory: '1Gi' }, limits: { memory: '2Gi' } } }, { resources: { requests: { cpu: '0.5' } } }, {}] };
  expect(podResources(spec, 'requests')).toEqual({ cpu: 750_000_000n, memory: 1_073_741_824_000_000_000n });
  expect(podResources(spec, 'limits')).toEqual({ memory: 2_147_483_648_000_000_000n });
});

test('an init container counts where it takes more than all that run later', () => {
  expect(cpus({ initContainers: [container(2), container(5)], containers: [container(1), container(1)] })).toBe(5);
  expect(cpus({ initContainers: [container(2)], containers: [container(3)] })).toBe(3);
});

test('a sidecar runs beside the containers, and beside the init containers after it only', () => {
  const sidecar = container(1, { restartPolicy: 'Always' });
  expect(cpus({ initContainers: [sidecar], containers: [container(3)] })).toBe(4);
  expect(cpus({ initContainers: [sidecar, container(5)], containers: [container(3)] })).toBe(6);
  expect(cpus({ initContainers: [container(5), sidecar], containers: [container(3)] })).toBe(5);
});

test('a container more never takes less', () => {
  const some = fc.array(fc.record({ cpu: fc.nat(9), sidecar: fc.boolean() }), { maxLength: 4 });
  fc.assert(fc.property(some, fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }), fc.nat(9), (init, main, added) => {
    const spec = { initContainers: init.map(({ cpu, sidecar }) => container(cpu, sidecar ? { restartPolicy: 'Always' } : {})), containers: main.map(cpu => container(cpu)) };
    expect(cpus({ ...spec, containers: [...spec.containers, container(added)] })).toBeGreaterThanOrEqual(cpus(spec));
    expect(cpus({ ...spec, initContainers: [...spec.initContainers, container(added)] })).toBeGreaterThanOrEqual(cpus(spec));
  }));
});
