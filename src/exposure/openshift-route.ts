import { ApiObject } from 'cdk8s';
import { assertHost, assertPath, IExposure, objectMeta } from './exposure-binding';
import { checkPropNames, PropNames } from '../private/known-props';

/** A Route of OpenShift, with TLS that ends at the router. */
export interface OpenShiftRouteProps {
  /** DNS name. */
  readonly host: string;

  /**
   * Path below which Airflow is served; Airflow is told through its `base_url`.
   *
   * @default '/'
   */
  readonly path?: string;

  /**
   * False for plain http.
   *
   * @default true, with the router's certificate; plain http is redirected
   */
  readonly tls?: boolean;

  /**
   * Name of a Secret with a certificate of its own, which the router's account may read.
   *
   * @default - the router's certificate
   */
  readonly tlsSecretName?: string;

  /**
   * Annotations of the Route.
   *
   * @default - none
   */
  readonly annotations?: { [key: string]: string };
}

const NAMES: PropNames<OpenShiftRouteProps> = {
  annotations: 'an object', host: 'a text', path: 'a text', tls: 'true or false', tlsSecretName: 'a text that is not empty',
};

export function openShiftRoute(props: OpenShiftRouteProps): IExposure {
  checkPropNames(props, NAMES, 'Exposure.openShiftRoute', 'OpenShiftRouteProps');
  const { host, tls = true, tlsSecretName, path = '/' } = props;
  assertHost(host);
  assertPath(path);
  if (!tls && tlsSecretName !== undefined) { throw new Error("'tlsSecretName' is given and 'tls' is false; remove one of them"); }
  return {
    bind: (scope, context) => {
      new ApiObject(scope, 'Route', {
        apiVersion: 'route.openshift.io/v1',
        kind: 'Route',
        metadata: objectMeta(context, context.serviceName, props.annotations),
        spec: {
          host,
          ...(path === '/' ? {} : { path }),
          to: { kind: 'Service', name: context.serviceName, weight: 100 },
          port: { targetPort: context.portName },
          wildcardPolicy: 'None',
          ...(tls ? {
            tls: {
              termination: 'edge',
              insecureEdgeTerminationPolicy: 'Redirect',
              ...(tlsSecretName === undefined ? {} : { externalCertificate: { name: tlsSecretName } }),
            },
          } : {}),
        },
      });
      return { baseUrl: `http${tls ? 's' : ''}://${host}${path === '/' ? '' : path}` };
    },
  };
}
