export * from './dag-source';
export * from './git-sync-dags';
