/* eslint-disable @stylistic/max-len */
import { Dice, parameterMakers, Parts, withNameServers } from './generate';
import { layer, plain, withVolumes } from './layers';
import { randomMutation } from './mutation-cases';
import { KpoCase } from '../../test/tasks/kpo';

const RUN = { taskId: 'load', dagId: 'etl', runId: 'manual__2026-01-02T03:04:05+00:00', tryNumber: 1, logicalDate: '2026-01-02T03:04:05+00:00', inCluster: false };

/** What a DAG's author may write into a place for a text, hardly any of it on purpose. */
const TEXTS = ['', ' ', 'yes', 'no', 'null', '0o17', '1e3', '2026-01-01', '0644', 'ünï', '任务', 'a\nb', 'a\n', 'a\r\nb', '\t', '"', "'", '\\', '\\n', '$(MODE)', '$$(MODE)', '%', '{}', '{', '}}', '[]', 'x'.repeat(300), '\u{1f600}', '\u0085', '\u2028', 'a: b', '# c', '- a'];

/** Jinja whose result is no text, or none that could stand there. */
const JINJA = ['{{ params.number }}', '{{ params.none }}', '{{ params.list }}', '{{ params.map_ }}', '{{ 1 == 1 }}', '{{ 7 // 2 }}', '{{ 1.0 }}', '{{ 1e3 }}', "{{ '' }}", '{{ params.text }}', '{{ ti.map_index }}', '{{ [] }}', '{{ {} }}', '{{ (1,) }}', '{{ params.list | length }}', '{{ params.text | tojson }}', '{{ ds }}\n', '{% for x in params.list %}{{ x }},{% endfor %}', 'a{# gone #}b', '{{- ds -}} x', '{% raw %}{{ x }}{% endraw %}', '{{ "a" ~ params.number }}', "{{ ds.split('-') }}", '{{ logical_date.year }}', '{{ params.number + 1 }}'];

const MAY_REFUSE = 'hostile: refused with the reason, or the same pod';

function run(dice: Dice, airflowVersion: string): NonNullable<KpoCase['run']> {
  return {
    identity: { ...RUN, airflowVersion, tryNumber: dice.of(1, 2), ...(dice.chance(0.3) ? { mapIndex: dice.of(0, 3) } : {}) },
    context: {
      params: {
        image: 'busybox:1',
        team: 'blue',
        map: 'settings-2',
        host: 'host-2',
        claim: 'x1',
        disk: 'ssd',
        cpu: '2',
        memory: '256Mi',
        text: dice.of(...TEXTS),
        number: dice.of(0, 1.5, -7, 1e3),
        none: null,
        list: [1, 'a', null, true, 1.0, [2]],
        map_: { a: 1, b: [true, null] },
      },
    },
  };
}

/** Values that a place takes badly, over layers; in every second case rendered for a run. */
function hostileValues(seed: number, count: number, airflowVersion: string): KpoCase[] {
  const dice = new Dice(seed + 0x40000);
  const parts = new Parts(dice);
  const makers = parameterMakers(dice, parts);
  return Array.from({ length: count }, (_, i) => {
    const rendered = dice.chance(0.6);
    const text = () => rendered && dice.chance(0.5) ? dice.of(...JINJA) : dice.of(...TEXTS);
    const nothing = () => dice.of<any>('', null, [], {});
    const env = () => dice.some(['A', 'MODE', 'a.b', '_', 'A-B'], 1).map(name => dice.of<() => any>(
      () => ({ name, value: text() }), () => ({ name }), () => ({ name, value: '' }), () => ({ name, value: text() }),
    () => ({ name, valueFrom: { fieldRef: { fieldPath: "metadata.labels['x']", apiVersion: 'v1' } } }),
    )());
    const projected = { name: 'projected', projected: { defaultMode: 256, sources: [{ secret: { name: 's', items: [{ key: 'k', path: 'p' }] } }, { configMap: { name: 'c' } }, { serviceAccountToken: { path: 't', expirationSeconds: 3600 } }, { downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } }] } };
    const kwargs: KpoCase['kwargs'] = { image: dice.chance(0.95) || rendered ? dice.of('busybox:1', rendered ? '{{ params.image }}' : 'python:3') : 'Busybox:1' };
    const hostile: { [parameter: string]: () => any } = {
      cmds: () => [text(), text()],
      arguments: () => dice.of<any>([text(), text(), text()], [''], []),
      env_vars: () => dice.chance(0.5) ? env() : Object.fromEntries(dice.some(['A', 'MODE', 'e.x'], 1).map(name => [name, text()])),
      labels: () => Object.fromEntries(dice.some(['a', 'b/c', 'dag_id', 'map_index', 'airflow_version'], 1).map(name => [name, dice.of<any>('', 'x', 'A.b_c', 'yes', '1', rendered ? '{{ params.team }}' : 'z', null)])),
      annotations: () => Object.fromEntries(dice.some(['a', 'b/c'], 1).map(name => [name, text()])),
      container_resources: () => dice.of<any>({}, { limits: {} }, { limits: { cpu: '1e3m' } }, { limits: { cpu: '.5' } }, { limits: { memory: '1E' } }, { requests: { cpu: 0 } }, { requests: { memory: '0' }, limits: { memory: '1Ki' } }, { claims: [] }, { limits: { cpu: rendered ? '{{ 1 }}' : '+1' } }, { limits: { 'example.com/x': '3' } }),
      node_selector: () => dice.of<any>({}, { a: '' }, { a: 'yes' }, { 'a/b': '1' }, rendered ? { a: '{{ params.disk }}' } : { a: 'b' }),
      volumes: () => dice.some<any>([projected, { name: 'empty' }, { name: 'e', emptyDir: {} }, { name: 'xcom', emptyDir: {} }, { name: 'eph', ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } } } }], 1),
      volume_mounts: () => dice.some<any>([{ name: 'projected', mountPath: '/p', readOnly: false }, { name: 'e', mountPath: '/e/', subPath: '' }, { name: 'xcom', mountPath: '/airflow/xcom' }, { name: 'e', mountPath: '/e2', recursiveReadOnly: 'Disabled' }], 1),
      env_from: () => dice.of<any>([], [{ configMapRef: { name: 'a' } }, { configMapRef: { name: 'a' } }], [{ secretRef: { name: 's' }, prefix: '' }], [{ prefix: 'X', configMapRef: { name: rendered ? '{{ params.map }}' : 'm', optional: false } }]),
      init_containers: () => dice.some<any>([{ name: 'init-a', image: 'i:1', command: ['x'], restartPolicy: 'Always' }, { name: 'init-a', image: 'i:2' }, { name: 'base', image: 'i:3' }, { name: 'init-b', image: 'i:4', env: env(), args: [] }], 1),
      tolerations: () => dice.of<any>([], [{}], [{ operator: 'Exists' }], [{ key: 'a', value: '' }], [{ key: 'a', operator: 'Equal', value: 'yes', effect: '' }]),
      affinity: () => dice.of<any>({}, { nodeAffinity: {} }, { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [] } }),
      security_context: () => dice.of<any>({}, { runAsUser: 0 }, { runAsNonRoot: false }, { supplementalGroups: [] }, { seLinuxOptions: {} }, { sysctls: [] }),
      container_security_context: () => dice.of<any>({}, { capabilities: {} }, { privileged: false }, { capabilities: { drop: [] } }, { procMount: 'Default' }),
      ports: () => dice.of<any>([], [{ containerPort: 80 }, { containerPort: 80 }], [{ containerPort: 80, protocol: 'TCP' }, { containerPort: 80, protocol: 'UDP' }], [{ containerPort: 1, hostIP: '' }]),
      image_pull_secrets: () => dice.of<any>('', 'a,b', [{ name: 'a' }, { name: 'a' }]),
      configmaps: () => dice.of<any>([], ['a', 'a'], [rendered ? '{{ params.map }}' : 'm']),
      host_aliases: () => dice.of<any>([], [{ ip: '::1', hostnames: ['a'] }], [{ ip: '1.2.3.4' }]),
      dns_config: () => dice.of<any>({}, { options: [] }, { options: [{ name: 'a', value: '' }] }, { searches: [''] }),
      name: () => dice.of('a', 'A', '_', 'x'.repeat(220), 'Ä.ö', 'a..b', '1', 'é'),
      namespace: () => dice.of('a', '', rendered ? '{{ params.team }}' : 'b'),
      hostname: () => dice.of('', rendered ? '{{ params.host }}' : 'h', rendered ? '{{ params.none }}' : 'i'),
      secrets: () => dice.some<any>([{ deploy_type: 'env', deploy_target: 'a.b-c', secret: 's', key: 'k' }, { deploy_type: 'env', secret: 's' }, { deploy_type: 'volume', deploy_target: '/s/', secret: 's' }, { deploy_type: 'volume', deploy_target: '/s', secret: 's', items: [] }], 1),
      image_pull_policy: () => '',
      dnspolicy: () => '',
      termination_message_policy: () => 'File',
      base_container_name: () => dice.of('', 'base', 'init-b'),
      do_xcom_push: () => true,
      random_name_suffix: () => false,
    };
    for (const parameter of dice.some(Object.keys(hostile), 1, dice.of(2, 5, 12))) { kwargs[parameter] = hostile[parameter](); }
    if (dice.chance(0.3)) { for (const parameter of dice.some(Object.keys(makers), 1, 3)) { kwargs[parameter] ??= rendered ? makers[parameter]() : plain(makers[parameter]()); } }
    if (dice.chance(0.5)) {
      const spec = layer(dice, parts, 't-', dice.of(['base'], ['base', 'side'], ['main']), ['init-a', 'init-b']);
      // What is empty, or null, at random places of a layer.
      const blank = (value: any): any => value === null || typeof value !== 'object' ? value : Array.isArray(value) ? value.map(blank)
        : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, ['name', 'containers', 'spec', 'metadata', 'mountPath'].includes(key) ? blank(item) : dice.chance(0.006) ? nothing() : blank(item)]));
      kwargs.pod_template_dict = blank(rendered ? plain(spec) : plain(spec));
      if (dice.chance(0.3)) { kwargs.pod_template_dict.spec.containers.forEach((c: any) => { c.args = [text()]; }); }
    }
    if (dice.chance(0.2)) { kwargs.full_pod_spec = plain(layer(dice, parts, 'f-', ['base'], ['init-b'])); }
    // An empty model object would erase what the layers say, which a dictionary does not.
    if (kwargs.pod_template_dict ?? kwargs.full_pod_spec) {
      for (const [parameter, value] of Object.entries(kwargs)) { if (value !== null && typeof value === 'object' && Object.keys(value).length === 0) { delete kwargs[parameter]; } }
      for (const parameter of ['hostnetwork', 'automount_service_account_token', 'termination_grace_period']) { if (!kwargs[parameter]) { delete kwargs[parameter]; } }
      kwargs.termination_message_policy = 'File';
    }
    withNameServers(kwargs);
    if (dice.chance(0.9)) { withVolumes([kwargs.pod_template_dict, kwargs.full_pod_spec].filter(pod => Array.isArray(pod?.spec?.containers)), kwargs); }
    return { id: `seed ${seed} hostile #${i}`, kwargs: { ...kwargs, ...(rendered ? { task_id: 'load' } : {}) }, ...(rendered ? { run: run(dice, airflowVersion) } : {}), objects: dice.of('model' as const, 'dict' as const), mayRefuse: MAY_REFUSE };
  });
}

/** A hook writes amounts as texts, and so they are such from the start. */
const amountsAsTexts = (kpo: KpoCase): KpoCase => JSON.parse(JSON.stringify(kpo, (key, value) => ['limits', 'requests'].includes(key) && value && typeof value === 'object'
  ? Object.fromEntries(Object.entries(value).map(([name, amount]) => [name, String(amount)])) : value));

/** All layers that the operator does not have, over those that it has; `provider.py` does to its pod what they say. */
function overridden(seed: number, count: number, airflowVersion: string): KpoCase[] {
  const dice = new Dice(seed + 0x50000);
  const parts = new Parts(dice);
  const makers = parameterMakers(dice, parts);
  return Array.from({ length: count }, (_, i) => {
    const kwargs: KpoCase['kwargs'] = { image: 'busybox:1', task_id: 'load', do_xcom_push: dice.chance(0.5) };
    for (const parameter of dice.some(Object.keys(makers), 0, dice.of(3, 8, 20))) { kwargs[parameter] ??= parameter === 'container_resources' ? parts.resources() : plain(makers[parameter]()); }
    const layered = dice.chance(0.6);
    if (layered) { kwargs.pod_template_dict = plain(layer(dice, parts, 't-', ['base', ...dice.some(['side'], 0)], ['init-a'])); }
    if (layered && dice.chance(0.5)) { kwargs.full_pod_spec = plain(layer(dice, parts, 'f-', ['base'], ['init-b'])); }
    for (const parameter of ['hostnetwork', 'automount_service_account_token', 'termination_grace_period']) { if (!kwargs[parameter]) { delete kwargs[parameter]; } }
    kwargs.termination_message_policy = 'File';
    withNameServers(kwargs);
    withVolumes([kwargs.pod_template_dict, kwargs.full_pod_spec].filter(pod => pod !== undefined), kwargs);
    // Those that mutations mount.
    for (const name of ['data', 'cache', 'claim', 'map', 'host', 'scratch']) {
      if (!kwargs.volumes?.some((volume: any) => volume.name === name)) { kwargs.volumes = [...kwargs.volumes ?? [], { name, emptyDir: {} }]; }
    }
    const base = kwargs.base_container_name || 'base';
    const over = plain(layer(dice, parts, 'o-', dice.some([base, 'side', 'logs', ...(kwargs.do_xcom_push ? ['airflow-xcom-sidecar'] : [])], 0), ['init-a', 'init-c']));
    delete over.spec.restartPolicy;
    delete over.metadata.name;
    for (const volume of over.spec.volumes ?? []) { if (dice.chance(0.3)) { volume.name = volume.name.slice(2); } }
    over.spec.containers.forEach((c: any) => { if (c.name === base && dice.chance(0.8)) { delete c.image; } });
    over.spec.volumes = [...over.spec.volumes ?? [], ...['o-data', 'o-cache', 'o-claim', 'o-map', 'o-host'].filter(name => !(over.spec.volumes ?? []).some((v: any) => v.name === name)).map(name => ({ name, emptyDir: {} }))];
    const unset = dice.some([
      ...(kwargs.node_selector ? ['spec.nodeSelector'] : []), ...(kwargs.affinity ? ['spec.affinity'] : []), ...(kwargs.tolerations ? ['spec.tolerations'] : []),
      ...(kwargs.annotations?.note ? ['metadata.annotations[note]'] : []), ...(kwargs.image_pull_policy ? [`spec.containers[${base}].imagePullPolicy`] : []),
      ...(kwargs.container_resources?.limits?.cpu ? [`spec.containers[${base}].resources.limits[cpu]`] : []), ...(kwargs.security_context ? ['spec.securityContext'] : []),
      ...(kwargs.env_vars ? [`spec.containers[${base}].env`] : []), ...(dice.chance(0.5) ? ['spec.volumes[scratch]'] : []), ...(kwargs.cmds ? [`spec.containers[${base}].command`] : []),
      ...(kwargs.do_xcom_push ? ['spec.containers[airflow-xcom-sidecar].resources'] : []),
    ], 0, 3);
    const mutations = dice.some(['one', 'two'], 0).map(name => randomMutation(dice, parts, name));
    return amountsAsTexts({
      id: `seed ${seed} over #${i}`,
      kwargs,
      run: run(dice, airflowVersion),
      mayRefuse: MAY_REFUSE,
      over: { ...(dice.chance(0.8) ? { podOverride: over } : {}), ...(unset.length > 0 ? { unset } : {}), ...(mutations.length > 0 ? { podMutations: mutations } : {}) },
    });
  });
}

/** Tasks that are mapped over lists: at each map index the pod of the operator with the values of that index. */
function mapped(seed: number, count: number, airflowVersion: string): KpoCase[] {
  const dice = new Dice(seed + 0x60000);
  const parts = new Parts(dice);
  const makers = parameterMakers(dice, parts);
  const values: { [parameter: string]: () => any } = {
    ...Object.fromEntries(['cmds', 'env_vars', 'labels', 'annotations', 'node_selector', 'container_resources', 'env_from', 'tolerations', 'affinity', 'volumes', 'name',
      'init_containers', 'service_account_name', 'hostname', 'image_pull_policy'].map(parameter => [parameter, makers[parameter]])),
    image: () => dice.of('busybox:1', 'python:3.12-slim', '{{ params.image }}'),
    arguments: () => [dice.of(...JINJA), dice.of(...TEXTS), '{{ ti.map_index }}'],
  };
  return Array.from({ length: count }, (_, i) => {
    const lists = Object.fromEntries(dice.some(Object.keys(values), 1, 2).map(parameter => [parameter, Array.from({ length: dice.of(1, 2, 3) }, values[parameter])]));
    const places = Object.values(lists).map(list => dice.below(list.length));
    const mapIndex = Object.values(lists).reduce((index, list, k) => index * list.length + places[k], 0);
    const kwargs: KpoCase['kwargs'] = { image: 'busybox:1', task_id: 'load' };
    for (const parameter of dice.some(Object.keys(makers), 0, dice.of(2, 6))) { kwargs[parameter] = makers[parameter](); }
    Object.keys(lists).forEach((parameter, k) => { kwargs[parameter] = lists[parameter][places[k]]; });
    withNameServers(kwargs);
    // The volumes of an index are its own.
    if ('volumes' in lists) {
      delete kwargs.volume_mounts;
      delete kwargs.init_containers;
    } else {
      const all: KpoCase['kwargs'] = { ...kwargs, init_containers: [...kwargs.init_containers ?? [], ...lists.init_containers?.flat() ?? []] };
      withVolumes([], all);
      if (all.volumes) { kwargs.volumes = all.volumes; }
    }
    const { identity, context } = run(dice, airflowVersion);
    return { id: `seed ${seed} mapped #${i}`, kwargs, expand: lists, run: { identity: { ...identity, mapIndex }, context }, mayRefuse: MAY_REFUSE };
  });
}

export function hostileCases(seed: number, count: number, airflowVersion: string): KpoCase[] {
  return [...hostileValues(seed, count, airflowVersion), ...overridden(seed, count, airflowVersion), ...mapped(seed, count, airflowVersion)];
}
