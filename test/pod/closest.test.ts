import * as fc from 'fast-check';
import { closest, didYouMean, didYouMeanBeginning } from '../../src/pod/closest';

test('finds a swapped, missing, extra or wrong letter', () => {
  const keys = ['containers', 'imagePullPolicy', 'image', 'hostname'];
  expect(closest('contianers', keys)).toEqual(['containers']);
  expect(closest('container', keys)).toEqual(['containers']);
  expect(closest('imagesPullPolicy', keys)).toEqual(['imagePullPolicy']);
  expect(closest('hostnome', keys)).toEqual(['hostname']);
});

test('case, underscores and hyphens do not count', () => {
  expect(closest('image_pull_policy', ['imagePullPolicy'])).toEqual(['imagePullPolicy']);
  expect(closest('IMAGE', ['image'])).toEqual(['image']);
});

test('a name that resembles nothing finds nothing', () => {
  expect(closest('volumes', ['image', 'args', 'tty'])).toEqual([]);
  expect(closest('', ['image'])).toEqual([]);
});

test('the nearest comes first, equally near ones in alphabetical order, at most three', () => {
  expect(closest('porta', ['ports', 'portb', 'porta', 'portc', 'portd'])).toEqual(['porta', 'portb', 'portc']);
});

test('the tail of a message names what was meant, or is empty', () => {
  expect(didYouMean('imag', ['image', 'images'])).toBe("; did you mean 'image'?");
  expect(didYouMean('ports', ['porta', 'portb'])).toBe("; did you mean 'porta' or 'portb'?");
  expect(didYouMean('zzz', ['image'])).toBe('');
});

test('a longer or shorter name with the same beginning', () => {
  expect(didYouMeanBeginning('retry_delay', ['retries', 'retryDelaySeconds'])).toBe("; did you mean 'retryDelaySeconds'?");
  expect(didYouMeanBeginning('on_failure_callback', ['onFailure', 'catchup'])).toBe("; did you mean 'onFailure'?");
  expect(didYouMeanBeginning('tags_of_dag', ['tags'])).toBe('');
});

test('a candidate itself is always found first', () => {
  fc.assert(fc.property(fc.stringMatching(/^[a-z]{3,12}$/), fc.array(fc.stringMatching(/^[a-z]{1,12}$/)), (name, others) => {
    expect(closest(name, [...others, name])[0]).toBe(name);
  }));
});

test('one edit away is always found', () => {
  fc.assert(fc.property(fc.stringMatching(/^[a-z]{3,12}$/), fc.nat(), fc.constantFrom('drop', 'swap', 'insert', 'replace'), (name, n, edit) => {
    const at = n % (name.length - 1);
    const typo = {
      drop: name.slice(0, at) + name.slice(at + 1),
      swap: name.slice(0, at) + name[at + 1] + name[at] + name.slice(at + 2),
      insert: `${name.slice(0, at)}x${name.slice(at)}`,
      replace: `${name.slice(0, at)}x${name.slice(at + 1)}`,
    }[edit];
    expect(closest(typo, [name])).toEqual([name]);
  }));
});
