import { airflowComponent, DeploymentContext } from './context';
import { Component } from '../../private/component-graph';
import { AirflowPodProps } from '../../tasks/airflow-pod-props';

/** A finished Job is removed after a day: its log is there the next morning. */
export const JOB_TTL_SECONDS = 86_400;

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
    workloadSpec: { backoffLimit: 10, ttlSecondsAfterFinished: JOB_TTL_SECONDS },
  }, props, 'migration');
}
