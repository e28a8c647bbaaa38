import { Dice, parameterMakers, Parts, withNameServers } from './generate';
import { layer, layeredCases, plain, withVolumes } from './layers';
import { KpoCase } from '../../test/tasks/kpo';

const IDS = ['load', 'Group.Übung_1', '任务', 'Компьютер', '_x_', 'x'.repeat(70), '-lead.', 'a.b-c_d'];
const RUNS = ['manual__2026-01-02T03:04:05+00:00', 'scheduled__2024-01-01T00:00:00+00:00', 'r', 'ручной', 'x'.repeat(200)];

/** The run of a task, with hostile names, and what the templates of the random parts name. */
function randomRun(dice: Dice, taskId: string, airflowVersion: string): NonNullable<KpoCase['run']> {
  return {
    identity: {
      dagId: dice.of(...IDS),
      taskId,
      runId: dice.of(...RUNS),
      ...(dice.chance(0.3) ? { mapIndex: dice.of(-1, 0, 10) } : {}),
      tryNumber: dice.of(1, 2, 11),
      logicalDate: dice.of('2026-01-02T03:04:05+00:00', '2026-02-28T23:59:59.123456+00:00'),
      airflowVersion,
      inCluster: dice.chance(0.5),
    },
    context: {
      params: {
        image: dice.of('busybox:1', 'registry.example.com/a@sha256:0123'),
        team: dice.of('blue', 'team-x'),
        map: 'settings-2',
        host: dice.of('host-2', ''),
        claim: 'x1',
        disk: dice.of('ssd', 'nvme.2'),
        cpu: dice.of('2', '1500m'),
        memory: dice.of('256Mi', '1Gi'),
        text: dice.of('', 'ünï "q" \'s\'', 'a\nb', '{{ ds }}', '$(MODE)', 'x'.repeat(500)),
        number: dice.of(0, 1.5, -7),
        none: null,
        list: [1, 'a', null, true],
      },
    },
  };
}

/** Every parameter at once, over all layers or none, in a run of a task; every second one hardened. */
function generateAll(seed: number, count: number, airflowVersion: string): KpoCase[] {
  const dice = new Dice(seed + 0x20000);
  const parts = new Parts(dice);
  const makers = parameterMakers(dice, parts);
  const jinja = () => dice.of('{{ params.text }}', '{{ params.number }}', '{{ params.none }}', '{{ params.list }}', '{{ ds }}', '{{ run_id }}', '{{ ti.map_index }}', '{% if ti.try_number > 1 %}again{% endif %}', '{# gone #}');
  return Array.from({ length: count }, (_, i) => {
    const kwargs: KpoCase['kwargs'] = { image: 'busybox:1' };
    for (const [parameter, make] of Object.entries(makers)) { if (dice.chance(0.9)) { kwargs[parameter] = make(); } }
    kwargs.cmds = [...kwargs.cmds ?? [], jinja()];
    kwargs.arguments = [...kwargs.arguments ?? [], jinja(), `--x=${jinja()}`];
    if (!Array.isArray(kwargs.env_vars)) { kwargs.env_vars = { ...kwargs.env_vars, 'RENDERED': jinja(), '{{ params.team }}_KEY': 'v' }; }
    kwargs.annotations = { ...kwargs.annotations, rendered: jinja() };
    if (dice.chance(0.5)) { kwargs.labels = { ...kwargs.labels, rendered: '{{ params.team }}', try: '{{ ti.try_number }}', dag_id: 'mine', map_index: '7' }; }
    if (dice.chance(0.3)) { kwargs.random_name_suffix = false; }
    const layered = dice.chance(0.5);
    const template = layered ? layer(dice, parts, 't-', ['base', 'side'], ['init-a']) : undefined;
    const full = layered ? layer(dice, parts, 'f-', ['base'], ['init-b']) : undefined;
    if (layered) {
      kwargs.pod_template_dict = template;
      kwargs.full_pod_spec = plain(full);
      // The template's keys and names are known at synth.
      for (const field of ['name', 'namespace', 'generateName']) { if (template.metadata[field]) { template.metadata[field] = `t-${field.toLowerCase()}`; } }
      // In the operator's own init containers Jinja stays text, in the template's of the same name not.
      if (kwargs.init_containers) { kwargs.init_containers = plain(kwargs.init_containers); }
      for (const parameter of ['hostnetwork', 'automount_service_account_token', 'termination_grace_period']) { if (!kwargs[parameter]) { delete kwargs[parameter]; } }
      kwargs.env_from = [{ configMapRef: { name: '{{ params.map }}' } }];
      kwargs.termination_message_policy ??= 'File';
    }
    withNameServers(kwargs);
    withVolumes(layered ? [template, full] : [], kwargs);
    const task_id = dice.of(...IDS.filter(id => id !== '任务'));
    return {
      id: `seed ${seed} all #${i}`,
      kwargs: { ...kwargs, task_id },
      run: randomRun(dice, task_id, airflowVersion),
      hardening: dice.chance(0.5),
    };
  });
}

const NOTHING: { [parameter: string]: any[] } = {
  ...Object.fromEntries(['namespace', 'image_pull_policy', 'service_account_name', 'runtime_class_name', 'priority_class_name', 'schedulername', 'hostname', 'subdomain', 'dnspolicy', 'base_container_name', 'image_pull_secrets'].map(p => [p, ['']])),
  ...Object.fromEntries(['cmds', 'arguments', 'ports', 'volume_mounts', 'volumes', 'env_vars', 'env_from', 'configmaps', 'pod_runtime_info_envs', 'init_containers', 'secrets', 'tolerations', 'image_pull_secrets', 'host_aliases'].map(p => [p, [[]]])),
  ...Object.fromEntries(['labels', 'annotations', 'container_resources', 'affinity', 'node_selector', 'security_context', 'container_security_context', 'dns_config', 'xcom_sidecar_container_security_context', 'env_vars'].map(p => [p, [{}]])),
  ...Object.fromEntries(['automount_service_account_token', 'hostnetwork', 'do_xcom_push'].map(p => [p, [false]])),
  termination_grace_period: [0],
};

/** Each parameter with each value that says nothing, alone and over a template that says something. */
export function generateNothing(): KpoCase[] {
  const dice = new Dice(7);
  const parts = new Parts(dice);
  return Object.entries(NOTHING).flatMap(([parameter, values]) => values.flatMap((value, i): KpoCase[] => {
    const below = { metadata: { namespace: 'below', labels: { a: 'b' } }, spec: { serviceAccountName: 'x', hostname: 'h', subdomain: 's', dnsPolicy: 'Default', containers: [parts.mainContainer('base', 't-')] } };
    const kwargs = { [parameter]: value };
    const over: any = { pod_template_dict: plain(below), ...kwargs };
    withVolumes([over.pod_template_dict], over);
    const deviation = parameter === 'container_resources' ? { deviation: 'what is empty is not given' } : {};
    return [
      { id: `${parameter} #${i} that says nothing`, kwargs: { image: 'busybox:1', ...kwargs }, objects: 'dict' },
      { id: `${parameter} #${i} that says nothing, over a template`, kwargs: over, objects: 'dict', ...deviation },
    ];
  }));
}

const SCALARS = [
  'yes', 'No', 'on', 'OFF', 'true', 'False', 'y', 'n', 'null', '~', '', '0', '7', '-1', '+3', '0644', '0o17', '0x1F', '0b101', '1_000', '1.5', '1.10', '1.0', '.5', '5.', '1e3', '1.5e+3', '-0.25', '.inf', '.nan',
  '1:30', '12:30:45', '190:20:30.15', '2026-01-01', '2026-01-01T00:00:00Z', '2026-01-01 10:00:00', 'plain', 'two words', 'a: b', "'no'", '"yes"', "'2026-01-01'", '"1.0"', "''", '!!str 5', '!!str yes', '!!int "5"', '=', '@x', '08', '0_1', '1__0', '99999999999999999999', '1e-7', '123456789.125', 'Null', 'NULL', 'TRUE', '1.2.3', '1.2.3.4', 'v1.0', '1Gi', '500m', '0.1', '100.25',
];

/** Template files as people write them, in YAML 1.1: ours gives the operator's pod, or an error. */
function generateYaml(seed: number, count: number): KpoCase[] {
  const dice = new Dice(seed + 0x30000);
  const scalar = () => dice.of(...SCALARS);
  return Array.from({ length: count }, (_, i) => {
    const boolean = () => dice.of('yes', 'no', 'on', 'Off', 'true', 'FALSE');
    const whole = () => dice.of('60', '0x3C', '074', '1_0', '"60"', '60');
    const text = `# A template
apiVersion: v1
kind: Pod
metadata:
  name: yaml
  annotations:
    one: ${scalar()}
    two: ${scalar()}   # a comment
    block: |
      ${dice.of('yes', 'line', '0644')}
    ${dice.of('plain', "'quoted'", 'on', '12', 'a.b/c')}: text
spec:
  terminationGracePeriodSeconds: ${whole()}
  hostIPC: ${boolean()}
  containers:
    - name: base
      image: busybox:1
      tty: ${boolean()}
      args: [a, ${scalar().replace(/^$|^a: b$/, 'x')}, ${scalar().replace(/^$|^a: b$/, 'x')}]
      command:
        - ${scalar() || 'x'}
      env: &env
        - {name: A, value: ${scalar().replace(/^a: b$/, 'x')}}
        - name: B
          value: ${scalar().replace(/^a: b$/, 'x')}
        - name: FOLDED
          value: >-
            ${dice.of('one', '1.0', 'no')}
            two
    - name: side
      image: busybox:1
      env: *env
  volumes:
    - name: v
      secret: {secretName: s, defaultMode: ${dice.of('0400', '256', '0x100', '0o400')}}
`;
    return {
      id: `seed ${seed} yaml #${i}`,
      kwargs: { pod_template_file: 'pod.yaml' },
      files: { 'pod.yaml': text },
      mayRefuse: 'readers of YAML 1.1 differ about it, or Kubernetes refuses it: put it in quotes',
    };
  });
}

/** All random cases of a seed: `count` of each kind, but of files a twentieth, as each is read by a process of its own. */
export function randomCases(seed: number, count: number, airflowVersion: string): KpoCase[] {
  return [...layeredCases(seed, count), ...generateAll(seed, count, airflowVersion), ...generateYaml(seed, Math.ceil(count / 20))];
}
