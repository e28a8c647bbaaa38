import { DeploymentContext } from './deployment-context';
import { Component, Flow, Parts, Wire } from '../../private/component-graph';
import { argument } from '../../private/pod-parts';
import { SecretsBackendBinding } from '../../security/secrets-backend';

/** What a component needs to ask the secrets backend. */
export interface SecretsBackendAccess extends Pick<Component, 'rules' | 'rulesElsewhere'> {
  readonly parts: Parts[];
  readonly flows: Flow[];
}

const NOTHING: SecretsBackendAccess = { parts: [], flows: [] };
/** Those that look for connections and variables on their own account. */
const CONTROL_PLANE = ['scheduler', 'api-server', 'webserver', 'dag-processor', 'triggerer'];

/** The access of a component: on Airflow 3 tasks ask the API server, unless the backend says otherwise. */
export function secretsBackendAccess(context: Pick<DeploymentContext, 'secretsBackend' | 'airflow3' | 'owner'>, component: string): SecretsBackendAccess {
  const { secretsBackend: backend, airflow3, owner } = context;
  const task = component === 'worker' || component.startsWith('celery-worker');
  if (!backend || !(CONTROL_PLANE.includes(component) || component.startsWith('dag-processor-') || (task && (!airflow3 || backend.workers)))) { return NOTHING; }
  const { peer, rules } = backend;
  return {
    parts: [{ ...backend.parts, env: variables(backend, task && airflow3 ? 'WORKERS__SECRETS_BACKEND' : 'SECRETS__BACKEND') }],
    flows: peer ? [{ kind: 'host', ...peer }] : [],
    ...(rules === undefined ? {} : rules.namespace === owner.namespace ? { rules: rules.rules } : { rulesElsewhere: [rules] }),
  };
}

/** Not in airflow.cfg, which those read, too, who have no credential. */
function variables({ className, kwargs, secretKwargs, parts }: SecretsBackendBinding, option: string): Wire[] {
  const json = argument(JSON.stringify(kwargs));
  const secret = Object.entries(secretKwargs);
  return [
    ...parts.env ?? [],
    { name: `AIRFLOW__${option}`, value: className },
    ...(secret.length === 0 ? [{ name: `AIRFLOW__${option}_KWARGS`, value: json }] : [
      { name: 'SECRETS_BACKEND_KWARGS', value: json },
      { name: `AIRFLOW__${option}_KWARGS_CMD`, value: command(secret) },
    ]),
  ];
}

// Airflow runs it without a shell, and splits it with shlex.
function command(secret: [string, string][]): string {
  const added = secret.map(([name, variable]) => `"${name}": os.environ["${variable}"]`).join(', ');
  return `python -c 'import json, os; print(json.dumps({**json.loads(os.environ["SECRETS_BACKEND_KWARGS"]), ${added}}), end="")'`;
}
