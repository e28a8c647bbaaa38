import { airflowComponent } from './component';
import { JOB_SPEC } from './component-settings';
import { DeploymentContext } from './deployment-context';
import { Component } from '../../private/component-graph';
import { AirflowPodProps } from '../../tasks/airflow-pod-props';

/** The Job that brings the database to the version's schema. All components wait for it. */
export function migrationComponent(context: DeploymentContext, props: AirflowPodProps): Component {
  return airflowComponent(context, {
    name: 'migration',
    workload: 'Job',
    args: ['airflow', 'db', 'migrate'],
    parts: [],
    waitsForMigrations: false,
    flows: [],
    env: [{ name: 'PYTHONUNBUFFERED', value: '1' }],
    resources: { requests: { cpu: '100m', memory: '512Mi' }, limits: { memory: '1Gi' } },
    workloadSpec: JOB_SPEC,
  }, props, 'migration');
}
