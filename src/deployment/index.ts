export * from './airflow-component';
export * from './airflow-kubernetes-deployment';
export * from './airflow-kubernetes-deployment-props';
export * from './api-server-props';
export * from './component-props';
export * from './log-files-props';
export * from './pod-launching';
