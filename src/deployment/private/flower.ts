import { Construct } from 'constructs';
import { airflowComponent } from './component';
import { urlPath } from './configuration';
import { DeploymentContext, Flower } from './deployment-context';
import { DeploymentIdentity } from '../../airflow/deployment-identity';
import { secretEnv } from '../../airflow/secret-ref';
import { Component } from '../../private/component-graph';
import { selectorLabels } from '../../private/identity';
import { FlowerProps } from '../flower-props';

const FLOWER_PORT = 5555;
const PORT_NAME = 'flower-ui';

/** Emits the exposure and the Secret of Flower. */
export function bindFlower(scope: Construct, identity: DeploymentIdentity, props: FlowerProps): Flower {
  if (typeof props.basicAuth?.bind !== 'function') {
    throw new Error("'flower.basicAuth' must be a SecretRef with 'user:password', such as SecretRef.existing('airflow-flower', 'basicAuth'): "
      + 'without it whoever reaches Flower could end workers and tasks');
  }
  const secret = props.basicAuth.bind(scope, 'BasicAuth', 'flower-basic-auth', identity);
  const exposure = props.exposure?.bind(new Construct(scope, 'Exposure'), {
    identity,
    serviceName: `${identity.name}-flower`,
    servicePort: FLOWER_PORT,
    portName: PORT_NAME,
    selector: selectorLabels(identity.name, 'flower'),
  });
  const basePath = urlPath(exposure?.baseUrl ?? '');
  return {
    // Airflow hands it to Flower inside of the process.
    env: [secretEnv('AIRFLOW__CELERY__FLOWER_BASIC_AUTH', secret)],
    derived: [
      { section: 'celery', key: 'flower_port', value: FLOWER_PORT, from: 'the Service of Flower' },
      ...(basePath === '' ? [] : [{ section: 'celery', key: 'flower_url_prefix', value: basePath, from: "'flower.exposure'" }]),
    ],
    basePath,
    baseUrl: exposure?.baseUrl,
  };
}

/** The component of Flower. Like a worker, it needs the metadata database only where that keeps the results. */
export function flowerComponent(context: DeploymentContext, flower: Flower, props: FlowerProps): Component {
  const celery = context.celery!;
  const database = !context.airflow3 || !celery.ownResults;
  const { basicAuth: _, exposure, ...component } = props;
  const httpGet = { path: `${flower.basePath}/healthcheck`, port: FLOWER_PORT };
  return airflowComponent(context, {
    name: 'flower',
    workload: 'Deployment',
    args: ['airflow', 'celery', 'flower'],
    parts: [celery.parts],
    database,
    fernetKey: false,
    waitsForMigrations: false,
    readsConfigAs: ['celery-worker'],
    // Celery waits for its broker by itself, and a check of the entrypoint costs the start of another Airflow.
    env: [...flower.env, { name: 'CONNECTION_CHECK_MAX_COUNT', value: '0' }],
    ports: [{ name: PORT_NAME, port: FLOWER_PORT }],
    service: 'ClusterIP',
    exposed: exposure !== undefined,
    flows: celery.flows,
    probes: {
      startupProbe: { httpGet, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 120 },
      livenessProbe: { httpGet, periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 5 },
      readinessProbe: { httpGet, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    },
    resources: { requests: { cpu: '50m', memory: '256Mi' }, limits: { memory: '1Gi' } },
    terminationGracePeriodSeconds: 30,
  }, component, 'flower');
}
