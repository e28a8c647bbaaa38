import { Exposure, HttpRouteProps, IExposure, IngressProps, LoadBalancerProps } from '../../src';
import { toWire } from '../../src/pod/schema';
import { chart, find, synth } from '../util';

const context = {
  identity: { name: 'af', namespace: 'ns', labels: { app: 'x' } },
  serviceName: 'af-api-server',
  servicePort: 8080,
  portName: 'http',
  selector: { 'app.kubernetes.io/component': 'api-server' },
};
const bind = (exposure: IExposure) => {
  const scope = chart();
  const { baseUrl } = exposure.bind(scope, context);
  return { baseUrl, objects: synth(scope) };
};
const ingress = (props: IngressProps) => {
  const scope = chart();
  const { baseUrl } = Exposure.ingress(props).bind(scope, context);
  return { baseUrl, object: find(synth(scope), 'Ingress') };
};

test('a host alone is served over http by the default class', () => {
  const { baseUrl, object } = ingress({ host: 'airflow.example.com' });
  expect(baseUrl).toBe('http://airflow.example.com');
  expect(object.metadata).toEqual({ name: 'af-api-server', namespace: 'ns', labels: { app: 'x' } });
  expect(object.spec).toEqual({
    rules: [{
      host: 'airflow.example.com',
      http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'af-api-server', port: { number: 8080 } } } }] },
    }],
  });
});

test('all props reach the Ingress', () => {
  const all: Required<IngressProps> = { host: 'x.example.com', path: '/team/airflow', tls: true, tlsSecretName: 'tls', className: 'nginx', annotations: { a: 'b' } };
  const { baseUrl, object } = ingress(all);
  expect(baseUrl).toBe('https://x.example.com/team/airflow');
  expect(object.metadata.annotations).toEqual({ a: 'b' });
  expect(object.spec).toMatchObject({
    ingressClassName: 'nginx', tls: [{ hosts: ['x.example.com'], secretName: 'tls' }], rules: [{ http: { paths: [{ path: '/team/airflow' }] } }],
  });
});

test('TLS that ends at a load balancer makes the URL https, and nothing of the Ingress', () => {
  const { baseUrl, object } = ingress({ host: 'airflow.example.com', tls: true });
  expect(baseUrl).toBe('https://airflow.example.com');
  expect(object.spec).toEqual(ingress({ host: 'airflow.example.com' }).object.spec);
  expect(() => ingress({ host: 'a.example.com', tls: false, tlsSecretName: 'tls' })).toThrow("'tlsSecretName' is given and 'tls' is false; remove one of them");
  expect(() => ingress({ host: 'a.example.com', tls: 'true' as any })).toThrow("'tls' must be true or false, got \"true\"");
});

test.each<[IngressProps, string]>([
  [{ host: 'Airflow.example.com' }, "got 'Airflow.example.com'; scheme and path are said by other props, and DNS names are in lower case"],
  [{ host: 'a..example.com' }, "'host' must be a DNS name"],
  [{ host: 'a-.example.com' }, "'host' must be a DNS name"],
  [{ host: 'a_b.example.com' }, "'host' must be a DNS name"],
  [{ host: '10.0.0.1' }, "'host' must be a DNS name"],
  [{ host: `${'a.'.repeat(130)}com` }, "'host' must be a DNS name"],
  [{ host: undefined as any }, "'host' must be a DNS name such as 'airflow.example.com', got 'undefined'"],
  [{ host: 'https://x.example.com' }, "'host' must be a DNS name such as 'airflow.example.com', got 'https://x.example.com'"],
  [{ host: '*.example.com' }, "'host' must be one name, got '*.example.com'"],
  [{ host: 'x.example.com', path: 'airflow' }, "'path' must begin with '/' and not end with one, such as '/airflow', got 'airflow'"],
  [{ host: 'x.example.com', path: '/airflow/' }, "got '/airflow/'"],
])('fails for %j', (props, message) => {
  expect(() => ingress(props)).toThrow(message);
});

describe('an HTTPRoute', () => {
  const all: Required<HttpRouteProps> = {
    host: 'airflow.example.com',
    gateways: [{ name: 'public', namespace: 'gateways', sectionName: 'https' }],
    path: '/af',
    https: false,
    rules: [{ backendRefs: [{ name: 'proxy', port: 80 }] }],
    annotations: { a: 'b' },
  };

  test('sends its path to the Service', () => {
    const { baseUrl, objects } = bind(Exposure.httpRoute({ host: 'airflow.example.com', gateways: [{ name: 'public' }] }));
    expect(baseUrl).toBe('https://airflow.example.com');
    expect(objects[0].spec).toEqual({
      parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public' }],
      hostnames: ['airflow.example.com'],
      rules: [{
        matches: [{ path: { type: 'PathPrefix', value: '/' } }],
        backendRefs: [{ group: '', kind: 'Service', name: 'af-api-server', port: 8080, weight: 1 }],
      }],
    });
  });

  test('takes all of its props', () => {
    const { baseUrl, objects } = bind(Exposure.httpRoute(all));
    expect(baseUrl).toBe('http://airflow.example.com/af');
    expect(objects[0].metadata.annotations).toEqual({ a: 'b' });
    expect(objects[0].spec).toMatchObject({ parentRefs: [all.gateways[0]], rules: all.rules });
  });
});

describe('a Route of OpenShift', () => {
  test('ends TLS at the router', () => {
    const { baseUrl, objects } = bind(Exposure.openShiftRoute({ host: 'airflow.example.com', path: '/af', annotations: { a: 'b' }, tlsSecretName: 'tls' }));
    expect(baseUrl).toBe('https://airflow.example.com/af');
    expect(objects[0]).toMatchObject({ apiVersion: 'route.openshift.io/v1', kind: 'Route', metadata: { annotations: { a: 'b' } } });
    expect(objects[0].spec).toEqual({
      host: 'airflow.example.com',
      path: '/af',
      to: { kind: 'Service', name: 'af-api-server', weight: 100 },
      port: { targetPort: 'http' },
      wildcardPolicy: 'None',
      tls: { termination: 'edge', insecureEdgeTerminationPolicy: 'Redirect', externalCertificate: { name: 'tls' } },
    });
  });

  test('may be plain http', () => {
    const { baseUrl, objects } = bind(Exposure.openShiftRoute({ host: 'airflow.example.com', tls: false }));
    expect(baseUrl).toBe('http://airflow.example.com');
    expect(objects[0].spec).not.toHaveProperty('tls');
    expect(objects[0].spec).not.toHaveProperty('path');
  });
});

describe('a public Service', () => {
  test('with a load balancer takes all of its props', () => {
    const all: Required<LoadBalancerProps> = {
      baseUrl: 'https://airflow.example.com/af/',
      port: 443,
      nodePort: 30443,
      externalTrafficPolicy: 'Local',
      loadBalancerClass: 'nlb',
      sourceRanges: ['192.0.2.0/24'],
      annotations: { a: 'b' },
    };
    const { baseUrl, objects } = bind(Exposure.loadBalancer(all));
    expect(baseUrl).toBe('https://airflow.example.com/af');
    expect(objects[0]).toMatchObject({ kind: 'Service', metadata: { name: 'af-api-server-public', annotations: { a: 'b' } } });
    expect(toWire('Service', objects[0], '').spec).toEqual({
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      loadBalancerClass: 'nlb',
      loadBalancerSourceRanges: ['192.0.2.0/24'],
      selector: { 'app.kubernetes.io/component': 'api-server' },
      ports: [{ name: 'http', port: 443, targetPort: 'http', nodePort: 30443, protocol: 'TCP' }],
    });
  });

  test('on the nodes leaves the port to the cluster', () => {
    const { objects } = bind(Exposure.nodePort({ baseUrl: 'http://node.example.com:30080' }));
    expect(objects[0].spec).toMatchObject({ type: 'NodePort', externalTrafficPolicy: 'Cluster', ports: [{ port: 80 }] });
    expect(objects[0].spec.ports[0]).not.toHaveProperty('nodePort');
  });
});

test.each<[string, () => unknown, string]>([
  ['no Gateway', () => Exposure.httpRoute({ host: 'a.b', gateways: [] }), "'gateways' must name at least one Gateway"],
  ['a Gateway without a name', () => Exposure.httpRoute({ host: 'a.b', gateways: [{} as any] }), "'gateways[0].name' is missing"],
  ['a wildcard', () => Exposure.httpRoute({ host: '*.b', gateways: [{ name: 'g' }] }), "'host' must be one name"],
  ['a path with an end', () => Exposure.openShiftRoute({ host: 'a.b', path: '/a/' }), "'path' must begin with '/'"],
  ['a certificate for nothing', () => Exposure.openShiftRoute({ host: 'a.b', tls: false, tlsSecretName: 'x' }), "'tlsSecretName' is given and 'tls' is false"],
  ['a misspelt prop', () => Exposure.ingress({ host: 'a.example.com', tlsSecret: 'x' } as any), "Exposure.ingress: unknown prop 'tlsSecret'"],
  ['no URL', () => Exposure.nodePort({ baseUrl: 'airflow.example.com' }), "'baseUrl' must be what people type"],
  ['a port', () => Exposure.nodePort({ baseUrl: 'http://a', nodePort: 70000 }), "'nodePort' must be a number from 1 to 65535, got 70000"],
  ['a policy', () => Exposure.nodePort({ baseUrl: 'http://a', externalTrafficPolicy: 'local' as any }), "'externalTrafficPolicy' must be 'Cluster' or 'Local', got 'local'"],
])('refuses %s', (_, make, message) => { expect(make).toThrow(message); });
