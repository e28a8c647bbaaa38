export { EmbeddedCluster } from './cluster';
export type { EmbeddedClusterOptions } from './cluster';
export { forbidden } from './request';
export type { ClusterRequest, Intervention } from './request';
export type { Interceptor } from './server';
export type { Status } from './status';
