import { Testing } from 'cdk8s';
import { Quickstart } from './main';

test('the manifests of the quickstart', () => {
  jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  expect(Testing.synth(new Quickstart(Testing.app(), 'quickstart'))).toMatchSnapshot();
});
