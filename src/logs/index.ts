export * from './cloud-logs';
export * from './s3-logs';
export * from './search-logs';
export * from './task-logs';
export * from './task-logs-binding';
export * from './volume-logs';
