import recorded from './fixtures/pod-security.json';
import { podSecurityViolations } from '../../src/pod/pod-security';

describe.each(['restricted', 'baseline'] as const)('%s says what the real admission said', level => {
  test.each(recorded)('$name', entry => {
    expect(podSecurityViolations(entry.spec, level).join(', ')).toBe(entry[level]);
  });
});

test('the record holds admitted and refused pods for each level', () => {
  for (const level of ['restricted', 'baseline'] as const) {
    expect(recorded.filter(entry => entry[level] === '').length).toBeGreaterThan(5);
    expect(recorded.filter(entry => entry[level] !== '').length).toBeGreaterThan(20);
  }
});

test('each violation is an item of its own', () => {
  expect(podSecurityViolations({ containers: [{ name: 'base' }] }, 'restricted')).toEqual([
    'allowPrivilegeEscalation != false (container "base" must set securityContext.allowPrivilegeEscalation=false)',
    'unrestricted capabilities (container "base" must set securityContext.capabilities.drop=["ALL"])',
    'runAsNonRoot != true (pod or container "base" must set securityContext.runAsNonRoot=true)',
    'seccompProfile (pod or container "base" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  ]);
});

test('a pod without containers breaks nothing', () => {
  expect(podSecurityViolations({}, 'restricted')).toEqual([]);
});
