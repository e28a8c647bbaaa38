import { Deployed } from './deploy';
import { AirflowAuth, AirflowVersion, SecretRef } from '../../src';

const auth = AirflowAuth.fab({ users: [{ username: 'ada', email: 'ada@example.com', password: SecretRef.existing('ada', 'password') }] });

test.each([
  [AirflowVersion.V3_3, 'api-server'],
  [AirflowVersion.V2_11, 'webserver'],
])('on %s users are made when the %s answers, which makes roles and permissions', (version, ui) => {
  const deployed = new Deployed({ auth, version, config: { [ui === 'webserver' ? 'webserver' : 'api']: { base_url: 'https://example.com/air' } } });
  expect(deployed.env('create-user').USER_INTERFACE_URL).toBe(`http://airflow-${ui}:8080/air/`);
  expect(JSON.stringify(deployed.find('NetworkPolicy', 'airflow-create-user').spec.egress)).toContain(`"app.kubernetes.io/component":"${ui}"`);
});
