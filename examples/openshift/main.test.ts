import { Testing } from 'cdk8s';
import { OpenShiftAirflow } from './main';

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });

test('the manifests', () => {
  expect(Testing.synth(new OpenShiftAirflow(Testing.app(), 'airflow'))).toMatchSnapshot();
});
