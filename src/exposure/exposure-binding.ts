import { ApiObjectMetadata } from 'cdk8s';
import { Construct } from 'constructs';
import { DeploymentIdentity } from '../airflow/deployment-identity';
import { addressFamily } from '../airflow/server-address';
import { assertMetadataMap } from '../pod/metadata-maps';
import { isDnsName } from '../pod/rules/words';
import { toWire } from '../pod/schema';

/** What an exposure makes reachable. */
export interface ExposureContext {
  /** The deployment. */
  readonly identity: DeploymentIdentity;
  /** Name of the Service of the API server (3.x) or webserver (2.11). */
  readonly serviceName: string;
  /** Its port. */
  readonly servicePort: number;
  /** The name of that port in the pods. */
  readonly portName: string;
  /** Labels of the pods behind it, for a Service of one's own. */
  readonly selector: { [key: string]: string };
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

/** Metadata of an object of an exposure. */
export function objectMeta(context: ExposureContext, name: string, annotations: { [key: string]: string } | undefined): ApiObjectMetadata {
  const wire: { [key: string]: string } = toWire('{}string', annotations ?? {}, 'annotations');
  assertMetadataMap(wire, 'annotations', false);
  return { name, namespace: context.identity.namespace, labels: context.identity.labels, ...(annotations ? { annotations: wire } : {}) };
}

export function assertHost(host: string): void {
  if (typeof host === 'string' && host.startsWith('*.')) { throw new Error(`'host' must be one name, got '${host}'; Airflow's base_url needs it`); }
  if (typeof host !== 'string' || !isDnsName(host) || addressFamily(host) !== 0) {
    throw new Error(`'host' must be a DNS name such as 'airflow.example.com', got '${host}'; scheme and path are said by other props`
      + (typeof host === 'string' && isDnsName(host.toLowerCase()) && addressFamily(host) === 0 ? ', and DNS names are in lower case' : ''));
  }
}

export function assertPath(path: string): void {
  if (!/^\/([\w.~-]+(\/[\w.~-]+)*)?$/.test(path)) {
    throw new Error(`'path' must begin with '/' and not end with one, such as '/airflow', got '${path}'`);
  }
}

export function assertBaseUrl(url: string): void {
  if (!/^https?:\/\/[^/?#\s]+(\/[\w./~-]*)?$/.test(url) || !URL.canParse(url)) {
    throw new Error(`'baseUrl' must be what people type, such as 'https://airflow.example.com', got '${url}'`);
  }
}
