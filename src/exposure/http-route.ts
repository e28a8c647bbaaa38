import { ApiObject } from 'cdk8s';
import { assertHost, assertPath, ExposureContext, IExposure, objectMeta } from './exposure-binding';
import { checkPropNames, PropNames } from '../private/known-props';

/** The Gateway, or one listener of it, that an HTTPRoute belongs to. */
export interface GatewayRef {
  /** Name of the Gateway. */
  readonly name: string;

  /**
   * Namespace of the Gateway.
   *
   * @default - that of the deployment
   */
  readonly namespace?: string;

  /**
   * Name of its listener.
   *
   * @default - all that admit the route
   */
  readonly sectionName?: string;
}

/** An HTTPRoute of the Gateway API. */
export interface HttpRouteProps {
  /** DNS name. */
  readonly host: string;

  /** The Gateways that serve it. */
  readonly gateways: GatewayRef[];

  /**
   * Path below which Airflow is served; Airflow is told through its `base_url`.
   *
   * @default '/'
   */
  readonly path?: string;

  /**
   * False where the Gateway's listener speaks plain http.
   *
   * @default true
   */
  readonly https?: boolean;

  /**
   * Rules in wire JSON, instead of the one that sends the path to Airflow.
   *
   * @default - one rule
   */
  readonly rules?: { [key: string]: any }[];

  /**
   * Annotations of the HTTPRoute.
   *
   * @default - none
   */
  readonly annotations?: { [key: string]: string };
}

const HTTP_ROUTE: PropNames<HttpRouteProps> = {
  annotations: 'an object', gateways: 'a list', host: 'a text', https: 'true or false', path: 'a text', rules: 'a list of objects',
};
const GATEWAY: PropNames<GatewayRef> = { name: 'a text that is not empty', namespace: 'a text that is not empty', sectionName: 'a text that is not empty' };

export function httpRoute(props: HttpRouteProps): IExposure {
  checkPropNames(props, HTTP_ROUTE, 'Exposure.httpRoute', 'HttpRouteProps');
  const path = props.path ?? '/';
  assertHost(props.host);
  assertPath(path);
  if (!(props.gateways?.length > 0)) { throw new Error("'gateways' must name at least one Gateway, such as [{ name: 'public', namespace: 'gateways' }]"); }
  props.gateways.forEach((gateway, i) => {
    checkPropNames(gateway, GATEWAY, `gateways[${i}]`, 'GatewayRef');
    if (gateway.name === undefined) { throw new Error(`'gateways[${i}].name' is missing; name the Gateway, such as { name: 'public', namespace: 'gateways' }`); }
  });
  return {
    bind: (scope, context) => {
      new ApiObject(scope, 'HTTPRoute', {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'HTTPRoute',
        metadata: objectMeta(context, context.serviceName, props.annotations),
        spec: {
          // With the defaults that the API server would fill in, so that applying it again changes nothing.
          parentRefs: props.gateways.map(gateway => ({ group: 'gateway.networking.k8s.io', kind: 'Gateway', ...gateway })),
          hostnames: [props.host],
          rules: props.rules ?? [rule(context, path)],
        },
      });
      return { baseUrl: `http${props.https ?? true ? 's' : ''}://${props.host}${path === '/' ? '' : path}` };
    },
  };
}

function rule(context: ExposureContext, path: string) {
  return {
    matches: [{ path: { type: 'PathPrefix', value: path } }],
    backendRefs: [{ group: '', kind: 'Service', name: context.serviceName, port: context.servicePort, weight: 1 }],
  };
}
