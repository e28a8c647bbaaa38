import { ApiObject } from 'cdk8s';
import { assertHost, assertPath, IExposure, objectMeta } from './exposure-binding';
import { httpRoute, HttpRouteProps } from './http-route';
import { openShiftRoute, OpenShiftRouteProps } from './openshift-route';
import { LoadBalancerProps, publicService, PublicServiceProps } from './public-service';
import { checkPropNames, PropNames } from '../private/known-props';

/** An Ingress. */
export interface IngressProps {
  /** DNS name. */
  readonly host: string;

  /**
   * Path below which Airflow is served; Airflow is told through its `base_url`.
   *
   * @default '/'
   */
  readonly path?: string;

  /**
   * Name of the Secret with the certificate; the URL is then https.
   *
   * @default - none
   */
  readonly tlsSecretName?: string;

  /**
   * True where TLS ends elsewhere than by a Secret of this namespace: at a load balancer such as AWS's ALB, whose controller takes the certificate from its
   * annotations, or with the controller's own certificate. The URL is then https, and the Ingress says nothing of it.
   *
   * @default - true with `tlsSecretName`, else false: plain http
   */
  readonly tls?: boolean;

  /**
   * Name of the IngressClass.
   *
   * @default - the cluster's default class
   */
  readonly className?: string;

  /**
   * Annotations of the Ingress, for its controller.
   *
   * @default - none
   */
  readonly annotations?: { [key: string]: string };
}

const INGRESS: PropNames<IngressProps> = {
  host: 'a text', path: 'a text', tls: 'true or false', tlsSecretName: 'a text', className: 'a text that is not empty', annotations: 'an object',
};

/** The ways that this package knows; another one implements {@link IExposure}. */
export class Exposure {
  /**
   * Through an Ingress controller.
   *
   * @see https://kubernetes.io/docs/concepts/services-networking/ingress/
   */
  public static ingress(props: IngressProps): IExposure {
    checkPropNames(props, INGRESS, 'Exposure.ingress', 'IngressProps');
    const path = props.path ?? '/';
    const { tls = props.tlsSecretName !== undefined } = props;
    assertHost(props.host);
    assertPath(path);
    if (!tls && props.tlsSecretName !== undefined) { throw new Error("'tlsSecretName' is given and 'tls' is false; remove one of them"); }
    return {
      bind: (scope, context) => {
        new ApiObject(scope, 'Ingress', {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'Ingress',
          metadata: objectMeta(context, context.serviceName, props.annotations),
          spec: {
            ...(props.className === undefined ? {} : { ingressClassName: props.className }),
            ...(props.tlsSecretName === undefined ? {} : { tls: [{ hosts: [props.host], secretName: props.tlsSecretName }] }),
            rules: [{
              host: props.host,
              http: {
                paths: [{ path, pathType: 'Prefix', backend: { service: { name: context.serviceName, port: { number: context.servicePort } } } }],
              },
            }],
          },
        });
        return { baseUrl: `http${tls ? 's' : ''}://${props.host}${path === '/' ? '' : path}` };
      },
    };
  }

  /**
   * Through a Gateway.
   *
   * @see https://gateway-api.sigs.k8s.io/api-types/httproute/
   */
  public static httpRoute(props: HttpRouteProps): IExposure {
    return httpRoute(props);
  }

  /**
   * Through OpenShift's router.
   *
   * @see https://docs.redhat.com/en/documentation/openshift_container_platform/latest/html/networking_apis/route-route-openshift-io-v1
   */
  public static openShiftRoute(props: OpenShiftRouteProps): IExposure {
    return openShiftRoute(props);
  }

  /**
   * Through a load balancer of the cloud: a Service `<name>-api-server-public`.
   *
   * @see https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer
   */
  public static loadBalancer(props: LoadBalancerProps): IExposure {
    return publicService('LoadBalancer', props);
  }

  /**
   * Through a port of each node: a Service `<name>-api-server-public`.
   *
   * @see https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
   */
  public static nodePort(props: PublicServiceProps): IExposure {
    return publicService('NodePort', props);
  }

  private constructor() {}
}
