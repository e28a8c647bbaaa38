import { Testing } from 'cdk8s';
import { ENVIRONMENTS, ProductionAirflow } from './main';

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });

test.each(ENVIRONMENTS.map(environment => [environment.namespace, environment] as const))('the manifests of %s', (_, environment) => {
  expect(Testing.synth(new ProductionAirflow(Testing.app(), environment.namespace, environment))).toMatchSnapshot();
});
