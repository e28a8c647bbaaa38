export type { DevelopmentPostgresProps } from './development-postgres';
export * from './metadata-database';
export * from './metadata-database-context';
