import { airflowComponent, jobsCheck } from './component';
import { DeploymentContext } from './deployment-context';
import { triggererScaler } from './keda';
import { Component } from '../../private/component-graph';
import { TriggererProps } from '../triggerer-props';

/** Where the triggerer serves the logs of its triggers. */
export const TRIGGERER_LOG_PORT = 8794;
const GRACE_SECONDS = 60;

/** The triggerer: waits for what deferred tasks wait for. */
export function triggererComponent(context: DeploymentContext, props: TriggererProps): Component {
  const { parts, ...rules } = context.podLaunching.triggerer;
  const grace = props.terminationGracePeriodSeconds ?? GRACE_SECONDS;
  const keda = triggererScaler(context, props, grace);
  const component = airflowComponent(context, {
    ...rules,
    name: 'triggerer',
    workload: 'StatefulSet',
    args: ['airflow', 'triggerer'],
    parts: [context.logs.folder, ...context.logs.connection, { env: context.dags?.connections }, context.secrets.secretKey, ...parts],
    readsDags: true,
    readsConfigAs: ['triggerer'],
    ports: [{ name: 'triggerer-logs', port: TRIGGERER_LOG_PORT }],
    service: 'headless',
    sidecars: context.logs.groomer,
    flows: [{ kind: 'anywhere' }, ...context.logs.flows],
    probes: jobsCheck('TriggererJob'),
    resources: { requests: { cpu: '100m', memory: '512Mi' }, limits: { memory: '2Gi' } },
    terminationGracePeriodSeconds: GRACE_SECONDS,
  }, props, 'triggerer');
  return keda ? { ...component, keda } : component;
}

/** True where there is always a triggerer. */
export function triggererStays({ keda }: TriggererProps = {}): boolean {
  return keda === undefined || (keda.minReplicas ?? 0) > 0;
}
