export * from './deployment-identity';
export * from './executor';
export { AirflowImage, AirflowImageOptions } from './image';
export { ImageCatalogue } from './image-catalogue';
export { ExternalSecretOptions, SecretKey, SecretRef } from './secret-ref';
export { AirflowVersion } from './version';
