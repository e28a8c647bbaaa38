export * from './airflow-pod-props';
export * from './pod-task';
export * from './pod-task-props';
export * from './task-secret';
export * from './worker-pod-override';
export * from './worker-pod-template';
export * from './xcom-reference';
