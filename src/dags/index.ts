export * from './config-map-dags';
export * from './dag-bundle';
export * from './dag-bundles';
export type * from './dag-source';
export * from './git-sync-dags';
export type * from './git-sync-dags-props';
export * from './git-sync-repositories';
export * from './volume-dags';
