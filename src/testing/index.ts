export { EmbeddedCluster } from './cluster';
export type { EmbeddedClusterOptions } from './cluster';
export type { PolicyRule } from './invariants/rbac-rules';
export type { InvariantName, Violation, ViolationsOptions } from './invariants/violation';
export { INVARIANTS, violations } from './invariants/violations';
export { forbidden } from './request';
export type { ClusterRequest, Intervention } from './request';
export type { Interceptor } from './server';
export type { Status } from './status';
