import { ApiObject, Testing } from 'cdk8s';
import { Construct } from 'constructs';
import { constructsOf } from '../../src/private/complete-app';
import { chart } from '../util';

/** Says how many objects there are when the app is validated. */
class Counting extends Construct {
  public counts: number[] = [];
  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.node.addValidation({ validate: () => { this.counts.push(constructsOf(this, ApiObject.isApiObject).length); return []; } });
  }
}

test('an app is looked through once in a pass of validation, and anew in the next', () => {
  const scope = chart();
  const all = [1, 2, 3].map(i => new Counting(scope, `counting-${i}`));
  const findAll = jest.spyOn(scope.node.root.node, 'findAll');
  const object = (id: string) => new ApiObject(scope, id, { apiVersion: 'v1', kind: 'ConfigMap' });
  object('a');
  Testing.synth(scope);
  const looks = findAll.mock.calls.length;
  object('b');
  Testing.synth(scope);
  expect(all.map(({ counts }) => counts)).toEqual(Array(3).fill([1, 2]));
  expect(findAll.mock.calls.length).toBe(2 * looks);
  new Counting(scope, 'one-more');
  Testing.synth(scope);
  expect(findAll.mock.calls.length).toBe(3 * looks);
});
