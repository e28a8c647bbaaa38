import { Exposure, IngressProps } from '../../src';
import { chart, find, synth } from '../util';

const context = { identity: { name: 'af', namespace: 'ns', labels: { app: 'x' } }, serviceName: 'af-api-server', servicePort: 8080 };
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
  const all: Required<IngressProps> = { host: 'x.example.com', path: '/team/airflow', tlsSecretName: 'tls', className: 'nginx', annotations: { a: 'b' } };
  const { baseUrl, object } = ingress(all);
  expect(baseUrl).toBe('https://x.example.com/team/airflow');
  expect(object.metadata.annotations).toEqual({ a: 'b' });
  expect(object.spec).toMatchObject({
    ingressClassName: 'nginx', tls: [{ hosts: ['x.example.com'], secretName: 'tls' }], rules: [{ http: { paths: [{ path: '/team/airflow' }] } }],
  });
});

test.each<[IngressProps, string]>([
  [{ host: 'https://x.example.com' }, "'host' must be a DNS name such as 'airflow.example.com', got 'https://x.example.com'"],
  [{ host: '*.example.com' }, "'host' must be one name, got '*.example.com'"],
  [{ host: 'x.example.com', path: 'airflow' }, "'path' must begin with '/' and not end with one, such as '/airflow', got 'airflow'"],
  [{ host: 'x.example.com', path: '/airflow/' }, "got '/airflow/'"],
])('fails for %j', (props, message) => {
  expect(() => ingress(props)).toThrow(message);
});
