import { airflowComponent, DeploymentContext, jobsCheck } from './context';
import { Component } from '../../private/component-graph';
import { ComponentProps } from '../component-props';

/** Where the triggerer serves the logs of its triggers. */
export const TRIGGERER_LOG_PORT = 8794;

/** The triggerer: waits for what deferred tasks wait for. */
export function triggererComponent(context: DeploymentContext, props: ComponentProps): Component {
  const { parts, ...rules } = context.podLaunching.triggerer;
  return airflowComponent(context, {
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
    terminationGracePeriodSeconds: 60,
  }, props, 'triggerer');
}
