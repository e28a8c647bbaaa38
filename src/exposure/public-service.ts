import { ApiObject } from 'cdk8s';
import { assertBaseUrl, ExposureBinding, IExposure, objectMeta } from './exposure-binding';
import { assertRanges } from '../airflow/server-address';
import { checkPropNames, PropNames } from '../private/known-props';
import { shown } from '../private/prop-types';

/** A Service that the outside reaches, beside the one within the cluster. */
export interface PublicServiceProps {
  /** The URL that people type, with the port where it is not the scheme's own. Airflow is served below its path. */
  readonly baseUrl: string;

  /**
   * Port of the Service.
   *
   * @default 80
   */
  readonly port?: number;

  /**
   * Port on the nodes.
   *
   * @default - the cluster chooses one
   */
  readonly nodePort?: number;

  /**
   * Whether a request may go through another node. `Local` keeps the client's address.
   *
   * @default 'Cluster'
   */
  readonly externalTrafficPolicy?: 'Cluster' | 'Local';

  /**
   * Annotations of the Service, for the cloud's controller.
   *
   * @default - none
   */
  readonly annotations?: { [key: string]: string };
}

/** A Service with a load balancer of the cloud. */
export interface LoadBalancerProps extends PublicServiceProps {
  /**
   * The kind of load balancer.
   *
   * @default - the cluster's default
   */
  readonly loadBalancerClass?: string;

  /**
   * Address ranges of the clients.
   *
   * @default - any
   */
  readonly sourceRanges?: string[];
}

const NODE_PORT: PropNames<PublicServiceProps> = {
  annotations: 'an object', baseUrl: 'a text', externalTrafficPolicy: 'a text', nodePort: true, port: true,
};
const LOAD_BALANCER: PropNames<LoadBalancerProps> = { ...NODE_PORT, loadBalancerClass: 'a text that is not empty', sourceRanges: true };

export function publicService(type: 'LoadBalancer' | 'NodePort', props: LoadBalancerProps): IExposure {
  if (type === 'NodePort') { checkPropNames(props, NODE_PORT, 'Exposure.nodePort', 'PublicServiceProps'); }
  checkPropNames(props, LOAD_BALANCER, 'Exposure.loadBalancer', 'LoadBalancerProps');
  const { baseUrl, port = 80, nodePort, externalTrafficPolicy = 'Cluster', loadBalancerClass, sourceRanges } = props;
  assertBaseUrl(baseUrl);
  for (const [name, value] of Object.entries({ port, nodePort })) {
    if (value !== undefined && (!Number.isInteger(value) || value < 1 || value > 65535)) {
      throw new Error(`'${name}' must be a number from 1 to 65535, got ${shown(value)}`);
    }
  }
  if (externalTrafficPolicy !== 'Cluster' && externalTrafficPolicy !== 'Local') {
    throw new Error(`'externalTrafficPolicy' must be 'Cluster' or 'Local', got '${externalTrafficPolicy}'`);
  }
  if (sourceRanges !== undefined) { assertRanges(sourceRanges, "'sourceRanges'"); }
  return {
    bind: (scope, context): ExposureBinding => {
      new ApiObject(scope, 'Service', {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: objectMeta(context, `${context.serviceName}-public`, props.annotations),
        spec: {
          type,
          externalTrafficPolicy,
          ...(loadBalancerClass === undefined ? {} : { loadBalancerClass }),
          ...(sourceRanges === undefined ? {} : { loadBalancerSourceRanges: sourceRanges }),
          selector: context.selector,
          ports: [{ name: 'http', port, targetPort: context.portName, ...(nodePort === undefined ? {} : { nodePort }), protocol: 'TCP' }],
        },
      });
      return { baseUrl: baseUrl.replace(/\/+$/, '') };
    },
  };
}
