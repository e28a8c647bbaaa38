import { Deployed, SHAPES } from './deploy';
import { podSecurityViolations } from '../../src/pod/pod-security';
import { toWire, typeOfKind } from '../../src/pod/schema';

const CUSTOM = ['ExternalSecret'];

describe.each(SHAPES)('%s', (_, props) => {
  const deployed = new Deployed(props());
  const { objects, pods } = deployed;
  const containers = (pod: any): any[] => [...pod.spec.initContainers ?? [], ...pod.spec.containers];
  const variables = (container: any): any[] => container.env ?? [];
  const named = (kind: string) => objects.filter(object => object.kind === kind).map(object => object.metadata.name);

  test.each(Object.entries(pods))('the pod of %s is restricted, with a read-only root, pinned images, requests and a limit', (component, pod) => {
    expect(podSecurityViolations(pod.spec, 'restricted')).toEqual([]);
    expect(component).toBe(pod.metadata.labels['app.kubernetes.io/component']);
    for (const container of containers(pod)) {
      expect(container.securityContext.readOnlyRootFilesystem).toBe(true);
      expect(container.image).toMatch(/:(?!latest)[\w.]+$/);
      const set = expect.anything();
      expect(container.resources).toMatchObject({ requests: { cpu: set, memory: set }, limits: { memory: set } });
    }
  });

  test('every object is what the Kubernetes schema knows, to the last key', () => {
    for (const object of objects.filter(({ kind }) => !CUSTOM.includes(kind))) {
      const type = typeOfKind(object.apiVersion, object.kind);
      if (type) { expect(toWire(type, object, object.metadata.name)).toEqual(object); }
    }
    expect(toWire('Pod', pods.scheduler && { apiVersion: 'v1', kind: 'Pod', ...pods.scheduler }, '')).toBeDefined();
  });

  test('every mount has a volume, and every volume a mount', () => {
    for (const pod of Object.values(pods)) {
      const mounted = new Set(containers(pod).flatMap(container => (container.volumeMounts ?? []).map((mount: any) => mount.name)));
      expect([...mounted].sort()).toEqual((pod.spec.volumes ?? []).map((volume: any) => volume.name).sort());
    }
  });

  test('every ConfigMap, Secret and ServiceAccount that a pod names is there, or is the database\'s', () => {
    for (const pod of Object.values(pods)) {
      const configMaps = pod.spec.volumes.flatMap((volume: any) => (volume.configMap ? [volume.configMap.name] : []));
      const secrets = containers(pod).flatMap(variables).flatMap(e => (e.valueFrom?.secretKeyRef ? [e.valueFrom.secretKeyRef.name] : []));
      expect(named('ConfigMap')).toEqual(expect.arrayContaining(configMaps));
      expect([...named('Secret'), 'db']).toEqual(expect.arrayContaining(secrets));
      expect(named('ServiceAccount')).toContain(pod.spec.serviceAccountName);
    }
  });

  test('a token is only where verbs were declared, in one container', () => {
    const bound = objects.filter(({ kind }) => kind === 'RoleBinding').map(object => object.subjects[0].name).sort();
    const holders = Object.values(pods).flatMap(pod => containers(pod)
      .filter(container => (container.volumeMounts ?? []).some((mount: any) => mount.mountPath.startsWith('/var/run/secrets/kubernetes.io')))
      .map(() => pod.spec.serviceAccountName)).sort();
    expect(holders).toEqual(bound);
    expect(Object.values(pods).map(pod => pod.spec.automountServiceAccountToken)).toEqual(Object.keys(pods).map(() => false));
    expect(objects.filter(({ kind }) => kind === 'ServiceAccount').every(object => object.automountServiceAccountToken === false)).toBe(true);
  });

  test('no Secret holds data, and no variable a credential', () => {
    expect(objects.filter(({ kind }) => kind === 'Secret').filter(secret => secret.data || secret.stringData)).toEqual([]);
    const literals = Object.values(pods).flatMap(containers).flatMap(variables).filter(e => e.value !== undefined);
    expect(literals.filter(({ name }) => /PASSWORD|SECRET|FERNET/.test(name))).toEqual([]);
  });

  test('each selector finds the pods of one component of this deployment', () => {
    const labels = Object.values(pods).map(pod => pod.metadata.labels);
    const selectors = objects.flatMap(({ kind, metadata, spec }) => {
      if (kind === 'Service') { return [[metadata.name, spec.selector]]; }
      if (kind === 'NetworkPolicy') { return [[metadata.name, spec.podSelector.matchLabels]]; }
      return spec?.selector?.matchLabels ? [[metadata.name, spec.selector.matchLabels]] : [];
    });
    expect(selectors.length).toBeGreaterThan(8);
    for (const [name, selector] of selectors) {
      const found = labels.filter(all => Object.entries(selector).every(([key, value]) => all[key] === value));
      expect([name, found.map(all => `${all['app.kubernetes.io/instance']}-${all['app.kubernetes.io/component']}`)]).toEqual([name, [name]]);
    }
  });

  test('probes leave time: no time-out beyond its period, minutes to start', () => {
    for (const container of Object.values(pods).flatMap(containers)) {
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'].map(name => container[name]).filter(Boolean)) {
        expect(probe.timeoutSeconds).toBeLessThanOrEqual(probe.periodSeconds);
      }
      const { periodSeconds, failureThreshold } = container.startupProbe ?? { periodSeconds: 300, failureThreshold: 1 };
      expect(periodSeconds * failureThreshold).toBeGreaterThanOrEqual(300);
      if (container.livenessProbe?.exec) { expect(container.livenessProbe.periodSeconds).toBeGreaterThanOrEqual(60); }
    }
  });
});

describe.each(SHAPES.filter(([name]) => name.startsWith('3.3, Kubernetes')))('task pods of %s', (_, props) => {
  const { worker } = new Deployed(props()).pods;

  test('hold nothing of the control plane', () => {
    expect(JSON.stringify(worker)).not.toMatch(/secretKeyRef|"secret"|SQL_ALCHEMY|METADATA_DB|FERNET|JWT|serviceAccountToken/);
    expect(worker.spec.containers.map(({ name }: any) => name)).toEqual(['base']);
  });
});
