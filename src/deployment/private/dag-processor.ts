import { airflowComponent, DeploymentContext, jobsCheck } from './context';
import { Component } from '../../private/component-graph';
import { ComponentProps } from '../component-props';

/** The DAG processor: parses the DAG files. */
export function dagProcessorComponent(context: DeploymentContext, props: ComponentProps): Component {
  return airflowComponent(context, {
    name: 'dag-processor',
    workload: 'Deployment',
    args: ['airflow', 'dag-processor'],
    parts: [context.logs.folder, { env: context.dags?.connections }],
    sidecars: context.logs.groomer,
    readsDags: true,
    readsConfigAs: ['dag-processor'],
    flows: [{ kind: 'anywhere' }],
    probes: jobsCheck('DagProcessorJob'),
    resources: { requests: { cpu: '200m', memory: '512Mi' }, limits: { memory: '2Gi' } },
    terminationGracePeriodSeconds: 60,
  }, props, 'dagProcessor');
}
