import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { Deployed } from './deploy';
import { DagSourceContext, IDagSource, IExposure, IMetadataDatabase } from '../../src';

test('a database, a DAG source and an exposure of the user take the place of ours', () => {
  const database: IMetadataDatabase = {
    bind: (scope: Construct) => {
      new ApiObject(scope, 'Claim', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'claim' } });
      return { env: [{ name: 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD', value: 'cat /db' }], peer: { host: 'db', port: 3306, cidrs: ['10.9.0.0/16'] } };
    },
  };
  const dags: IDagSource = {
    bind: (_scope: Construct, context: DagSourceContext) => ({
      dagsFolder: '/dags',
      volumes: [{ name: 'dags', persistentVolumeClaim: { claimName: `${context.identity.name}-dags` } }],
      volumeMounts: [{ name: 'dags', mountPath: '/dags', readOnly: true }],
      initContainers: [],
      sidecars: [],
      peers: [{ host: 'nfs', port: 2049, cidrs: ['10.8.0.0/16'] }],
    }),
  };
  const exposure: IExposure = { bind: (_scope, context) => ({ baseUrl: `https://${context.serviceName}.example.com` }) };
  const deployed = new Deployed({ database, dags, exposure });

  expect(deployed.find('ConfigMap', 'claim')).toBeDefined();
  expect(deployed.env('scheduler').AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD).toBe('cat /db');
  expect(deployed.config).toMatchObject({ 'core.dags_folder': '/dags', 'api.base_url': 'https://airflow-api-server.example.com' });
  for (const pod of [deployed.pods['dag-processor'], deployed.pods.triggerer, deployed.pods.worker]) {
    expect(pod.spec.volumes).toContainEqual({ name: 'dags', persistentVolumeClaim: { claimName: 'airflow-dags' } });
    expect(pod.spec.containers[0].volumeMounts).toContainEqual({ name: 'dags', mountPath: '/dags', readOnly: true });
  }
  expect(deployed.pods.scheduler.spec.volumes.map(({ name }: any) => name)).not.toContain('dags');
  // A task pod reaches the DAGs' server and not the database.
  const { egress } = deployed.find('NetworkPolicy', 'airflow-worker').spec;
  expect(egress.flatMap((rule: any) => rule.to ?? []).flatMap((to: any) => to.ipBlock?.except ?? [])).toEqual(['169.254.169.254/32', '10.9.0.0/16', 'fd00:ec2::254/128']);
  expect(egress).toContainEqual({ to: [{ ipBlock: { cidr: '10.8.0.0/16' } }], ports: [{ protocol: 'TCP', port: 2049 }] });
});
