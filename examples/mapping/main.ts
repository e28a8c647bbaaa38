import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { PodTask } from 'cdk8s-airflow';

/** A list that one task pushes, a pod for each of its items, and a task that has the XComs of all of them. */
export class Mapping extends Chart {
  constructor(scope: Construct, id: string, image = 'busybox:1.37') {
    super(scope, id);
    const common = { image, xcomSidecarContainerImage: image, renderAs: 'PodTemplate' as const };

    const days = new PodTask(this, 'days', {
      ...common, doXcomPush: true, cmds: ['sh', '-c', 'echo \'[{"DAY": "1"}, {"DAY": "2"}, {"DAY": "3"}]\' > /airflow/xcom/return.json'],
    });

    // Each pod has its item as variables; together with a list of regions there would be a pod for each day of each region.
    const load = new PodTask(this, 'load', {
      ...common, doXcomPush: true, cmds: ['sh', '-c', 'echo "loading day $DAY"; echo "$((DAY * 10))" > /airflow/xcom/return.json'], expand: { envVars: days.output },
    });

    new PodTask(this, 'report', {
      ...common, doXcomPush: true, cmds: ['sh', '-c', 'echo "$LOADED" > /airflow/xcom/return.json'], envVars: { LOADED: load.output },
    });
  }
}

if (require.main === module) {
  const app = new App({ outdir: `${__dirname}/dist` });
  new Mapping(app, 'mapping');
  app.synth();
}
