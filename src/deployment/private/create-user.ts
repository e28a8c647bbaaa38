import { airflowComponent, DeploymentContext } from './context';
import { JOB_TTL_SECONDS } from './migration';
import { secretEnv } from '../../airflow/secret-ref';
import { Component } from '../../private/component-graph';
import { argument } from '../../private/pod-parts';
import { AirflowPodProps } from '../../tasks/airflow-pod-props';

// Airflow's own command in this process: a password on a command line could be read by whoever lists processes.
const SCRIPT = [
  'import json, os, sys',
  'from airflow.cli import cli_parser',
  'for i, user in enumerate(json.loads(sys.argv[1])):',
  '    args = cli_parser.get_parser().parse_args(["users", "create", *user, "--password", os.environ["AIRFLOW_USER_PASSWORD_%d" % i]])',
  '    args.func(args)',
  '',
].join('\n');

/** The Job that makes users in the database, after the migration. Those who are there already are left alone. */
export function createUserComponent(context: DeploymentContext, props: AirflowPodProps): Component {
  const { users, webserverConfig } = context.auth;
  return airflowComponent(context, {
    name: 'create-user',
    workload: 'Job',
    args: ['python', '-c', SCRIPT, argument(JSON.stringify(users.map(user => user.args)))],
    parts: [context.secrets.secretKey, webserverConfig],
    flows: [],
    env: users.map((user, i) => secretEnv(`AIRFLOW_USER_PASSWORD_${i}`, user.password)),
    resources: { requests: { cpu: '100m', memory: '512Mi' }, limits: { memory: '1Gi' } },
    workloadSpec: { backoffLimit: 10, ttlSecondsAfterFinished: JOB_TTL_SECONDS },
  }, props, 'createUser');
}
