import { App, Chart, ChartProps } from 'cdk8s';
import { Construct } from 'constructs';
import { AirflowKubernetesDeployment, MetadataDatabase, PodTask, SecretRef } from 'cdk8s-airflow';

export class Tasks extends Chart {
  constructor(scope: Construct, id: string, props: ChartProps = {}) {
    super(scope, id, props);
    const extract = new PodTask(this, 'extract', {
      image: 'busybox:1.37',
      cmds: ['sh', '-c', 'echo \'{"rows": 2}\' > /airflow/xcom/return.json'],
      doXcomPush: true,
    });
    new PodTask(this, 'load', { image: 'busybox:1.37', cmds: ['sh', '-c', 'test "$ROWS" = 2'], envVars: { ROWS: extract.output.get('rows') } });
  }
}

export class Airflow extends Chart {
  constructor(scope: Construct, id: string, props: ChartProps = {}) {
    super(scope, id, props);
    new AirflowKubernetesDeployment(this, 'airflow', {
      database: MetadataDatabase.postgres({ host: 'postgres', user: 'airflow', password: SecretRef.existing('postgres', 'password') }),
    });
  }
}

const app = new App();
new Tasks(app, 'tasks');
new Airflow(app, 'airflow');
app.synth();
