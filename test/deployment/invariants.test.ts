import * as fc from 'fast-check';
import { anyChoice, before, Choice, EXTERNAL, propsOf, SIZES } from './any-deployment';
import { Deployed, SHAPES } from './deploy';
import { violations } from '../../src/testing';

const containersOf = (pod: any): any[] => [...pod.spec.initContainers ?? [], ...pod.spec.containers];
const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Beside the invariants that hold for anybody's manifests: what we promise of ours. Each gives what is wrong with a deployment, whatever its props. */
const PROMISES: { [name: string]: (deployed: Deployed) => unknown[] } = {
  'every container has a read-only root': ({ pods }) => Object.values(pods).flatMap(containersOf)
    .filter(container => !container.securityContext.readOnlyRootFilesystem).map(({ name }) => name),

  'every volume has a mount': ({ pods }) => Object.entries(pods).flatMap(([component, pod]) => {
    const mounted = new Set(containersOf(pod).flatMap(container => (container.volumeMounts ?? []).map((mount: any) => mount.name)));
    return (pod.spec.volumes ?? []).filter((volume: any) => !mounted.has(volume.name)).map(({ name }: any) => `${component}: ${name}`);
  }),

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

  'a selector finds the pods of the component that its object is named after': ({ objects, pods }) => {
    const all = Object.values(pods).map(pod => pod.metadata.labels);
    return objects.map(({ kind, metadata, spec }) => ({
      name: metadata.name.replace(/-public$/, ''),
      selector: kind === 'Service' ? spec.selector : kind === 'NetworkPolicy' ? spec.podSelector.matchLabels : spec?.selector?.matchLabels,
    })).filter(({ name, selector }) => {
      if (!selector) { return false; }
      const found = all.filter(labels => Object.entries(selector).every(([key, value]) => labels[key] === value));
      return found.length !== 1 || `${found[0]['app.kubernetes.io/instance']}-${found[0]['app.kubernetes.io/component']}` !== name;
    });
  },

  'minutes to start, and a command that probes starts an Airflow at most once a minute': ({ pods }) =>
    Object.values(pods).flatMap(containersOf).filter(({ startupProbe, livenessProbe, readinessProbe }) =>
      [startupProbe, livenessProbe, readinessProbe].some(probe => probe?.exec && /airflow jobs|celery/.test(probe.exec.command.join(' ')) && probe.periodSeconds < 60)
      || (startupProbe && startupProbe.periodSeconds * startupProbe.failureThreshold < 300)).map(({ name }) => name),

  'task pods of Airflow 3 hold nothing of the control plane': ({ airflow, pods }) => (airflow.version.major < 3 || !pods.worker ? [] : [
    ...JSON.stringify(pods.worker).match(/SQL_ALCHEMY|METADATA_DB|FERNET|JWT|SECRET_KEY/g) ?? [],
  ]),
};

const broken = (deployed: Deployed) =>
  Object.entries(PROMISES).flatMap(([name, check]) => check(deployed).map(found => `${name}: ${JSON.stringify(found)}`));
const make = (choice: Choice) => new Deployed(propsOf(choice));

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(); });

describe.each(SHAPES)('%s', (_, props) => {
  test.each(Object.entries(PROMISES))('%s', (_name, check) => { expect(check(new Deployed(props()))).toEqual([]); });
});

// The other deployment stands for what was applied before: any change of props can be applied.
test('all of it, and the fourteen invariants, hold for any deployment', () => {
  const seen: { [dimension: string]: Set<string> } = {};
  fc.assert(fc.property(anyChoice, anyChoice, (choice, other) => {
    Object.entries(choice).forEach(([dimension, name]) => (seen[dimension] ??= new Set()).add(name));
    const deployed = make(choice);
    const previous = make(before(choice, other)).objects;
    expect(violations(deployed.objects, { external: EXTERNAL, again: make(choice).objects, previous })).toEqual([]);
    expect(broken(deployed)).toEqual([]);
  }), { numRuns: 300, seed: 20261125 });
  // Every choice was part of one of them.
  expect(Object.fromEntries(Object.entries(seen).map(([dimension, names]) => [dimension, names.size]))).toEqual(SIZES);
}, 600_000);
