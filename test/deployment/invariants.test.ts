import * as fc from 'fast-check';
import { dags, Deployed, SHAPES } from './deploy';
import {
  AirflowKubernetesDeploymentProps, AirflowVersion, CeleryBroker, CeleryResultBackend, ConfigMapDags, Executor, Exposure, ImageDags,
  PersistentVolumeClaimDags, PodLaunchingProps, SecretRef, TaskLogs,
} from '../../src';
import { podSecurityViolations } from '../../src/pod/pod-security';
import { toWire, typeOfKind } from '../../src/pod/schema';

const containersOf = (pod: any): any[] => [...pod.spec.initContainers ?? [], ...pod.spec.containers];
const variables = (container: any): any[] => container.env ?? [];
const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Each gives what is wrong with a deployment, whatever its props. */
const INVARIANTS: { [name: string]: (deployed: Deployed) => unknown[] } = {
  'every pod satisfies Pod Security restricted': ({ pods }) => Object.values(pods).flatMap(pod => podSecurityViolations(pod.spec, 'restricted')),

  'every container has a read-only root, a pinned image, requests and a memory limit': ({ pods }) => Object.values(pods).flatMap(containersOf).filter(container =>
    !container.securityContext.readOnlyRootFilesystem || !/:(?!latest)[\w.]+$/.test(container.image)
    || !container.resources.requests?.cpu || !container.resources.requests?.memory || !container.resources.limits?.memory),

  'no key is lost or unknown to Kubernetes': ({ objects, pods }) => [
    ...objects, ...Object.values(pods).map(pod => ({ apiVersion: 'v1', kind: 'Pod', ...pod })),
  ].filter(object => {
    const type = typeOfKind(object.apiVersion, object.kind);
    return type !== undefined && JSON.stringify(toWire(type, object, object.kind)) !== JSON.stringify(object);
  }),

  'every mount has a volume, and every volume a mount': ({ pods }) => Object.entries(pods).filter(([, pod]) => {
    const mounted = new Set(containersOf(pod).flatMap(container => (container.volumeMounts ?? []).map((mount: any) => mount.name)));
    return JSON.stringify([...mounted].sort()) !== JSON.stringify((pod.spec.volumes ?? []).map((volume: any) => volume.name).sort());
  }),

  'every ConfigMap, Secret and ServiceAccount that a pod names is there, or is the user\'s': ({ objects, pods }) => {
    const there = new Set([...objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`), 'Secret/db', 'Secret/mine']);
    return Object.values(pods).flatMap(pod => [
      ...pod.spec.volumes.filter((volume: any) => volume.configMap).map((volume: any) => `ConfigMap/${volume.configMap.name}`),
      ...containersOf(pod).flatMap(variables).filter(e => e.valueFrom?.secretKeyRef).map(e => `Secret/${e.valueFrom.secretKeyRef.name}`),
      `ServiceAccount/${pod.spec.serviceAccountName}`,
    ]).filter(reference => !there.has(reference));
  },

  'a token is only where verbs were declared, in one container': ({ objects, pods }) => {
    const bound = [...new Set(objects.filter(({ kind }) => kind === 'RoleBinding').map(object => object.subjects[0].name))].sort();
    const holders = Object.values(pods).flatMap(pod => containersOf(pod)
      .filter(({ volumeMounts }) => (volumeMounts ?? []).some((mount: any) => mount.mountPath === TOKEN))
      .map(() => pod.spec.serviceAccountName)).sort();
    return [
      ...(JSON.stringify(bound) === JSON.stringify(holders) ? [] : [{ bound, holders }]),
      ...Object.values(pods).filter(pod => pod.spec.automountServiceAccountToken !== false),
      ...objects.filter(object => object.kind === 'ServiceAccount' && object.automountServiceAccountToken !== false),
    ];
  },

  'no Secret holds data, and no variable a credential': ({ objects, pods }) => [
    ...objects.filter(object => object.kind === 'Secret' && (object.data || object.stringData)),
    ...Object.values(pods).flatMap(containersOf).flatMap(variables).filter(e => e.value !== undefined && /PASSWORD|SECRET|FERNET/.test(e.name)),
  ],

  'a selector finds the pods of one component of this deployment': ({ objects, pods }) => {
    const all = Object.values(pods).map(pod => pod.metadata.labels);
    return objects.map(({ kind, metadata, spec }) => ({
      name: metadata.name,
      selector: kind === 'Service' ? spec.selector : kind === 'NetworkPolicy' ? spec.podSelector.matchLabels : spec?.selector?.matchLabels,
    })).filter(({ name, selector }) => {
      if (!selector) { return false; }
      const found = all.filter(labels => Object.entries(selector).every(([key, value]) => labels[key] === value));
      return found.length !== 1 || `${found[0]['app.kubernetes.io/instance']}-${found[0]['app.kubernetes.io/component']}` !== name;
    });
  },

  'probes leave time: no time-out beyond its period, minutes to start, and a command at most once a minute': ({ pods }) =>
    Object.values(pods).flatMap(containersOf).filter(({ startupProbe, livenessProbe, readinessProbe }) =>
      [startupProbe, livenessProbe, readinessProbe].some(probe =>
        probe && (probe.timeoutSeconds > probe.periodSeconds || (probe.exec && probe.periodSeconds < 60)))
      || (startupProbe && startupProbe.periodSeconds * startupProbe.failureThreshold < 300)),

  'task pods of Airflow 3 hold nothing of the control plane': ({ airflow, pods }) => (airflow.version.major < 3 || !pods.worker ? [] : [
    ...JSON.stringify(pods.worker).match(/secretKeyRef|"secret"|SQL_ALCHEMY|METADATA_DB|FERNET|JWT/g) ?? [],
  ]),

  'names are labels of DNS, and unique': ({ objects }) => {
    const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    return names.filter((name, i) => names.indexOf(name) !== i || !/^\w+\/[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name));
  },
};

const problems = (deployed: Deployed) =>
  Object.entries(INVARIANTS).flatMap(([name, check]) => check(deployed).map(found => `${name}: ${JSON.stringify(found)}`));

describe.each(SHAPES)('%s', (_, props) => {
  const deployed = new Deployed(props());
  test.each(Object.entries(INVARIANTS))('%s', (_name, check) => { expect(check(deployed)).toEqual([]); });
});

const component = fc.option(fc.record({ replicas: fc.integer({ min: 0, max: 3 }) }, { requiredKeys: [] }), { nil: undefined });
const secret = fc.constantFrom(undefined, SecretRef.existing('mine', 'key'), SecretRef.external({ store: 'vault', remoteKey: 'k' }));
const celery = Executor.celery({ broker: CeleryBroker.developmentRedis() });
const EXECUTORS = [
  Executor.kubernetes(),
  Executor.local(),
  celery,
  Executor.celery({
    broker: CeleryBroker.redis({ host: 'redis' }),
    resultBackend: CeleryResultBackend.redis({ host: 'redis', password: SecretRef.existing('mine', 'key') }),
    workers: [{ keda: { maxReplicas: 2 } }, { name: 'b', queues: ['b'], autoscaling: { maxReplicas: 3 } }],
  }),
  Executor.multiple([celery, Executor.local(), Executor.kubernetes()]),
];
const anyProps = fc.record({
  version: fc.constantFrom('2.11.2', '3.0.1', '3.0.6', '3.1.8', '3.2.2', '3.3.2').map(version => AirflowVersion.of(version)),
  executor: fc.constantFrom(...EXECUTORS),
  dags: fc.constantFrom(undefined, dags(), new ConfigMapDags({ 'a.py': 'A' }), new PersistentVolumeClaimDags({ claimName: 'mine' }), new ImageDags('/srv/dags')),
  logs: fc.constantFrom(
    undefined,
    TaskLogs.s3({
      bucket: 'logs',
      credentials: { accessKeyId: SecretRef.existing('mine', 'id'), secretAccessKey: SecretRef.existing('mine', 'key') },
      cidrs: ['10.7.0.0/16'],
    }),
    TaskLogs.gcs({ bucket: 'logs', connection: SecretRef.existing('mine', 'connection'), cidrs: ['10.6.0.0/16'] }),
    TaskLogs.persistentVolumeClaim(),
  ),
  exposure: fc.constantFrom(undefined, Exposure.ingress({ host: 'a.example.com', path: '/af' })),
  fernetKey: secret,
  jwtSecret: secret,
  secretKey: secret,
  releaseName: fc.constantFrom('airflow', 'a', 'a'.repeat(35)),
  scheduler: component,
  ui: component,
  podLaunching: fc.constantFrom<PodLaunchingProps | undefined>(undefined, {}, { jobs: true, spark: true, deferrable: true, namespaces: ['etl', 'ns'] }),
  dagProcessor: component,
  triggerer: component,
}).map(({ ui, jwtSecret, ...props }): Partial<AirflowKubernetesDeploymentProps> =>
  (props.version.major < 3 ? { ...props, webserver: ui } : { ...props, apiServer: ui, jwtSecret }));

/** An ExternalSecret stands for the Secret that the operator makes of it. */
function withOperator(deployed: Deployed): Deployed {
  deployed.objects.filter(({ kind }) => kind === 'ExternalSecret').forEach(({ metadata }) =>
    deployed.objects.push({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque' }));
  return deployed;
}

test('all of it holds for any combination of props', () => {
  fc.assert(fc.property(anyProps, props => { expect(problems(withOperator(new Deployed(props)))).toEqual([]); }), { numRuns: 60 });
});
