import { API_SERVER_PORT } from './api-server';
import { airflowComponent } from './component';
import { JOB_SPEC } from './component-settings';
import { DeploymentContext } from './deployment-context';
import { secretEnv } from '../../airflow/secret-ref';
import { Component } from '../../private/component-graph';
import { argument } from '../../private/pod-parts';
import { AirflowPodProps } from '../../tasks/airflow-pod-props';

// The first to start makes the roles and their permissions, and two at once fail at each other's rows: so the user interface comes first, unless it does not come.
// Then Airflow's own command in this process: a password on a command line could be read by whoever lists processes.
const SCRIPT = [
  'import json, os, sys, time, urllib.error, urllib.request',
  'from airflow.cli import cli_parser',
  'def answers(url):',
  '    try:',
  '        urllib.request.urlopen(url, timeout=10).close()',
  '    except urllib.error.HTTPError:',
  '        pass',
  '    except OSError:',
  '        return False',
  '    return True',
  'deadline = time.monotonic() + 600',
  'while not answers(os.environ["USER_INTERFACE_URL"]) and time.monotonic() < deadline:',
  '    time.sleep(2)',
  'for i, user in enumerate(json.loads(sys.argv[1])):',
  '    args = cli_parser.get_parser().parse_args(["users", "create", *user, "--password", os.environ["AIRFLOW_USER_PASSWORD_%d" % i]])',
  '    args.func(args)',
  '',
].join('\n');

/** The Job that makes users in the database, after the user interface has started. Those who are there already are left alone. */
export function createUserComponent(context: DeploymentContext, props: AirflowPodProps): Component {
  const { users, webserverConfig } = context.auth;
  const ui = context.airflow3 ? 'api-server' : 'webserver';
  return airflowComponent(context, {
    name: 'create-user',
    workload: 'Job',
    args: ['python', '-c', SCRIPT, argument(JSON.stringify(users.map(user => user.args)))],
    parts: [context.secrets.secretKey, webserverConfig],
    flows: [{ kind: 'component', component: ui, port: API_SERVER_PORT }],
    env: [
      { name: 'USER_INTERFACE_URL', value: `http://${context.owner.name}-${ui}:${API_SERVER_PORT}${context.basePath}/` },
      ...users.map((user, i) => secretEnv(`AIRFLOW_USER_PASSWORD_${i}`, user.password)),
    ],
    resources: { requests: { cpu: '100m', memory: '512Mi' }, limits: { memory: '1Gi' } },
    workloadSpec: JOB_SPEC,
  }, props, 'createUser');
}
