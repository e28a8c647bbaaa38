import { Testing } from 'cdk8s';
import { CeleryAirflow } from './main';

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });

test('the manifests', () => {
  expect(Testing.synth(new CeleryAirflow(Testing.app(), 'airflow'))).toMatchSnapshot();
});
