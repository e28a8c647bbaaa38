import { Deployed, SHAPES } from '../deployment/deploy';

const rules = (deployed: Deployed) => Object.fromEntries(deployed.objects.filter(({ kind }) => kind === 'Role').map(role =>
  [role.metadata.name, role.rules.map((rule: any) => `${rule.resources}: ${rule.verbs}`)]));

test('a Role holds the verbs that its component was seen to use', () => {
  expect(rules(new Deployed())).toEqual({
    'airflow-secret-bootstrap': ['secrets: get,patch'],
    'airflow-scheduler': ['pods: create,delete,get,list,patch,watch'],
    'airflow-api-server': ['pods: list', 'pods/log: get'],
  });
});

test('without task pods nobody needs the Kubernetes API but the Job that makes secrets', () => {
  expect(Object.keys(rules(new Deployed(SHAPES[2][1]())))).toEqual(['airflow-secret-bootstrap']);
});

test('each component has an account of its own, and a binding names it with its namespace', () => {
  const deployed = new Deployed();
  expect(deployed.objects.filter(({ kind }) => kind === 'ServiceAccount').map(({ metadata }) => metadata.name)).toEqual([
    'secret-bootstrap', 'migration', 'scheduler', 'api-server', 'dag-processor', 'triggerer', 'worker',
  ].map(component => `airflow-${component}`));
  expect(deployed.find('RoleBinding', 'airflow-scheduler')).toMatchObject({
    roleRef: { kind: 'Role', name: 'airflow-scheduler' },
    subjects: [{ kind: 'ServiceAccount', name: 'airflow-scheduler', namespace: 'ns' }],
  });
});
