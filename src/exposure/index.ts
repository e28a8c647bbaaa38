export * from './exposure';
export type { ExposureBinding, ExposureContext, IExposure } from './exposure-binding';
export type { GatewayRef, HttpRouteProps } from './http-route';
export type { OpenShiftRouteProps } from './openshift-route';
export type { LoadBalancerProps, PublicServiceProps } from './public-service';
