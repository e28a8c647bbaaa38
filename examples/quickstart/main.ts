import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { PodTask, PodTaskProps } from 'cdk8s-airflow';

export interface QuickstartProps {
  /** Image of the tasks and of the XCom sidecar. */
  readonly image?: string;
  readonly xcomMode?: PodTaskProps['xcomMode'];
}

/** Two tasks; the second one uses the XCom of the first. */
export class Quickstart extends Chart {
  constructor(scope: Construct, id: string, props: QuickstartProps = {}) {
    super(scope, id);
    const image = props.image ?? 'busybox:1.37';
    // As PodTemplates the tasks can also be applied with kubectl, without running.
    const common = { image, xcomSidecarContainerImage: image, xcomMode: props.xcomMode, doXcomPush: true, renderAs: 'PodTemplate' as const };

    const extract = new PodTask(this, 'extract', {
      ...common,
      cmds: ['sh', '-c', 'echo extracting; echo \'{"rows": 21, "source": "orders"}\' > /airflow/xcom/return.json'],
    });

    new PodTask(this, 'load', {
      ...common,
      cmds: ['sh', '-c', 'echo "loading $ROWS rows"; echo "{\\"loaded\\": $((ROWS * 2))}" > /airflow/xcom/return.json'],
      envVars: { ROWS: extract.output.get('rows') },
    });
  }
}

if (require.main === module) {
  const app = new App({ outdir: `${__dirname}/dist` });
  new Quickstart(app, 'quickstart', { image: process.env.QUICKSTART_IMAGE, xcomMode: process.env.QUICKSTART_XCOM_MODE as QuickstartProps['xcomMode'] });
  app.synth();
}
