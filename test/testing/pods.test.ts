import * as fs from 'node:fs';
import * as os from 'node:os';
import { harness, Harness } from './harness';
import { processRuns } from '../../src/runtime/runner';
import { until } from '../until';
import { ended, pod, podEvents, running, runPod, sh, waitingFor, watchPod } from './scenarios';

let stage: Harness;
beforeAll(async () => { stage = await harness({ images: image => !image.startsWith('nowhere/'), nodeLabels: { disk: 'ssd' }, nodeCapacity: { cpu: '2', memory: '4Gi' } }); });
afterAll(() => stage.cluster.stop());

const create = async (resource: string, kind: string, name: string, content: object) => {
  const answer = await stage.client.post(`${stage.path}/${resource}`, { apiVersion: 'v1', kind, metadata: { name }, ...content });
  expect(answer.status).toBe(201);
  return answer.body;
};
/** Runs a pod to its end and gives its only container's log. */
const output = async (name: string, container: any, spec: any = {}, metadata: any = {}): Promise<string> => {
  const object = await runPod(stage, pod(name, container, spec, metadata));
  const log = await stage.client.get(`${stage.path}/pods/${name}/log?container=base`);
  expect({ phase: object.status.phase, log: log.body }).toEqual({ phase: 'Succeeded', log: log.body });
  return log.body;
};

describe('variables', () => {
  test('come from values, Secrets, ConfigMaps, fields and resources, and may use each other', async () => {
    await create('secrets', 'Secret', 'vars', { stringData: { user: 'anna', ['pass word']: 'x' } });
    await create('configmaps', 'ConfigMap', 'vars', { data: { host: 'db', port: '5432' } });
    const env = [
      { name: 'USER_NAME', valueFrom: { secretKeyRef: { name: 'vars', key: 'user' } } },
      { name: 'DB_HOST', valueFrom: { configMapKeyRef: { name: 'vars', key: 'host' } } },
      { name: 'URL', value: '$(USER_NAME)@$(DB_HOST):$(P_port) $(UNKNOWN) $$(DB_HOST)' },
      { name: 'OPTIONAL', valueFrom: { secretKeyRef: { name: 'none', key: 'k', optional: true } } },
      { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'TEAM', valueFrom: { fieldRef: { fieldPath: "metadata.labels['team']" } } },
      { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
    ];
    const script = 'echo "$URL|${OPTIONAL-unset}|$POD|$TEAM|$CPU|$HOSTNAME|$1"';
    const log = await output('variables', {
      command: ['sh', '-c', script, 'sh'],
      args: ['$(USER_NAME)'],
      env,
      envFrom: [{ prefix: 'P_', configMapRef: { name: 'vars' } }],
      resources: { limits: { cpu: '250m' } },
    }, {}, { labels: { team: 'data' } });
    expect(log).toBe('anna@db:5432 $(UNKNOWN) $(DB_HOST)|unset|variables|data|250|variables|anna\n');
  });

  test('of this machine are not inherited, except PATH', async () => {
    process.env.CDK8S_AIRFLOW_TEST = 'leaked';
    const log = await output('inherited', sh('env'));
    delete process.env.CDK8S_AIRFLOW_TEST;
    const names = log.trim().split('\n').map(line => line.split('=')[0]).filter(name => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(name));
    expect(names.sort()).toEqual(['HOME', 'HOSTNAME', 'PATH', 'TMPDIR']);
    expect(log).not.toContain(os.homedir() === '/' ? '\0' : `HOME=${os.homedir()}\n`);
  });
});

describe('volumes', () => {
  test('hold Secrets, ConfigMaps and fields, whole or by item', async () => {
    await create('secrets', 'Secret', 'files', { stringData: { a: 'secret a', b: 'secret b' } });
    await create('configmaps', 'ConfigMap', 'files', { data: { c: 'config c' }, binaryData: { d: Buffer.from([1, 2]).toString('base64') } });
    const volumes = [
      { name: 's', secret: { secretName: 'files', items: [{ key: 'b', path: 'deep/b.txt', mode: 0o400 }] } },
      { name: 'c', configMap: { name: 'files' } },
      { name: 'none', configMap: { name: 'absent', optional: true } },
      { name: 'd', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
      { name: 'p', projected: { sources: [{ secret: { name: 'files', items: [{ key: 'a', path: 'a' }] } }, { configMap: { name: 'files' } }] } },
    ];
    const log = await output('volumes', {
      ...sh('cat /s/deep/b.txt; echo; ls /s; cat /c/c; echo; ls /c; ls /none; cat /d/labels; echo; ls /p'),
      volumeMounts: volumes.map(({ name }) => ({ name, mountPath: `/${name}` })),
    }, { volumes }, { labels: { x: '1', y: '2' } });
    expect(log).toBe('secret b\ndeep\nconfig c\nc\nd\nx="1"\ny="2"\na\nc\nd\n');
  });

  test('are shared by containers, each at its own path, and a subPath is a part', async () => {
    const log = await output('shared', {
      ...sh('cat /in/x'), volumeMounts: [{ name: 'v', mountPath: '/in', subPath: 'part' }],
    }, {
      initContainers: [{ name: 'write', ...sh('mkdir /out/part && echo written > $TARGET'), env: [{ name: 'TARGET', value: '/out/part/x' }], volumeMounts: [{ name: 'v', mountPath: '/out' }] }],
      volumes: [{ name: 'v', emptyDir: {} }],
    });
    expect(log).toBe('written\n');
  });

  test('a working directory in a volume is used; one of the image is an empty folder', async () => {
    const mounted = { volumeMounts: [{ name: 'v', mountPath: '/work' }] };
    expect(await output('in-volume', { ...sh('touch here; ls /work'), workingDir: '/work', ...mounted }, { volumes: [{ name: 'v', emptyDir: {} }] })).toBe('here\n');
    expect(await output('in-image', { ...sh('ls -A'), workingDir: '/opt/of-the-image' })).toBe('');
  });

  test('nothing is written to the mount path of this machine', async () => {
    const path = `/cdk8s-airflow-${process.pid}`;
    await output('host', { ...sh(`echo 1 > ${path}/x`), volumeMounts: [{ name: 'v', mountPath: path }] }, { volumes: [{ name: 'v', emptyDir: {} }] });
    expect(fs.existsSync(path)).toBe(false);
  });

  test('a type that the embedded cluster has not is refused and named', async () => {
    const answer = await stage.client.post(`${stage.path}/pods`, pod('claim', sh('true'), { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] }));
    expect(answer).toMatchObject({ status: 422, body: { reason: 'Invalid' } });
    expect(answer.body.message).toBe('Pod "claim" is invalid: spec.volumes[0].persistentVolumeClaim: Forbidden: the embedded cluster has no volumes of this type, '
      + 'only emptyDir, secret, configMap, projected, downwardAPI; run this pod on a real cluster');
  });
});

describe('starting', () => {
  test('a container without a command says what is missing', async () => {
    const object = await runPod(stage, pod('no-command', { image: 'alpine:3' }));
    expect(object.status.containerStatuses[0].state.terminated).toMatchObject({ exitCode: 128, reason: 'StartError' });
    expect(object.status.containerStatuses[0].state.terminated.message).toBe('the embedded cluster runs no images, so the entrypoint of image alpine:3 is unknown: '
      + "set the command ('cmds' of a PodTask), or run this pod on a real cluster");
  });

  test('goes on when the missing Secret is created', async () => {
    const waiting = await runPod(stage, pod('later', { ...sh('echo $A'), env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'later', key: 'k' } } }] }), waitingFor('CreateContainerConfigError'));
    await create('secrets', 'Secret', 'later', { stringData: { k: 'found' } });
    await watchPod(stage, 'later', ended, waiting.metadata.resourceVersion);
    expect((await stage.client.get(`${stage.path}/pods/later/log`)).body).toBe('found\n');
  });

  test('a pod that waits for capacity starts when another one has ended', async () => {
    const large = { resources: { requests: { cpu: '1500m' } } };
    await runPod(stage, pod('first', { ...sh('while [ ! -e go ]; do sleep 0.05; done'), ...large }), running);
    const second = await runPod(stage, pod('second', { ...sh('true'), ...large }), event => event.object.status.conditions?.[0].reason === 'Unschedulable');
    await stage.client.exec(`${stage.path}/pods/first/exec?command=touch&command=go&stdout=true`);
    const events = await watchPod(stage, 'second', ended, second.metadata.resourceVersion);
    expect(events[events.length - 1].object.status.phase).toBe('Succeeded');
  });

  test('a label of the node is matched by selector and affinity', async () => {
    const terms = [{ matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd', 'nvme'] }] }];
    await output('on-ssd', sh('true'), { nodeSelector: { disk: 'ssd' }, affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } } });
  });

  test('an image that cannot be pulled is tried, then backed off', async () => {
    const reasons = new Set<string>();
    await runPod(stage, pod('pull', { ...sh('true'), image: 'nowhere/x:1' }), event => {
      const reason = event.object.status.containerStatuses?.[0].state.waiting.reason;
      reasons.add(reason);
      return reason === 'ImagePullBackOff';
    });
    expect([...reasons].slice(-2)).toEqual(['ErrImagePull', 'ImagePullBackOff']);
  });
});

describe('ending', () => {
  test('a sidecar that crashes starts again, and its message at the end counts', async () => {
    const script = 'if [ ! -e /v/once ]; then touch /v/once; exit 1; fi; trap "echo bye > /dev/termination-log; exit 0" TERM; touch /v/up; while :; do sleep 60 & wait $!; done';
    const volumeMounts = [{ name: 'v', mountPath: '/v' }];
    const object = await runPod(stage, pod('crash', { ...sh('while [ ! -e /v/up ]; do sleep 0.05; done'), volumeMounts }, {
      initContainers: [{ name: 'side', restartPolicy: 'Always', ...sh(script), volumeMounts }], volumes: [{ name: 'v', emptyDir: {} }],
    }));
    expect(object.status).toMatchObject({ phase: 'Succeeded', initContainerStatuses: [{ restartCount: 1, lastState: { terminated: { exitCode: 1 } }, state: { terminated: { message: 'bye\n' } } }] });
  });

  test('a sidecar that ignores TERM is killed after the grace period and does not change the verdict', async () => {
    const object = await runPod(stage, pod('stubborn', sh('true'), {
      terminationGracePeriodSeconds: 0, initContainers: [{ name: 'side', restartPolicy: 'Always', ...sh('trap "" TERM; echo > /dev/null; while :; do sleep 1; done') }],
    }));
    expect(object.status.phase).toBe('Succeeded');
    expect([137, 143]).toContain(object.status.initContainerStatuses[0].state.terminated.exitCode);
  });

  test('what a container left in the background is killed with it', async () => {
    const pid = Number(await output('background', sh('sleep 600 > /dev/null 2>&1 & echo $!')));
    await until(() => !processRuns(pid));
  });

  test('a container that fails starts again under OnFailure', async () => {
    const volume = { volumeMounts: [{ name: 'v', mountPath: '/v' }] };
    const object = await runPod(stage, pod('again', { ...sh('if [ -e /v/x ]; then exit 0; fi; touch /v/x; echo first; exit 1'), ...volume }, { restartPolicy: 'OnFailure', volumes: [{ name: 'v', emptyDir: {} }] }));
    expect(object.status).toMatchObject({ phase: 'Succeeded', containerStatuses: [{ restartCount: 1, lastState: { terminated: { exitCode: 1 } } }] });
    expect((await stage.client.get(`${stage.path}/pods/again/log?previous=true`)).body).toBe('first\n');
  });

  test('a pod whose owner is not there is collected, and one with a finalizer stays until it is removed', async () => {
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'not-there' };
    const created = await stage.client.post(`${stage.path}/pods`, pod('orphan', sh('sleep 600'), {}, { ownerReferences: [owner], finalizers: ['example.com/hold'] }));
    await watchPod(stage, 'orphan', event => event.object.metadata.deletionTimestamp !== undefined, created.body.metadata.resourceVersion);
    const patch = { metadata: { finalizers: null } };
    const held = await stage.client.send('PATCH', `${stage.path}/pods/orphan`, patch, { 'content-type': 'application/merge-patch+json' });
    await watchPod(stage, 'orphan', event => event.type === 'DELETED', held.body.metadata.resourceVersion);
    expect((await stage.client.get(`${stage.path}/pods/orphan`)).status).toBe(404);
  });

  test('a namespace that is deleted takes its pods along', async () => {
    const { body: { metadata } } = await stage.client.post('/api/v1/namespaces/other/pods', pod('there', sh('sleep 600')));
    await stage.client.delete('/api/v1/namespaces/other');
    const deleted = await stage.client.watch(`/api/v1/namespaces/other/pods?watch=true&resourceVersion=${metadata.resourceVersion}`, event => event.type === 'DELETED');
    expect(deleted.map(event => event.object.metadata.name)).toContain('there');
  });

  test('events tell the story of a pod', async () => {
    const object = await runPod(stage, pod('story', sh('true')));
    const events = await podEvents(stage, object.metadata.uid, 'Started');
    expect(events.map(event => event.reason).sort()).toEqual(['Created', 'Pulled', 'Scheduled', 'Started']);
  });
});

test('stop() kills every process, also one that ignores TERM, and removes every folder', async () => {
  const other = await harness();
  const object = await runPod(other, pod('stubborn', { ...sh('trap "" TERM; touch /v/x; echo $$$$ $(echo /v); while :; do sleep 1; done'), volumeMounts: [{ name: 'v', mountPath: '/v' }] }, { volumes: [{ name: 'v', emptyDir: {} }] }), running);
  const [line] = (await other.client.exec(`${other.path}/pods/${object.metadata.name}/exec?command=sh&command=-c&command=echo+%24PPID+/v&stdout=true`)).stdout.split('\n');
  const folder = line.split(' ')[1];
  const log = await new Promise<string>(resolve => {
    const poll = async () => {
      const { body } = await other.client.get(`${other.path}/pods/stubborn/log`);
      return body ? resolve(body) : void poll();
    };
    void poll();
  });
  const pid = Number(log.split(' ')[0]);
  expect(processRuns(pid)).toBe(true);
  expect(fs.existsSync(folder)).toBe(true);
  await other.cluster.stop();
  await until(() => !processRuns(pid));
  expect(fs.existsSync(folder)).toBe(false);
  await other.cluster.stop();
});
