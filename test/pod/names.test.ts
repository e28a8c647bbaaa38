import fc from 'fast-check';
import { hash, safeLabelValue, slug, slugName } from '../../src/pod/names';

test.each([
  ['write-xcom', 'write-xcom'],
  ['my_dag.Task 1', 'my-dag-task-1'],
  ['---task.id---', 'task-id'],
  ['.hi.-_09HI', 'hi-09hi'],
  ['Group.Übung_1', 'group-ubung-1'],
  ['Straße', 'strasse'],
  ['a'.repeat(250), 'a'.repeat(54)],
  [`${'a'.repeat(53)}-b`, 'a'.repeat(53)],
])('the slug of %s is %s', (text, expected) => expect(slug(text)).toBe(expected));

test('letters without a Latin form leave a hash, so that two names do not become one', () => {
  expect(slug('任务_1')).toMatch(/^1-[a-z0-9]{8}$/);
  expect(slug('任务_1')).not.toBe(slug('作业_1'));
  expect(slug('任务')).toMatch(/^task-[a-z0-9]{8}$/);
});

test.each([
  ['имя', 'imia'],
  ['test_extra-123', 'test-extra-123'],
  ['pod-name-with-hyphen-dot-.', 'pod-name-with-hyphen-dot'],
  ['a--b', 'a--b'],
  ['a'.repeat(220), 'a'.repeat(54)],
])('the name %s becomes %s', (name, expected) => expect(slugName(name)).toBe(expected));

test.each(['name@extra', '', 'a'.repeat(221), 'a b', '{{ ds }}'])('fails for the name %p', name => {
  expect(() => slugName(name)).toThrow("'name' must be 1 to 220 letters, digits, '-', '_' or '.'");
});

test('every task id has a slug that is a DNS label with room for the suffix', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }), text => {
    expect(slug(text)).toMatch(/^[a-z0-9]([a-z0-9-]{0,52}[a-z0-9])?$/);
  }));
});

// Airflow's own results for make_safe_label_value.
test.each([
  ['my_dag_id', 'my_dag_id'],
  ['my.dag.id', 'my.dag.id'],
  ['dag*', 'dag-6b24921d4'],
  ['task*', 'task-b6aca8991'],
  [`my_dag_id_${'a'.repeat(64)}`, `my_dag_id_${'a'.repeat(43)}-0ce114c45`],
  ['a'.repeat(64), `${'a'.repeat(53)}-014842d48`],
  ['manual__2016-01-01T01:00:00+01:00', 'manual__2016-01-01T0100000100-da4d1ce7b'],
  ['scheduled__2024-01-01T00:00:00+00:00', 'scheduled__2024-01-01T0000000000-654f198ec'],
  ['_leading', 'leading-668dc1710'],
  ['trailing_', 'trailing-523bfa4ae'],
  ['Group.Übung_1', 'Group.bung_1-eaa4be182'],
  ['', ''],
])('the label value of %p is %p', (value, expected) => expect(safeLabelValue(value)).toBe(expected));

test('a value without a single valid character becomes its hash alone, where Airflow makes an invalid one', () => {
  expect(safeLabelValue('Компьютер')).toBe('956d56adf');
});

test('every label value is valid and idempotent', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), value => {
    const safe = safeLabelValue(value);
    expect(safe).toMatch(/^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/);
    expect(safe.length).toBeLessThanOrEqual(63);
    expect(safeLabelValue(safe)).toBe(safe);
  }));
});

test('a hash has the asked length and alphabet', () => {
  expect(hash('a', 8)).toMatch(/^[a-z0-9]{8}$/);
  expect(hash('a', 8)).toBe(hash('a', 8));
  expect(hash('a', 8)).not.toBe(hash('b', 8));
});
