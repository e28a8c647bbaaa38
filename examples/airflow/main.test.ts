import { Testing } from 'cdk8s';
import { airflowExample } from './main';

test('the manifests of the example', () => {
  const app = Testing.app();
  airflowExample(app);
  expect(app.synthYaml()).toMatchSnapshot();
});
