import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { DeploymentIdentity } from '../airflow/deployment-identity';

/** What an exposure makes reachable. */
export interface ExposureContext {
  /** The deployment. */
  readonly identity: DeploymentIdentity;
  /** Name of the Service of the API server (3.x) or webserver (2.11). */
  readonly serviceName: string;
  /** Its port. */
  readonly servicePort: number;
}

/** How the user interface and the API are reached. */
export interface ExposureBinding {
  /** The URL that people type: `[api] base_url` (3.x), `[webserver] base_url` (2.11). */
  readonly baseUrl: string;
}

/** A way from the outside to the user interface and the API. */
export interface IExposure {
  /** Emits the objects, once for each deployment. */
  bind(scope: Construct, context: ExposureContext): ExposureBinding;
}

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
   * @default - plain http
   */
  readonly tlsSecretName?: string;

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

/** The ways that this package knows; another one implements {@link IExposure}. */
export class Exposure {
  /**
   * Through an Ingress controller.
   *
   * @see https://kubernetes.io/docs/concepts/services-networking/ingress/
   */
  public static ingress(props: IngressProps): IExposure {
    const path = props.path ?? '/';
    if (!/^(\*\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(props.host)) {
      throw new Error(`'host' must be a DNS name such as 'airflow.example.com', got '${props.host}'; scheme and path are said by 'tlsSecretName' and 'path'`);
    }
    if (props.host.startsWith('*')) { throw new Error(`'host' must be one name, got '${props.host}'; Airflow's base_url needs it`); }
    if (!/^\/([\w.~-]+(\/[\w.~-]+)*)?$/.test(path)) {
      throw new Error(`'path' must begin with '/' and not end with one, such as '/airflow', got '${path}'`);
    }
    return {
      bind: (scope, context) => {
        new ApiObject(scope, 'Ingress', {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'Ingress',
          metadata: {
            name: context.serviceName,
            namespace: context.identity.namespace,
            labels: context.identity.labels,
            ...(props.annotations ? { annotations: props.annotations } : {}),
          },
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
        return { baseUrl: `${props.tlsSecretName === undefined ? 'http' : 'https'}://${props.host}${path === '/' ? '' : path}` };
      },
    };
  }

  private constructor() {}
}
