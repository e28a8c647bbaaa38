export type { DevelopmentPostgresProps } from './development-postgres';
export * from './metadata-database';
export type * from './metadata-database-binding';
