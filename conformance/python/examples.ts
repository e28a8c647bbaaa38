import { App } from 'cdk8s';
import { CeleryAirflow } from '../../examples/celery/main';
import { Mapping } from '../../examples/mapping/main';
import { ENVIRONMENTS, ProductionAirflow } from '../../examples/production/main';
import { PythonScript } from '../../examples/seeds/blogs';
import { Composer } from '../../examples/seeds/composer';
import { JobDocs } from '../../examples/seeds/job-docs';

const synthesise = (name: string, make: (app: App) => void) => {
  const app = new App({ outdir: `${process.argv[2]}/${name}` });
  make(app);
  app.synth();
};

synthesise('celery', app => new CeleryAirflow(app, 'airflow'));
synthesise('mapping', app => new Mapping(app, 'mapping'));
synthesise('production', app => ENVIRONMENTS.forEach(environment => new ProductionAirflow(app, environment.namespace, environment)));
synthesise('seeds', app => {
  [new PythonScript(app, 'python-script'), new JobDocs(app, 'job-docs')].forEach(({ dag }) => dag.writeTo(`${app.outdir}/dags`));
  new Composer(app, 'composer');
});
