export * from './pod-task';
export * from './pod-task-props';
export * from './task-secret';
export * from './xcom-reference';
