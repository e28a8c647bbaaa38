import { Client, WatchEvent } from './client';

/** Where a scenario runs, and what it notes: the recorder writes the notes of the real API server, the test compares the embedded cluster's with them. */
export interface Stage {
  readonly client: Client;
  readonly namespace: string;
  /** `/api/v1/namespaces/NAMESPACE`. */
  readonly path: string;
  note(name: string, answer: unknown): void;
  /** A client with the same server and other headers. */
  as(headers: { [name: string]: string }): Client;
}

export const IMAGE = 'localhost/busybox:1';

export function pod(name: string, container: any, spec: any = {}, metadata: any = {}): any {
  const { initContainers, ...rest } = spec;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...metadata },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      ...initContainers && { initContainers: initContainers.map((c: any) => ({ image: IMAGE, ...c })) },
      containers: (Array.isArray(container) ? container : [container]).map(c => ({ name: 'base', image: IMAGE, ...c })),
      ...rest,
    },
  };
}

export const sh = (script: string) => ({ command: ['sh', '-c', script] });
export const ended = (event: WatchEvent) => ['Succeeded', 'Failed'].includes(event.object.status?.phase);
const statuses = (object: any) => [...object.status?.initContainerStatuses ?? [], ...object.status?.containerStatuses ?? []];
export const waitingFor = (...reasons: string[]) => (event: WatchEvent) =>
  statuses(event.object).some((status: any) => reasons.includes(status.state?.waiting?.reason));
export const running = ({ object }: WatchEvent) => statuses(object).length > 0 && statuses(object).every((status: any) => status.state?.running);

/** The pod's events from now until one fits. */
export function watchPod(stage: Stage, name: string, until: (event: WatchEvent) => boolean, version?: string): Promise<WatchEvent[]> {
  const query = `fieldSelector=metadata.name%3D${name}&timeoutSeconds=120${version ? `&resourceVersion=${version}` : ''}`;
  return stage.client.watch(`${stage.path}/pods?watch=true&${query}`, until);
}

/** Creates a pod, waits until an event fits and gives that event's object. */
export async function runPod(stage: Stage, manifest: any, until = ended): Promise<any> {
  const created = await stage.client.post(`${stage.path}/pods`, manifest);
  if (created.status !== 201) { throw new Error(`${created.status} ${JSON.stringify(created.body)}`); }
  const events = await watchPod(stage, manifest.metadata.name, until, created.body.metadata.resourceVersion);
  const last = events[events.length - 1];
  if (!last || !until(last)) { throw new Error(`pod ${manifest.metadata.name} did not get there: ${JSON.stringify(last?.object.status)}`); }
  return last.object;
}

/** Waits for the pod's event with one of these reasons and gives what people read of all its events. */
export async function podEvents(stage: Stage, uid: string, ...reasons: string[]): Promise<any[]> {
  const selector = `fieldSelector=involvedObject.uid%3D${uid}`;
  await stage.client.watch(`${stage.path}/events?watch=true&timeoutSeconds=60&${selector}`, event => reasons.includes(event.object.reason));
  const list = await stage.client.get(`${stage.path}/events?${selector}`);
  return list.body.items;
}

/** How often an event came, and whether a Normal one came before or after, is a matter of time. */
const summary = (events: any[]) => events.filter(event => event.reason !== 'Pulled')
  .map(({ count, firstTimestamp, lastTimestamp, eventTime, ...event }) => ({
    ...event, count: typeof count, firstTimestamp: typeof firstTimestamp, lastTimestamp: typeof lastTimestamp, eventTime: typeof eventTime,
  }))
  .sort((a, b) => a.reason + a.message < b.reason + b.message ? -1 : 1);

const configMap = (name: string, data: any = {}, metadata: any = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data });

const withoutIds = (answer: unknown) => JSON.parse(JSON.stringify(answer).replace(/[0-9a-f]{64}/g, 'ID'));

export const scenarios: { [name: string]: (stage: Stage) => Promise<void> } = {
  async objects({ client, path, namespace, note, as }) {
    const maps = `${path}/configmaps`;
    note('version', await client.get('/version'));
    note('namespace', await client.get(path));
    note('no token', await as({ authorization: 'Bearer wrong' }).get(maps));
    note('unknown path', await client.get('/apis/nothing/v1/things'));
    note('unknown resource', await client.get(`${path}/things`));
    note('missing', await client.get(`${maps}/none`));
    note('created', await client.post(maps, configMap('one', { a: '1' }, { labels: { app: 'x', tier: 'front' } })));
    note('exists', await client.post(maps, configMap('one')));
    await client.post(maps, configMap('two', { a: '2' }, { labels: { app: 'y' } }));
    await client.post(maps, configMap('three', { a: '3' }));
    note('get', await client.get(`${maps}/one`));
    const names = async (query: string) => {
      const answer = await client.get(`${maps}?${query}`);
      return answer.status === 200 ? answer.body.items.map((item: any) => item.metadata.name).filter((name: string) => !name.startsWith('kube-')) : answer;
    };
    note('list with a label', await client.get(`${maps}?labelSelector=app%3Dx`));
    for (const selector of ['app=x', 'app==y', 'app!=x', 'app', '!app', 'app in (x,y)', 'app notin (x)', 'app=x,tier=front', 'app=x,tier=back', 'a b c', 'app in x']) {
      note(`label selector ${selector}`, await names(`labelSelector=${encodeURIComponent(selector)}`));
    }
    for (const selector of ['metadata.name=one', 'metadata.name!=one', `metadata.namespace=${namespace}`, 'data.a=1', 'metadata.name']) {
      note(`field selector ${selector}`, await names(`fieldSelector=${encodeURIComponent(selector)}`));
    }
    note('first page', await client.get(`${maps}?limit=1&labelSelector=app`));
    const first = await client.get(`${maps}?limit=1&labelSelector=app`);
    note('second page', await client.get(`${maps}?limit=1&labelSelector=app&continue=${encodeURIComponent(first.body.metadata.continue)}`));
    note('bad continue', await client.get(`${maps}?limit=1&continue=nonsense`));
    note('generated name', await client.post(maps, configMap(undefined as any, {}, { generateName: 'made-' })));
    note('no name', await client.post(maps, { apiVersion: 'v1', kind: 'ConfigMap' }));
    note('bad name', await client.post(maps, configMap('Bad_Name')));
    note('other namespace', await client.post(maps, configMap('x', {}, { namespace: 'elsewhere' })));
    note('other kind', await client.post(maps, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } }));
    note('not JSON', await client.post(maps, '{"kind": '));
    note('not an object', await client.post(maps, '[]'));
    note('media type', await client.post(maps, 'kind: ConfigMap', { 'content-type': 'text/plain' }));
    note('no such verb', await client.send('PUT', maps, configMap('x')));
    note('missing namespace', await client.post('/api/v1/namespaces/emb-nowhere/configmaps', configMap('x')));
    note('list in a missing namespace', await client.get('/api/v1/namespaces/emb-nowhere/configmaps'));
    note('patched', await client.send('PATCH', `${maps}/one`, { metadata: { labels: { tier: null, added: 'yes' } } }, { 'content-type': 'application/merge-patch+json' }));
    note('patch of a missing one', await client.send('PATCH', `${maps}/none`, {}, { 'content-type': 'application/merge-patch+json' }));
    note('delete with another uid', await client.delete(`${maps}/one`, { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'other' } }));
    note('deleted', await client.delete(`${maps}/one`));
    note('deleted again', await client.delete(`${maps}/one`));
    note('deleted collection', await client.delete(`${maps}?labelSelector=app%3Dy`));
    note('secret', await client.post(`${path}/secrets`, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { b: 'new' }, data: { a: 'b2xk' } }));
    await client.post(maps, configMap('held', {}, { finalizers: ['example.com/hold'] }));
    note('deleted with a finalizer', await client.delete(`${maps}/held`));
    note('finalizer removed', await client.send('PATCH', `${maps}/held`, { metadata: { finalizers: null } }, { 'content-type': 'application/merge-patch+json' }));
    note('gone', await client.get(`${maps}/held`));
    const user = as({ 'Impersonate-User': 'jane' });
    note('forbidden create', await user.post(`${path}/pods`, pod('x', {})));
    note('forbidden get', await user.get(`${path}/pods/x`));
    note('forbidden list', await user.get(`${path}/pods`));
    note('forbidden watch', await user.get(`${path}/pods?watch=true`));
    note('forbidden delete', await user.delete(`${path}/pods/x`));
    note('forbidden log', await user.get(`${path}/pods/x/log`));
    note('forbidden exec', (await user.exec(`${path}/pods/x/exec?command=true&stdout=true`)).refused);
  },

  async watch({ client, path, note }) {
    const maps = `${path}/configmaps`;
    const short = ({ type, object: { kind, metadata, data } }: WatchEvent) => ({ type, kind, name: metadata.name, labels: metadata.labels, data });
    const select = 'labelSelector=w';
    const list = await client.get(`${maps}?${select}`);
    const from = list.body.metadata.resourceVersion;
    await client.post(maps, configMap('a', { n: '1' }, { labels: { w: '1' } }));
    await client.post(maps, configMap('unseen', { n: '1' }));
    await client.send('PATCH', `${maps}/a`, { data: { n: '2' } }, { 'content-type': 'application/merge-patch+json' });
    await client.post(maps, configMap('b', { n: '1' }, { labels: { w: '1' } }));
    await client.send('PATCH', `${maps}/b`, { metadata: { labels: { w: null } } }, { 'content-type': 'application/merge-patch+json' });
    await client.delete(`${maps}/a`);
    const events = await client.watch(`${maps}?watch=true&${select}&resourceVersion=${from}&timeoutSeconds=30`, event => event.type === 'DELETED' && event.object.metadata.name === 'a');
    note('from a version', events.map(short));
    const again = await client.watch(`${maps}?watch=true&${select}&resourceVersion=${events[0].object.metadata.resourceVersion}&timeoutSeconds=30`, event => event.type === 'DELETED' && event.object.metadata.name === 'a');
    note('resumed after the first event', again.map(short));
    note('a deleted event in full', events[events.length - 1]);
    await client.post(maps, configMap('c', { n: '1' }, { labels: { w: '1' } }));
    note('without a version', (await client.watch(`${maps}?watch=true&${select}&timeoutSeconds=30`, () => true)).map(short));
    note('version 0', (await client.watch(`${maps}?watch=true&${select}&resourceVersion=0&timeoutSeconds=30`, () => true)).map(short));
    const until = await client.watch(`${maps}?watch=true&${select}&resourceVersion=${from}&timeoutSeconds=1`);
    const bookmark = (event: WatchEvent) => event.type === 'BOOKMARK';
    const initial = await client.watch(`${maps}?watch=true&${select}&allowWatchBookmarks=true&timeoutSeconds=4`, bookmark);
    note('a bookmark after the initial events', initial[initial.length - 1]);
    const ending = await client.watch(`${maps}?watch=true&${select}&resourceVersion=${from}&allowWatchBookmarks=true&timeoutSeconds=5`, bookmark);
    note('a bookmark before the end', ending.find(bookmark));
    note('kinds of events until the time is up', [...new Set(until.map(event => event.type))]);
    note('bad version', await client.get(`${maps}?watch=true&resourceVersion=abc`));
    note('bad version of a list', await client.get(`${maps}?resourceVersion=abc`));
  },

  async 'pod-objects'({ client, path, note }) {
    const pods = `${path}/pods`;
    const unschedulable = { nodeSelector: { 'example.com/none': 'x' } };
    note('created', await client.post(pods, pod('a', { command: ['true'], env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }], ports: [{ containerPort: 80 }] }, {
      ...unschedulable,
      initContainers: [{ name: 'side', restartPolicy: 'Always', command: ['sleep', '9'] }],
      volumes: [{ name: 'e', emptyDir: {} }, { name: 's', secret: { secretName: 's' } }, { name: 'c', configMap: { name: 'c' } }, {
        name: 'p', projected: { sources: [{ secret: { name: 's' } }, { downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } }] },
      }, { name: 'd', downwardAPI: { items: [{ path: 'n', fieldRef: { fieldPath: 'metadata.name' } }] } }],
    }, { labels: { app: 'x' } })));
    note('exists', await client.post(pods, pod('a', {})));
    note('created latest', await client.post(pods, pod('latest', { image: 'busybox', resources: { limits: { cpu: '0.5', memory: '1024Mi' } } }, unschedulable)));
    note('created burstable', await client.post(pods, pod('burst', { resources: { requests: { cpu: 0.25, memory: 64000 } } }, { ...unschedulable, restartPolicy: undefined })));
    const invalid: { [name: string]: any } = {
      'no containers': pod('x', []),
      'no spec': { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } },
      'no image': pod('x', { image: '' }),
      'no container name': pod('x', { name: '' }),
      'bad container name': pod('x', { name: 'Base_1' }),
      'bad pod name': pod('Bad_Pod', {}),
      'two of a name': pod('x', [{}, {}]),
      'name of an init container': pod('x', {}, { initContainers: [{ name: 'base' }] }),
      'unknown volume': pod('x', { volumeMounts: [{ name: 'none', mountPath: '/x' }] }),
      'mounted twice': pod('x', { volumeMounts: [{ name: 'v', mountPath: '/x' }, { name: 'v', mountPath: '/x' }] }, { volumes: [{ name: 'v', emptyDir: {} }] }),
      'two volumes of a name': pod('x', {}, { volumes: [{ name: 'v', emptyDir: {} }, { name: 'v', emptyDir: {} }] }),
      'bad restartPolicy': pod('x', {}, { restartPolicy: 'Sometimes' }),
      'bad imagePullPolicy': pod('x', { imagePullPolicy: 'Maybe' }),
      'bad label': pod('x', {}, {}, { labels: { 'a b': 'c d' } }),
      'bad env name': pod('x', { env: [{ name: '', value: 'x' }] }),
      'requests over limits': pod('x', { resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
      'env value is a number': pod('x', { env: [{ name: 'A', value: 1 }] }),
    };
    for (const [name, manifest] of Object.entries(invalid)) { note(name, await client.post(pods, manifest)); }
    note('deleted while pending', await client.delete(`${pods}/a`));
    note('gone', await client.get(`${pods}/a`));
    note('deleted collection', (await client.delete(pods)).body.items.map((item: any) => item.metadata.name));
  },

  async 'pod-ends'(stage) {
    const run = async (name: string, ...rest: [any, any?, any?]) => stage.note(name, await runPod(stage, pod(name.replace(/\W+/g, '-'), ...rest)));
    await Promise.all([
      run('success', { ...sh('printf "some message" > /dev/termination-log') }),
      run('exit 3', sh('echo problem; exit 3')),
      run('signal', sh('sh -c \'kill -9 $$$$\'; exit $?')),
      run('message of 6000 bytes', sh('head -c 6000 /dev/zero | tr "\\0" x > /dev/termination-log')),
      run('four messages', ['a', 'b', 'c', 'd'].map(name => ({ name, ...sh('head -c 4000 /dev/zero | tr "\\0" x > /dev/termination-log') }))),
      run('logs as message', { ...sh('for i in 1 2 3; do echo line $i; done; exit 4'), terminationMessagePolicy: 'FallbackToLogsOnError' }),
      run('no such program', { command: ['no-such-program', 'x'] }),
      run('no such path', { command: ['/no/such/program'] }),
      run('init container fails', sh('true'), { initContainers: [{ name: 'first', ...sh('exit 5') }, { name: 'second', ...sh('true') }] }),
      run('init containers', sh('cat /shared/x'), {
        initContainers: [{ name: 'first', ...sh('echo 1 > /shared/x'), volumeMounts: [{ name: 'v', mountPath: '/shared' }] }, { name: 'second', ...sh('echo 2 >> /shared/x'), volumeMounts: [{ name: 'v', mountPath: '/shared' }] }],
        volumes: [{ name: 'v', emptyDir: {} }],
      }),
      run('native sidecar', { ...sh('echo result > /x/f; exit 3'), volumeMounts: [{ name: 'v', mountPath: '/x' }] }, {
        initContainers: [{ name: 'side', restartPolicy: 'Always', ...sh('trap "cat /x/f > /dev/termination-log; exit 7" TERM; while :; do sleep 3600 & wait $!; done'), volumeMounts: [{ name: 'v', mountPath: '/x' }] }],
        volumes: [{ name: 'v', emptyDir: {} }],
      }),
      run('deadline', sh('trap "" TERM; sleep 60'), { activeDeadlineSeconds: 2, terminationGracePeriodSeconds: 1 }),
      run('one of two fails', [{ name: 'good', ...sh('true') }, { name: 'bad', ...sh('exit 1') }]),
    ]);
  },

  async 'pod-waits'(stage) {
    const run = async (name: string, manifest: any, until: (event: WatchEvent) => boolean, ...reasons: string[]) => {
      const object = await runPod(stage, manifest, until);
      stage.note(name, object);
      const events = await podEvents(stage, object.metadata.uid, ...reasons);
      stage.note(`${name}: events`, summary(events));
    };
    const unschedulable = (event: WatchEvent) => event.object.status?.conditions?.[0]?.reason === 'Unschedulable';
    const failed = 'Failed';
    await Promise.all([
      run('missing secret', pod('missing-secret', { ...sh('true'), env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'none', key: 'k' } } }] }), waitingFor('CreateContainerConfigError'), failed),
      run('missing config map', pod('missing-map', { ...sh('true'), envFrom: [{ configMapRef: { name: 'none' } }] }), waitingFor('CreateContainerConfigError'), failed),
      stage.client.post(`${stage.path}/secrets`, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'has' }, stringData: { k: 'v' } })
        .then(() => run('missing key', pod('missing-key', { ...sh('true'), env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'has', key: 'other' } } }] }), waitingFor('CreateContainerConfigError'), failed)),
      run('missing secret volume', pod('missing-volume', { ...sh('true'), volumeMounts: [{ name: 'v', mountPath: '/v' }] }, { volumes: [{ name: 'v', secret: { secretName: 'none' } }] }), waitingFor('ContainerCreating'), 'FailedMount'),
      run('image that is nowhere', pod('no-image', { ...sh('true'), image: 'localhost:1/none:1' }), waitingFor('ErrImagePull'), failed),
      run('image that backs off', pod('back-off', { ...sh('true'), image: 'localhost:1/none:1' }), waitingFor('ImagePullBackOff'), 'BackOff'),
      run('image never pulled', pod('never', { ...sh('true'), image: 'localhost:1/none:1', imagePullPolicy: 'Never' }), waitingFor('ErrImageNeverPull'), 'ErrImageNeverPull'),
      run('image name', pod('image-name', { ...sh('true'), image: 'Not A Name' }), waitingFor('InvalidImageName'), 'InspectFailed'),
      run('node selector', pod('selector', sh('true'), { nodeSelector: { 'example.com/none': 'x' } }), unschedulable, 'FailedScheduling'),
      run('affinity', pod('affinity', sh('true'), { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'example.com/none', operator: 'In', values: ['x'] }] }] } } } }), unschedulable, 'FailedScheduling'),
      run('cpu', pod('cpu', { ...sh('true'), resources: { requests: { cpu: '1000' } } }), unschedulable, 'FailedScheduling'),
      run('memory', pod('memory', { ...sh('true'), resources: { requests: { memory: '100Ti' } } }), unschedulable, 'FailedScheduling'),
      run('crash loop', pod('crash', sh('exit 1'), { restartPolicy: 'OnFailure' }), waitingFor('CrashLoopBackOff'), 'BackOff'),
      run('running', pod('running', sh('sleep 60'), { terminationGracePeriodSeconds: 0 }), running, 'Started'),
      run('finished', pod('finished', sh('true')), ended, 'Started'),
    ]);
  },

  async delete(stage) {
    const { client, path, note } = stage;
    const short = (event: WatchEvent) => ({
      type: event.type,
      phase: event.object.status.phase,
      deleted: event.object.metadata.deletionTimestamp !== undefined,
      grace: event.object.metadata.deletionGracePeriodSeconds,
      states: statuses(event.object).map((status: any) => status.state.terminated ? `terminated ${status.state.terminated.exitCode} ${status.state.terminated.reason}` : Object.keys(status.state)[0]),
    });
    // The kubelet may write a status twice, with nothing new in it.
    const story = (events: WatchEvent[]) => events.map(short)
      .filter((one, index, all) => index === 0 || JSON.stringify(one) !== JSON.stringify(all[index - 1]));
    const gone = (event: WatchEvent) => event.type === 'DELETED';
    const trapping = sh('trap "echo bye > /dev/termination-log; exit 9" TERM; while :; do sleep 60 & wait $!; done');

    const kind = await runPod(stage, pod('kind', trapping), running);
    note('answer', await client.delete(`${path}/pods/kind`));
    note('events', story(await watchPod(stage, 'kind', gone, kind.metadata.resourceVersion)));

    const short1 = await runPod(stage, pod('short', sh('trap "" TERM; while :; do sleep 1; done')), running);
    const answer = await client.delete(`${path}/pods/short`, { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 1 });
    note('grace in the answer', answer.body.metadata.deletionGracePeriodSeconds);
    note('events of one that ignores TERM', story(await watchPod(stage, 'short', gone, short1.metadata.resourceVersion)));

    const force = await runPod(stage, pod('force', sh('sleep 60')), running);
    await client.delete(`${path}/pods/force?gracePeriodSeconds=0`);
    note('events of a forced one', story(await watchPod(stage, 'force', gone, force.metadata.resourceVersion)));

    const done = await runPod(stage, pod('done', sh('true')));
    note('answer for an ended one', (await client.delete(`${path}/pods/done`)).body.metadata.deletionGracePeriodSeconds);
    note('events of an ended one', story(await watchPod(stage, 'done', gone, done.metadata.resourceVersion)));

    const side = await runPod(stage, pod('side', trapping, { initContainers: [{ name: 'side', restartPolicy: 'Always', ...trapping }] }), running);
    await client.delete(`${path}/pods/side`);
    note('events of one with a sidecar', story(await watchPod(stage, 'side', gone, side.metadata.resourceVersion)).slice(-2));

    const owner = await client.post(`${path}/configmaps`, configMap('owner'));
    const owned = await runPod(stage, pod('owned', trapping, {}, {
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.body.metadata.uid }],
    }), running);
    await client.delete(`${path}/configmaps/owner`);
    note('events of an owned one', story(await watchPod(stage, 'owned', gone, owned.metadata.resourceVersion)));
  },

  async quota({ client, path, note }) {
    await client.post(`${path}/resourcequotas`, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few' }, spec: { hard: { 'pods': '1', 'requests.cpu': '1' } } });
    await client.watch(`${path}/resourcequotas?watch=true&timeoutSeconds=30`, event => event.object.status?.hard !== undefined);
    note('no request', await client.post(`${path}/pods`, pod('none', sh('true'))));
    note('too much', await client.post(`${path}/pods`, pod('much', { ...sh('sleep 60'), resources: { requests: { cpu: '1500m' } } })));
    await client.post(`${path}/pods`, pod('first', { ...sh('sleep 60'), resources: { requests: { cpu: '600m' } } }, { terminationGracePeriodSeconds: 0 }));
    note('too many', await client.post(`${path}/pods`, pod('second', { ...sh('true'), resources: { requests: { cpu: '600m' } } })));
  },

  async logs(stage) {
    const { client, path, note } = stage;
    const log = (name: string, query = '') => client.get(`${path}/pods/${name}/log?${query}`);
    const short = async (name: string, query = '') => {
      const answer = await log(name, query);
      return answer.status === 200 ? answer.body : answer;
    };
    await runPod(stage, pod('lines', sh('for i in 1 2 3 4 5; do echo "line $i"; done; printf tail')));
    note('answer', await log('lines'));
    await runPod(stage, pod('stderr', sh('echo err >&2')));
    note('stderr', await short('stderr'));
    for (const query of ['tailLines=2', 'tailLines=0', 'limitBytes=10', 'container=base', 'container=other', 'follow=true', 'previous=true', 'sinceTime=2999-01-01T00:00:00Z', 'sinceSeconds=3600', 'tailLines=-1', 'tailLines=x', 'sinceTime=nonsense', 'sinceSeconds=1&sinceTime=2020-01-01T00:00:00Z']) {
      note(query, await short('lines', query));
    }
    note('timestamps', (await log('lines', 'timestamps=true')).body.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z/gm, 'TIME'));
    note('no such pod', await log('none'));
    await runPod(stage, pod('pending', { ...sh('true'), volumeMounts: [{ name: 'v', mountPath: '/v' }] }, { volumes: [{ name: 'v', secret: { secretName: 'none' } }] }), waitingFor('ContainerCreating'));
    note('creating', await log('pending'));
    note('creating, followed', await log('pending', 'follow=true'));
    await runPod(stage, pod('config', { ...sh('true'), env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'none', key: 'k' } } }] }), waitingFor('CreateContainerConfigError'));
    note('config error', await log('config'));
    await runPod(stage, pod('nowhere', sh('true'), { nodeSelector: { 'example.com/none': 'x' } }), event => event.object.status?.conditions?.[0]?.reason === 'Unschedulable');
    note('not scheduled', await log('nowhere'));
    await runPod(stage, pod('two', [{ ...sh('echo one') }, { name: 'other', ...sh('echo two') }], { initContainers: [{ name: 'first', ...sh('echo init') }] }));
    note('which of two', await log('two'));
    note('init container', await short('two', 'container=first'));
    const follow = await runPod(stage, pod('follow', sh('echo start; while [ ! -f /tmp/go ]; do sleep 0.1; done; echo end')), running);
    const following = short('follow', 'follow=true');
    await client.exec(`${path}/pods/follow/exec?command=touch&command=/tmp/go&stdout=true`);
    note('followed to the end', await following);
    await watchPod(stage, 'follow', ended, follow.metadata.resourceVersion);
    note('long lines', (await runPod(stage, pod('long', sh('head -c 40000 /dev/zero | tr "\\0" x; echo; echo short'))).then(() => log('long', 'timestamps=true'))).body
      .replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z/gm, 'TIME').split('\n').map((line: string) => line.length));
    await runPod(stage, pod('missing', { command: ['no-such-program'] }));
    note('of one that never started', await log('missing'));
  },

  async exec(stage) {
    const { client, path, note } = stage;
    await runPod(stage, pod('main', [{ ...sh('sleep 300'), env: [{ name: 'A', value: 'of the container' }] }, { name: 'other', ...sh('sleep 300') }], { terminationGracePeriodSeconds: 0 }), running);
    const exec = (name: string, command: string[], query = 'container=base&stdout=true&stderr=true', protocols?: string[]) =>
      client.exec(`${path}/pods/${name}/exec?${command.map(word => `command=${encodeURIComponent(word)}`).join('&')}&${query}`, protocols);
    note('output', await exec('main', ['sh', '-c', 'echo out; echo err >&2; echo $A']));
    note('output over v4', await exec('main', ['sh', '-c', 'echo out'], undefined, ['v4.channel.k8s.io']));
    note('exit 3', await exec('main', ['sh', '-c', 'exit 3']));
    note('stdout alone', await exec('main', ['sh', '-c', 'echo out; echo err >&2'], 'container=base&stdout=true'));
    note('no such program', withoutIds(await exec('main', ['no-such-program'])));
    note('no such pod', (await exec('none', ['true'])).refused);
    note('no such container', (await exec('main', ['true'], 'container=none&stdout=true')).refused);
    note('default container', await exec('main', ['true'], 'stdout=true'));
    note('no command', withoutIds(await client.exec(`${path}/pods/main/exec?container=base&stdout=true`)));
    note('no stream', withoutIds(await exec('main', ['true'], 'container=base')));
    note('no upgrade', await client.get(`${path}/pods/main/exec?command=true&container=base&stdout=true`));
    await runPod(stage, pod('ended', sh('true')));
    note('ended pod', withoutIds(await exec('ended', ['true'], 'container=base&stdout=true')));
    await runPod(stage, pod('half', [{ ...sh('true') }, { name: 'other', ...sh('sleep 300') }], { terminationGracePeriodSeconds: 0 }), event => statuses(event.object).some((s: any) => s.state.terminated));
    note('ended container', withoutIds(await exec('half', ['true'])));
  },
};
