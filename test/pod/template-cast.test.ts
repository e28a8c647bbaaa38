import { castTemplate } from '../../src/pod/template-cast';

const container = (fields: any) => ({ spec: { containers: [fields] } });
const cast = (fields: any, text?: string) => castTemplate(container(fields), text).spec.containers[0];

test.each<[any, any]>([
  [true, 'True'], [false, 'False'], [420, '420'], [1.1, '1.1'], [-0.5, '-0.5'], ['x', 'x'], ['', ''],
])('%p becomes %p where a text is meant', (value, expected) => {
  expect(cast({ args: [value], env: [{ name: 'A', value }] })).toEqual({ args: [expected], env: [{ name: 'A', value: expected }] });
});

test('quantities and labels become texts, numbers and flags stay', () => {
  expect(castTemplate({
    metadata: { labels: { v: 1 } },
    spec: { terminationGracePeriodSeconds: '60', hostNetwork: true, containers: [{ resources: { limits: { cpu: 1 } }, ports: [{ containerPort: 80 }], livenessProbe: { httpGet: { port: 80 } } }] },
  })).toEqual({
    metadata: { labels: { v: '1' } },
    spec: { terminationGracePeriodSeconds: 60, hostNetwork: true, containers: [{ resources: { limits: { cpu: '1' } }, ports: [{ containerPort: 80 }], livenessProbe: { httpGet: { port: 80 } } }] },
  });
});

test('null is not given', () => expect(cast({ name: 'a', args: null, env: [null, { name: 'A', value: null }] })).toEqual({ name: 'a', env: [{ name: 'A' }] }));

test('null in a list of texts is refused: Kubernetes would take it for an empty one', () => {
  expect(() => cast({ name: 'a', args: ['x', null] })).toThrow("args[1]: null stands where a text is meant, and Kubernetes would take it for an empty one; write '', or take it out");
});

test('unknown keys stay for the schema to judge', () => expect(cast({ arg: 5 })).toEqual({ arg: 5 }));

test('a date is written as it stands', () => {
  expect(cast({ args: ['2026-01-01T00:00:00.000Z'] }, 'args: [2026-01-01]').args).toEqual(['2026-01-01']);
  expect(cast({ args: ['2026-01-01T00:00:00.000Z'] }, "args: ['2026-01-01T00:00:00.000Z']").args).toEqual(['2026-01-01T00:00:00.000Z']);
});

test.each<[string, any, string]>([
  ['1.0, which is 1 here and 1.0 in Python', 1, 'args: [1.0]'],
  ['1e3, which is a text in Python', 1000, 'args: [1e3]'],
  ['a number too long to be exact', 2 ** 60, 'args: [1152921504606846976]'],
  ['a number that Python writes with an exponent', 0.00001, 'args: [0.00001]'],
  ['08, which is a text in Python', 8, 'args: [08]'],
  ['y, which is a text in Python', true, 'args: [y]'],
  ['a time', '2026-01-01T10:00:00.000Z', 'args: [2026-01-01T10:00:00Z]'],
  ['midnight', '2026-01-01T00:00:00.000Z', 'args: [2026-01-01T00:00:00Z]'],
])('fails for %s', (_, value, text) => expect(() => cast({ args: [value] }, text)).toThrow(/spec\.containers\[0\]\.args\[0\]: .* put it in quotes/));

test('a version in another text does not put a plain number in doubt', () => {
  expect(cast({ args: [1] }, 'image: app:1.0\nargs: [1]').args).toEqual(['1']);
});
