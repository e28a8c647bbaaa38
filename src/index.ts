export * from './airflow';
export * from './dags';
export * from './database';
export * from './deployment';
export * from './exposure';
export * from './logs';
export * from './security';
export * from './tasks';
