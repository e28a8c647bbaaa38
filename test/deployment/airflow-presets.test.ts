import { Deployed, podOf } from './deploy';
import { AirflowPresets, AirflowVersion, MetadataDatabase, SecretRef } from '../../src';
import { podResources } from '../../src/pod/pod-resources';
import { parseQuantity } from '../../src/pod/quantity';

const VERSIONS = [AirflowVersion.V3_3, AirflowVersion.V2_11];
const stays = (deployed: Deployed) => deployed.objects.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
const memory = (deployed: Deployed, kind: 'requests' | 'limits') => stays(deployed)
  .reduce((sum, object) => sum + podResources(podOf(object).spec, kind).memory! * BigInt(object.spec.replicas), 0n);
let warn: jest.SpyInstance;
beforeEach(() => { warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => warn.mockRestore());

test.each(VERSIONS)('dev of %s fits on a node of 6 GiB with its database and its tasks', version => {
  const preset = AirflowPresets.dev(version);
  const deployed = new Deployed({ ...preset, version, database: MetadataDatabase.developmentPostgres({ password: SecretRef.existing('db', 'password') }) });
  const tasks = podResources(deployed.pods.worker.spec, 'requests').memory! * BigInt(preset.parallelism!);
  expect(memory(deployed, 'requests') + tasks < parseQuantity('3Gi')!).toBe(true);
  expect(memory(deployed, 'limits') <= parseQuantity('6Gi')!).toBe(true);
  expect(deployed.config['core.parallelism']).toBe('4');
});

test.each(VERSIONS)('ha of %s has no component with a single pod, nor one that a drain takes whole', version => {
  const deployed = new Deployed({ ...AirflowPresets.ha(version), version });
  for (const object of stays(deployed)) {
    expect([object.metadata.name, object.spec.replicas > 1]).toEqual([object.metadata.name, true]);
    expect(deployed.find('PodDisruptionBudget', object.metadata.name).spec.maxUnavailable).toBe(1);
    expect(podOf(object).spec.topologySpreadConstraints[0].topologyKey).toBe('topology.kubernetes.io/zone');
  }
});

test.each(VERSIONS)('standard of %s has a user interface that outlives a drain', version => {
  const replicas = stays(new Deployed({ ...AirflowPresets.standard(version), version }))
    .map(({ metadata, spec }) => [metadata.labels['app.kubernetes.io/component'], spec.replicas]).filter(([, count]) => count > 1);
  expect(replicas).toEqual([[version.major === 3 ? 'api-server' : 'webserver', 2]]);
});

test('a preset is data: what is changed in it counts', () => {
  const preset = AirflowPresets.ha();
  expect(JSON.parse(JSON.stringify(preset))).toEqual(preset);
  const deployed = new Deployed({ ...preset, scheduler: { ...preset.scheduler, replicas: 5 } });
  expect(deployed.workload('scheduler').spec.replicas).toBe(5);
  expect(deployed.workload('scheduler').spec.template.spec.containers[0].resources).toEqual(preset.scheduler.resources);
});
