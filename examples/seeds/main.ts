import { App } from 'cdk8s';
import { KubernetesExecutorBlogs, PythonScript } from './blogs';
import { Callback } from './callback';
import { Composer } from './composer';
import { JobDocs } from './job-docs';
import { OperatorDocs } from './operator-docs';

/**
 * The examples that articles and documentation give of Airflow on Kubernetes, here as they are meant. main.test.ts holds them as they are printed, with
 * what is said at synth about each mistake.
 */
export function seeds(app: App): void {
  new PythonScript(app, 'python-script');
  new KubernetesExecutorBlogs(app, 'kubernetes-executor');
  new OperatorDocs(app, 'operator-docs');
  new Callback(app, 'callback');
  new JobDocs(app, 'job-docs');
  new Composer(app, 'composer');
}

if (require.main === module) {
  const app = new App({ outdir: `${__dirname}/dist` });
  seeds(app);
  app.synth();
}
