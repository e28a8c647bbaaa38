import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import Ajv2020 from 'ajv/dist/2020';
import { parseAllDocuments, stringify } from 'yaml';
import { cli, Collector } from './run';
import { main } from '../../src/cli';
import { taskManifest } from '../runtime/pods';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
  file = join(folder, 'x.k8s.yaml');
  const manifests = [
    taskManifest('load', { retries: 2 }, { base: { args: ["{{ ti.xcom_pull(task_ids='extract') }}", '{{ run_id }}'] } }),
    taskManifest('extract', { doXcomPush: true }),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } },
  ];
  writeFileSync(file, manifests.map(manifest => stringify(manifest)).join('---\n'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('--help and --version go to stdout', async () => {
  expect(await cli('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('Commands:'), stderr: '' });
  expect(await cli('run', '--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('--embedded') });
  expect(await cli('--version')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\S*\n$/) });
});

test.each([
  [[], 'Usage:'],
  [['rum', 'x'], "unknown command 'rum'"],
  [['run'], "missing required argument 'path'"],
  [['run', 'x', '--timeout', '5x'], 'give a duration such as 90s, 5m or 1h30m'],
  [['run', 'x', '--embedded', '--context', 'c'], "option '--embedded' cannot be used with option '--context <name>'"],
  [['run', 'x', '--embedded', '--kubeconfig', 'c'], "option '--embedded' cannot be used with option '--kubeconfig <file>'"],
  [['run', 'x', '-o', 'xml'], 'Allowed choices are json, yaml'],
  [['run', 'x', '--nope'], "unknown option '--nope'"],
  [['list', '/no/such/file'], "error: there is no file or directory '/no/such/file'\n  give the directory that 'cdk8s synth' wrote"],
])('%j is a usage error: nothing on stdout, exit code 2', async (argv, message) => {
  expect(await cli(...argv)).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
});

test('nothing is said of the embedded cluster before the manifests are found good', async () => {
  expect((await cli('run', '/no/such/file', '--embedded')).stderr).toMatch(/^error: there is no file/);
});

test('a Job is refused on the embedded cluster, before anything begins', async () => {
  const path = join(folder, 'job.k8s.yaml');
  const { metadata, spec } = taskManifest('build');
  writeFileSync(path, stringify({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template: { spec } } }));
  expect(await cli('run', path, '--embedded')).toMatchObject({
    code: 2, stdout: '', stderr: expect.stringContaining("task 'build' is a Job, and the embedded cluster runs pods alone"),
  });
});

test('an error shows no stack trace', async () => {
  expect((await cli('list', file, '--task', 'lod')).stderr).toBe("error: there is no task 'lod'; did you mean 'load'?\n  the tasks are: 'extract', 'load'\n");
});

describe('a stream that is closed', () => {
  const broken = (code: string) => new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(`write ${code}`), { code })) });

  test('does not stop a run, whose exit code stays the true one', async () => {
    const manifests = join(folder, 'exit.k8s.yaml');
    writeFileSync(manifests, stringify(taskManifest('t', {}, { base: { command: ['sh', '-c', 'echo hello; exit 3'] } })));
    const stdout = new Collector();
    expect(await main(['run', manifests, '--embedded', '-o', 'json'], { stdout, stderr: broken('EPIPE') })).toBe(1);
    expect(JSON.parse(stdout.text).tasks).toMatchObject([{ name: 't', exitCode: 3, failure: 'app' }]);
    expect(await main(['run', manifests, '--embedded', '-o', 'json'], { stdout: broken('EPIPE'), stderr: broken('EPIPE') })).toBe(1);
  });

  test('is no error where the reader left, and one where the disk is full', async () => {
    const stderr = new Collector();
    expect(await main(['list', file], { stdout: broken('EPIPE'), stderr: new Collector() })).toBe(0);
    expect(await main(['list', file], { stdout: broken('ENOSPC'), stderr })).toBe(1);
    expect(stderr.text).toContain('error: the output could not be written: write ENOSPC');
  });
});

test('a task id cannot command the terminal', async () => {
  const manifests = join(folder, 'escape.k8s.yaml');
  writeFileSync(manifests, stringify(taskManifest('t', { taskId: 'a\u001b]0;owned\u0007b' }, { base: { command: ['true'] } })));
  const lines = [['list', manifests], ['list', manifests, '-o', 'name'], ['run', manifests, '--embedded', '--run-id', 'x\u001b[2J'], ['list', manifests, '--task', '\u001b[2J']];
  for (const argv of lines) {
    const { stdout, stderr } = await cli(...argv);
    expect(stdout + stderr).not.toMatch(/\u001b|\u0007/);
  }
});

test.each(['SIGTERM', 'SIGHUP'] as const)('%s ends a run, its pods deleted', async signal => {
  const manifests = join(folder, 'sleep.k8s.yaml');
  writeFileSync(manifests, stringify(taskManifest('t', {}, { terminationGracePeriodSeconds: 1, base: { command: ['sleep', '600'] } })));
  const before = process.listenerCount(signal);
  const stderr = new Collector(text => {
    // A second hang-up changes nothing; both are told to the run alone.
    if (/running/.test(text)) { for (const listener of process.listeners(signal).slice(before)) { (listener as (name: string) => void)(signal); if (signal === 'SIGHUP') { (listener as (name: string) => void)(signal); } } }
  });
  expect(await main(['run', manifests, '--embedded'], { stdout: new Collector(), stderr })).toBe(130);
  expect(stderr.text.match(/cancelling/g)).toHaveLength(1);
});

test('list prints the tasks in their order', async () => {
  expect(await cli('list', file)).toEqual({
    code: 0,
    stdout: 'TASK      KIND   WAITS FOR   XCOM     RETRIES   QOS          IMAGE\nextract   Pod    -           native   0         BestEffort   busybox:1\n'
      + 'load      Pod    extract     -        2         BestEffort   busybox:1\n',
    stderr: 'not tasks, left alone: 1 ConfigMap; apply what the tasks need with kubectl first\n',
  });
  expect((await cli('list', file, '-o', 'name')).stdout).toBe('extract\nload\n');
  expect(JSON.parse((await cli('list', file, '-o', 'json')).stdout).tasks[1]).toMatchObject({ name: 'load', dependsOn: ['extract'], xcomMode: null, qosClass: 'BestEffort' });
});

test('render prints pods as they would be created, a text that needs an XCom as it is', async () => {
  const { stdout, code } = await cli('render', file, '-n', 'mine', '--run-id', 'r');
  const pods = parseAllDocuments(stdout).map(document => document.toJS());
  expect(code).toBe(0);
  expect(pods[1]).toMatchObject({
    kind: 'Pod',
    metadata: { name: expect.stringMatching(/^load-[a-z0-9]{8}$/), namespace: 'mine' },
    spec: { restartPolicy: 'Never', containers: [{ args: ["{{ ti.xcom_pull(task_ids='extract') }}", 'r'] }] },
  });
  expect((await cli('render', file, '--task', 'extract', '-o', 'name')).stdout).toMatch(/^pod\/extract-[a-z0-9]{8}\n$/);
  expect((await cli('render', file, '-n', 'mine', '--run-id', 'r')).stdout).toBe(stdout);
});

describe('templates', () => {
  const write = (name: string, ...args: string[]) => {
    const path = join(folder, name);
    writeFileSync(path, stringify(taskManifest('t', {}, { base: { args } })));
    return path;
  };
  const args = (stdout: string) => parseAllDocuments(stdout)[0].toJS().spec.containers[0].args;

  test('a name that nobody gave is found before anything is created, by run and by render', async () => {
    const path = join(folder, 'ds.yaml');
    writeFileSync(path, `${stringify(taskManifest('t2'))}---\n${stringify(taskManifest('t', {}, { base: { args: ['x', "{{ ti.xcom_pull(task_ids='t2') }} {{ ds }}"] } }))}`);
    for (const argv of [['run', path, '--embedded'], ['render', path]]) {
      expect(await cli(...argv)).toEqual({
        code: 2,
        stdout: '',
        stderr: "error: template at spec.containers[0].args[1] of task 't' cannot be rendered: undefined value 'ds': there is no logical date; give it with '--logical-date'\n"
          + "  the template is: {{ ti.xcom_pull(task_ids='t2') }} {{ ds }}\n",
      });
    }
    expect((await cli('render', write('nope.yaml', '{{ nope }}'))).stderr).toContain("undefined value 'nope'; known names are 'conn', 'dag_run', 'macros', 'params', 'run_id', 'task', 'task_instance', 'ti', 'var'");
  });

  test('have what the options and the context file give, options first', async () => {
    const file1 = join(folder, 'context.json');
    writeFileSync(file1, '\uFEFF{"params": {"a": 1.0, "b": 2}, "var": {"value": {"v": "file"}, "json": {"v": 1, "w": [1.50]}}, "xcom": {"up": {"return_value": {"z": 1, "a": 2.0}}}}');
    const path = join(folder, 'all.yaml');
    writeFileSync(path, `${stringify(taskManifest('up'))}---\n${stringify(taskManifest('t', {}, {
      base: {
        args: [
          '{{ ds }} {{ params }} {{ params.c.d }} {{ var.value.v }} {{ var.json.v.x }} {{ var.json.w }} {{ conn.db.host }}', "{{ ti.xcom_pull(task_ids='up') }}",
        ],
      },
    }))}`);
    const { stdout, stderr, code } = await cli('render', path, '--task', 't', '--logical-date', '2026-01-31', '--context-file', file1, '--params', '{"b": "two", "c": {"d": 3.0}}',
      '--params', 'e=x=y', '--var', 'v={"x": 5}', '--conn', 'db=postgres://u@h/d');
    expect([code, stderr]).toEqual([0, '']);
    expect(parseAllDocuments(stdout)[1].toJS().spec.containers[0].args).toEqual([
      "2026-01-31 {'a': 1.0, 'b': 'two', 'c': {'d': 3.0}, 'e': 'x=y'} 3.0 {\"x\": 5} 5 [1.5] h", "{'z': 1, 'a': 2.0}",
    ]);
  });

  test('of a DAG give the pod that the operator would create', async () => {
    const { stdout } = await cli('render', write('dag.yaml', '{{ dag.dag_id }} {{ ti.map_index }}'), '--dag-id', 'd', '--run-id', 'r', '--map-index', '3', '--try-number', '2', '--airflow-version', '2.11.2');
    expect(args(stdout)).toEqual(['d 3']);
    expect(parseAllDocuments(stdout)[0].toJS().metadata.labels).toEqual({
      dag_id: 'd', task_id: 't', run_id: 'r', kubernetes_pod_operator: 'True', map_index: '3', try_number: '2', airflow_version: '2.11.2', airflow_kpo_in_cluster: 'False',
    });
  });

  test.each([
    [['--params', 's3cret'], "'--params' must be NAME=VALUE, got a text without '='"],
    [['--conn', '=s3cret'], "'--conn' must be ID=URI, got nothing before the '='"],
    [['--params', '{"a": s3cret'], "the value of '--params' is not valid JSON: a value was expected at offset 6 of 12"],
    [['--params', '["s3cret"]'], "'--params' must be NAME=VALUE, got a text without '='"],
    [['--conf', '["s3cret"]'], "'--conf' must be a JSON object, got a JSON array"],
    [['--conf', '{s3cret'], "the value of '--conf' is not valid JSON: a string was expected at offset 1 of 7"],
    [['--var', 'a=b', '--var', 's3cret'], "'--var' must be NAME=VALUE, got a text without '=' (number 2 of 2)"],
    [['--conn', 'postgres://u:s3cret@h/d'], "'--conn' must be ID=URI, got a text without '='"],
    [['--conn', 'db={"password": "s3cret'], "connection 'db' is not valid JSON: a string that does not end or holds a bad escape at offset 13 of 20"],
    [['--conn', 'db={"extra": "{s3cret"}'], "'extra' of connection 'db' is not valid JSON: a string was expected at offset 1 of 7"],
    [['--conn', 'db=s3cret'], "connection 'db': it is no connection URI"],
    [['--context-file', '/no/file'], "the context file '/no/file' cannot be read"],
    [['--logical-date', 'today'], "the logical date: 'today' is no date; write one such as 2026-01-31"],
    [['--map-index', 'x'], 'give a whole number'],
  ])('are not given by %j: a usage error', async (argv, message) => {
    const { code, stdout, stderr } = await cli('render', write('x.yaml', '{{ conn.db.host }}'), ...argv);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)]);
    // Whatever it is, it may be a secret.
    expect(stderr).not.toContain('s3cret');
  });

  test.each([
    ['{"conn": "s3cret', 'is not valid JSON: a string that does not end or holds a bad escape at offset 9 of 16'],
    ['[]', 'must hold a JSON object'],
    ['{"parms": {}}', "the context has no 'parms'; did you mean 'params'?"],
    ['{"params": []}', "'params' must be an object"],
    ['{"var": {"bucket": "b"}}', "'var' has 'value' and 'json' and no 'bucket'"],
    ['{"var": {"value": ["b"]}}', "'var.value' must be an object"],
    ['{"var": {"value": {"n": 1}}}', "'var.value.n' must be a text, as a variable is; one that holds JSON may stand in 'var.json'"],
    ['{"conn": "postgres://h"}', "'conn' must be an object"],
    ['{"xcom": {"up": 5}}', "'xcom.up' must be an object such as {\"return_value\": 1}, or of a mapped task a list of them"],
    ['{"xcom": {"up": [{"return_value": 1}, 5]}}', "'xcom.up' must be"],
    ['{"dag_run": {"params": {}}}', "'dag_run' has 'conf' and no 'params'"],
    ['{"dag_run": {"conf": 5}}', "'dag_run.conf' must be an object"],
    ['{"conf": {"core": "x"}}', "'conf.core' must be an object of options"],
    ['{"data_interval_start": 5}', "'data_interval_start' in the context file must be a text"],
  ])('are not given by a context file %s', async (text, message) => {
    const context = join(folder, 'bad.json');
    writeFileSync(context, text);
    const { code, stdout, stderr } = await cli('render', write('x.yaml', '{{ conn.db.host }}'), '--context-file', context);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)]);
    expect(stderr).not.toContain('s3cret');
  });

  test('have the conf of the DAG run, of the context file, too, which lies over the params of the context file and under --params', async () => {
    const context = join(folder, 'conf.json');
    writeFileSync(context, '{"params": {"a": 1, "b": 1, "c": 1, "kept": 1}, "dag_run": {"conf": {"kept": "k", "b": 0}}}');
    expect(args((await cli('render', write('conf-1.yaml', '{{ params }}'), '--context-file', context)).stdout)).toEqual(["{'a': 1, 'b': 0, 'c': 1, 'kept': 'k'}"]);
    const { stdout } = await cli('render', write('conf-2.yaml', '{{ dag_run.conf }} {{ params }}'), '--context-file', context, '--conf', '{"b": 2.0, "c": [2]}', '--params', 'c=3');
    expect(args(stdout)).toEqual(["{'kept': 'k', 'b': 2.0, 'c': [2]} {'a': 1, 'b': 2.0, 'c': 3, 'kept': 'k'}"]);
  });

  test('have an empty conf of the DAG run where none is given, as in Airflow', async () => {
    expect(args((await cli('render', write('conf.yaml', "{{ dag_run.conf }} {{ dag_run.conf.get('day', 1) }}"))).stdout)).toEqual(['{} 1']);
  });
});

test('a kubeconfig that cannot be used ends with exit code 3 before anything is done, and a run that is cancelled meanwhile with 130, each with its document', () => {
  const kubeconfig = (name: string, cluster: any, user: any = { token: 't' }) => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify({
      'apiVersion': 'v1',
      'kind': 'Config',
      'current-context': 'c',
      'clusters': [{ name: 'k', cluster: { server: 'https://127.0.0.1:1', ...cluster } }],
      'users': [{ name: 'u', user }],
      'contexts': [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    }));
    return path;
  };
  const lines = [
    ['--kubeconfig', '/no/kubeconfig'],
    ['--kubeconfig', kubeconfig('plain', {}), '--context', 'd'],
    ['--kubeconfig', kubeconfig('insecure', { 'insecure-skip-tls-verify': true })],
    // Does what Ctrl-C does, and is there as long as who asked it.
    ['--kubeconfig', kubeconfig('interrupts', {}, {
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', 'kill -TERM $PPID; while kill -0 $PPID; do sleep 0.1; done 2> /dev/null'], interactiveMode: 'Never',
      },
    })],
  ];
  // Jest cannot import the ES module that reads kubeconfigs, so the command lines run in a process of their own.
  const root = join(__dirname, '..', '..');
  const script = `
    require('${require.resolve('ts-node')}').register({ transpileOnly: true, project: '${join(root, 'tsconfig.json')}' });
    const { main } = require('${join(root, 'src', 'cli')}');
    const { Writable } = require('node:stream');
    (async () => {
      const out = [];
      for (const argv of ${JSON.stringify(lines)}) {
        for (const format of [['-o', 'json'], []]) {
          const [said, stream] = [{ stdout: '', stderr: '' }, name => new Writable({ write: (text, _, done) => { said[name] += text; done(); } })];
          out.push({ code: await main(['run', '${file}', '--run-id', 'r', ...argv, ...format], { stdout: stream('stdout'), stderr: stream('stderr') }), ...said });
        }
      }
      console.log(JSON.stringify(out));
      process.exit();
    })();`;
  const results = JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8', stdio: 'pipe', cwd: folder }));
  const said = [
    [3, "error: there is no kubeconfig '/no/kubeconfig'\n  give '--kubeconfig' the path of a file\n", 'unreachable', 'NoConnection'],
    [3, "error: the kubeconfig has no context 'd'\n  its contexts are: c\n", 'unreachable', 'NoConnection'],
    [3, expect.stringContaining("error: cluster 'k' says 'insecure-skip-tls-verify'"), 'unreachable', 'NoConnection'],
    [130, expect.stringContaining('error: cancelled while the credentials were read: nothing was started\n'), 'cancelled', 'Cancelled'],
  ];
  const valid = new Ajv2020().compile(JSON.parse(readFileSync(join(root, 'schema', 'run-result.schema.json'), 'utf8')));
  for (const [i, [code, stderr, failure, reason]] of said.entries()) {
    const [document, table] = results.slice(2 * i);
    expect([table, { ...document, stdout: '' }]).toEqual([{ code, stderr, stdout: '' }, { code, stderr, stdout: '' }]);
    const result = JSON.parse(document.stdout);
    const state = code === 3 ? 'failed' : 'cancelled';
    expect([valid(result), valid.errors]).toEqual([true, null]);
    expect(result).toMatchObject({ runId: 'r', state, tasks: ['extract', 'load'].map(name => ({ name, state, attempts: 0, failure, reason })) });
    expect(document.stderr).toContain(`error: ${result.tasks[0].message}\n`);
  }
});
