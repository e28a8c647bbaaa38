// Lets a real Airflow read what renderAirflowCfg writes: every option of the table with a value of its type, back through Airflow's own reader. See README.md.
import { execFileSync } from 'child_process';
import { checkConfig, configTable, renderAirflowCfg } from '../../src/airflow/config';
import { AirflowVersion } from '../../src/airflow/version';

const NAMESPACE = 'cfg-judge';

/** What each type is written as, and what Airflow must read. */
function sample(type: string): { value: unknown; getter: string; read: unknown } {
  if (type.startsWith('=')) { return { value: type.slice(1).split('|')[0], getter: 'get', read: type.slice(1).split('|')[0] }; }
  switch (type.split('|')[0]) {
    case 'boolean': return { value: true, getter: 'getboolean', read: true };
    case 'integer': return { value: 42, getter: 'getint', read: 42 };
    case 'float': return { value: 1.5, getter: 'getfloat', read: 1.5 };
    case 'json': return { value: { a: [1, true, '50%', 'é "q" %(x)s'] }, getter: 'getjson', read: { a: [1, true, '50%', 'é "q" %(x)s'] } };
    default: return { value: '[%(asctime)s] 50% {{ ti.dag_id }}; # é = : "q"', getter: 'get', read: '[%(asctime)s] 50% {{ ti.dag_id }}; # é = : "q"' };
  }
}

const READER = `
import json, sys
from airflow.configuration import conf
conf.read('/judge/airflow.cfg')
wrong = []
for section, key, getter, expected in json.load(open('/judge/expected.json')):
    try:
        got = getattr(conf, getter)(section, key)
    except Exception as error:
        got = repr(error)
    if got != expected:
        wrong.append(f'[{section}] {key} {getter}: expected {expected!r}, got {got!r}')
print(chr(10).join(wrong) or 'all options read back')
sys.exit(1 if wrong else 0)
`;

function kubectl(args: string[], input?: string): string {
  return execFileSync('kubectl', args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'inherit'] });
}

function judge(version: AirflowVersion, image: string): boolean {
  const config: { [section: string]: { [key: string]: unknown } } = {};
  const expected: [string, string, string, unknown][] = [];
  for (const [section, keys] of Object.entries(configTable(version).sections)) {
    for (const [key, spec] of Object.entries(keys)) {
      const [type] = spec.split(' since ');
      if (type === 'sensitive') { continue; }
      const { value, getter, read } = sample(type);
      (config[section] ??= {})[key] = value;
      expected.push([section, key, getter, read]);
    }
  }
  // For Airflow's own linter, which finds fault with every executor but the default.
  const plain = {
    core: { load_examples: false, parallelism: 64 },
    logging: { log_format: '[%(asctime)s] %(levelname)s - %(message)s', colored_console_log: false },
    kubernetes_executor: { namespace: 'default', delete_option_kwargs: { grace_period_seconds: 10 } },
    ...(version._features.dagBundles ? {
      dag_processor: { dag_bundle_config_list: [{ name: 'dags', classpath: 'airflow.dag_processing.bundles.local.LocalDagBundle', kwargs: {} }] },
    } : {}),
  };
  // 2.11's linter judges what 3 will say.
  const lint = version.major >= 3 ? '&& AIRFLOW_CONFIG=/judge/plain.cfg airflow config lint' : '';
  const name = `judge-${version.version.replace(/\./g, '-')}`;
  const manifests = [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: NAMESPACE },
      data: {
        'airflow.cfg': renderAirflowCfg(checkConfig(version, config, 'config')),
        'plain.cfg': renderAirflowCfg(checkConfig(version, plain, 'config')),
        'expected.json': JSON.stringify(expected),
        'read.py': READER,
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: NAMESPACE },
      spec: {
        restartPolicy: 'Never',
        volumes: [{ name: 'judge', configMap: { name } }],
        containers: [{
          name: 'judge',
          image,
          imagePullPolicy: 'IfNotPresent',
          // The image's own settings would win over the file.
          command: ['bash', '-c', `unset \${!AIRFLOW__*}; python /judge/read.py ${lint}`],
          volumeMounts: [{ name: 'judge', mountPath: '/judge' }],
        }],
      },
    },
  ];
  kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }));
  let phase = '';
  while (phase !== 'Succeeded' && phase !== 'Failed') {
    phase = kubectl(['get', 'pod', name, '-n', NAMESPACE, '-o', 'jsonpath={.status.phase}']);
    if (phase !== 'Succeeded' && phase !== 'Failed') { execFileSync('sleep', ['1']); }
  }
  const log = kubectl(['logs', name, '-n', NAMESPACE]);
  console.log(`Airflow ${version}, ${expected.length} options: ${phase}\n${log.trimEnd()}\n`);
  return phase === 'Succeeded' && (version.major < 3 || log.includes('No issues found'));
}

kubectl(['create', 'namespace', NAMESPACE]);
try {
  const wanted = process.argv.slice(2);
  const all: [AirflowVersion, string][] = [[AirflowVersion.V3_3, 'localhost/airflow:3.3'], [AirflowVersion.V2_11, 'localhost/airflow:2.11']];
  const results = all.filter(([version]) => wanted.length === 0 || wanted.includes(`${version.major}.${version.minor}`)).map(([v, image]) => judge(v, image));
  process.exitCode = results.every(Boolean) ? 0 : 1;
} finally {
  kubectl(['delete', 'namespace', NAMESPACE, '--wait']);
}
