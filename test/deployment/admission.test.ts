import { ApiObject } from 'cdk8s';
import { AirflowKubernetesDeployment, AirflowKubernetesDeploymentProps, GitSyncDags } from '../../src';
import { podSecurityViolations } from '../../src/pod/pod-security';
import { chart, synth } from '../util';
import { database, Deployed } from './deploy';

const of = (deployed: Deployed, component: string) => deployed.pods[component].spec;
/** The warnings of a deployment in a namespace of these labels. */
const warnings = (props: Partial<AirflowKubernetesDeploymentProps>, labels?: { [label: string]: string }): string[] => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const scope = chart({ namespace: 'ns' });
  if (labels) { new ApiObject(scope, 'Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ns', labels } }); }
  new AirflowKubernetesDeployment(scope, 'airflow', { database, ...props });
  synth(scope);
  const messages = warn.mock.calls.map(([message]) => String(message));
  warn.mockRestore();
  return messages;
};

test('podOverride changes single fields of security contexts, and the pod stays restricted', () => {
  const plain = new Deployed();
  const podOverride = { spec: { securityContext: { runAsUser: 1000 }, containers: [{ name: 'scheduler', securityContext: { readOnlyRootFilesystem: false, capabilities: { add: ['NET_BIND_SERVICE'] } } }] } };
  const deployed = new Deployed({ scheduler: { podOverride, containers: [{ name: 'proxy', image: 'proxy:1' }] } });
  expect(of(deployed, 'scheduler').securityContext).toEqual({ ...of(plain, 'scheduler').securityContext, runAsUser: 1000 });
  const [own] = of(plain, 'scheduler').containers;
  expect(of(deployed, 'scheduler').containers[0].securityContext).toEqual({
    ...own.securityContext, readOnlyRootFilesystem: false, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
  });
  expect(podSecurityViolations(of(deployed, 'scheduler'), 'restricted')).toEqual([]);
  const waits = { name: 'wait-for-airflow-migrations', securityContext: { runAsUser: 1 } };
  const workers = { podOverride: { spec: { containers: [{ name: 'base', securityContext: { runAsUser: 7 } }] } } };
  const others = new Deployed({ triggerer: { podOverride: { spec: { initContainers: [waits] } } }, workers });
  expect(of(others, 'triggerer').initContainers[0].securityContext).toEqual({ ...of(plain, 'triggerer').initContainers[0].securityContext, runAsUser: 1 });
  expect(of(others, 'worker').containers[0].securityContext).toEqual({ ...of(plain, 'worker').containers[0].securityContext, runAsUser: 7 });
});

test('a field can be taken out, and what contradicts the override goes with it', () => {
  const scheduler = { podOverride: { spec: { securityContext: { runAsUser: 0 }, containers: [{ name: 'scheduler', securityContext: { privileged: true } }] } }, unset: ['spec.securityContext.fsGroup'] };
  const { securityContext, containers } = of(new Deployed({ scheduler }), 'scheduler');
  expect(securityContext).toEqual({ runAsNonRoot: false, runAsUser: 0, runAsGroup: 0, seccompProfile: { type: 'RuntimeDefault' } });
  expect(containers[0].securityContext).toEqual({ privileged: true, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
});

describe('what Pod Security refuses brings a warning', () => {
  const hostPath = { volumes: [{ name: 'fuse', hostPath: { path: '/dev/fuse' } }] };

  test('for every pod that a user has changed', () => {
    const root = { spec: { securityContext: { runAsUser: 0 } } };
    const messages = warnings({
      scheduler: hostPath,
      migration: { podOverride: root },
      workers: { podOverride: root },
      dags: new GitSyncDags({ repo: 'https://git/dags.git', securityContext: { allowPrivilegeEscalation: true } }),
    });
    const label = "declare what the namespace permits with the label 'pod-security.kubernetes.io/enforce' of a Namespace in the app";
    const refused = (pod: string, why: string) => `[chart/airflow] Pod Security 'restricted' refuses ${pod}: ${why}; change what its props set, or ${label}`;
    const asRoot = 'runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false); runAsUser=0 (pod must not set runAsUser=0)';
    const escalates = (names: string) => `allowPrivilegeEscalation != false (${names} must set securityContext.allowPrivilegeEscalation=false)`;
    expect(messages).toEqual([
      refused("the pod of 'migration'", asRoot),
      refused("the pod of 'scheduler'", 'restricted volume types (volume "fuse" uses restricted volume type "hostPath")'),
      refused("the pod of 'dag-processor'", escalates('containers "git-sync-init", "git-sync"')),
      refused("the pod of 'triggerer'", escalates('containers "git-sync-init", "git-sync"')),
      refused("the pods of 'workers'", `${escalates('container "git-sync-init"')}; ${asRoot}`),
    ]);
  });

  test('by the level that the Namespace of the app declares', () => {
    const level = (value: string) => warnings({ scheduler: hostPath }, { 'pod-security.kubernetes.io/enforce': value });
    expect(level('privileged')).toEqual([]);
    expect(level('baseline')).toEqual([expect.stringContaining("Pod Security 'baseline' refuses the pod of 'scheduler': hostPath volumes (volume \"fuse\")")]);
    expect(level('restricted')).toEqual([expect.stringContaining("Pod Security 'restricted' refuses")]);
    expect(warnings({ scheduler: hostPath }, {})).toHaveLength(1);
    expect(warnings({}, {})).toEqual([]);
  });
});
