export * from './metadata-database';
