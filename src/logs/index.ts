export type { GcsLogsProps, WasbLogsProps } from './cloud-logs';
export type { CloudWatchLogsProps, S3Credentials, S3LogsProps } from './s3-logs';
export type { ElasticsearchLogsProps, OpenSearchLogsProps } from './search-logs';
export { TaskLogs } from './task-logs';
export type * from './task-logs-binding';
export type { VolumeLogsProps } from './volume-logs';
