export { CeleryBroker, CeleryResultBackend } from './celery-broker';
export type { RabbitMqProps, RedisProps } from './celery-broker';
export * from './deployment-identity';
export { AirflowImage } from './image';
export type { AirflowImageOptions } from './image';
export type { ImageCatalogue } from './image-catalogue';
export { SecretRef } from './secret-ref';
export type { ExternalSecretOptions, SecretKey } from './secret-ref';
export { AirflowVersion } from './version';
