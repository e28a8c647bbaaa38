import { Construct } from 'constructs';
import { airflowComponent } from './component';
import { JOB_SPEC } from './component-settings';
import { DeploymentContext } from './deployment-context';
import { secretEnv, SecretRef } from '../../airflow/secret-ref';
import { credentialInVariable } from '../../pod/credentials';
import { Component, Wire } from '../../private/component-graph';
import { specHash } from '../../private/hash';
import { argument } from '../../private/pod-parts';
import { checkPropTypes, hasMember, shown } from '../../private/prop-types';
import { AirflowObjects } from '../airflow-objects-props';

// Airflow's own import commands, of files that only this pod has: a value {"env": NAME} stands for that variable.
const SCRIPT = [
  'import json, os, sys, tempfile',
  'from airflow.cli import cli_parser',
  'def fill(value):',
  '    if not isinstance(value, dict): return value',
  '    return os.environ[value["env"]] if list(value) == ["env"] else {key: fill(item) for key, item in value.items()}',
  'for kind, options, objects in json.loads(sys.argv[1]):',
  '    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:',
  '        json.dump({name: fill(item) for name, item in objects.items()}, file)',
  '        file.flush()',
  '        args = cli_parser.get_parser().parse_args([kind, "import", file.name, *options])',
  '        args.func(args)',
  '',
].join('\n');

/** The Job that writes connections, variables and pools into the database. */
export function airflowObjectsComponent(context: DeploymentContext, scope: Construct, props: AirflowObjects): Component {
  const env: Wire[] = [];
  const value = (given: any, purpose: string): any => {
    if (!(given instanceof SecretRef)) { return given; }
    const name = `AIRFLOW_OBJECT_SECRET_${env.length}`;
    env.push(secretEnv(name, given.bind(scope, `Secret${env.length}`, secretName(purpose), context.identity)));
    return { env: name };
  };
  const connections = mapped(props.connections, (id, connection) => {
    const { connType, host, port, login, password, schema, extra, description } = connection;
    if (!/^[\w.-]{1,250}$/.test(id)) { throw new Error(`the id of a connection must be at most 250 letters, digits, '_', '-' and '.', got '${id}'`); }
    const path = `objects.connections.${id}`;
    if (connType === undefined) { throw new Error(`'${path}.connType' is missing; give the type of the connection, such as 'postgres' or 'aws'`); }
    checkPropTypes(connection, { connType: 'a text', host: 'a text', port: 'a number', schema: 'a text', description: 'a text' }, `${path}.`);
    assertText(`${path}.login`, login);
    if (typeof extra === 'string') {
      throw new Error(`'${path}.extra' must be an object, such as { sslmode: 'require' }, or a SecretRef to its JSON, got a text; write the object itself`);
    }
    if (!hasMember(extra, 'bind')) { checkPropTypes({ extra }, { extra: 'an object' }, `${path}.`); }
    if (password !== undefined && !(password instanceof SecretRef)) {
      throw new Error(`'objects.connections.${id}.password' must be a SecretRef, such as SecretRef.existing('${id}', 'password')`);
    }
    for (const [field, given] of Object.entries({ host, schema, login, extra })) { assertNoCredential(`objects.connections.${id}.${field}`, field, given); }
    return {
      conn_type: connType,
      host,
      port,
      schema,
      description,
      login: value(login, `connection-${id}-login`),
      password: value(password, `connection-${id}-password`),
      // As text, because a command of Airflow reads it; a reference is text already.
      extra: extra === undefined || extra instanceof SecretRef ? value(extra, `connection-${id}-extra`) : JSON.stringify(extra),
    };
  });
  const variables = mapped(props.variables, (key, given) => {
    assertText(`objects.variables.${key}`, given, true);
    assertNoCredential(`objects.variables.${key}`, key, given);
    return value(given, `variable-${key}`);
  });
  const pools = mapped(props.pools, (name, { slots, description = '', includeDeferred = false }) => {
    if (!Number.isInteger(slots) || slots < -1) { throw new Error(`'objects.pools.${name}.slots' must be a whole number of at least -1, got ${shown(slots)}`); }
    return { slots, description, include_deferred: includeDeferred };
  });
  const kinds = [['connections', ['--overwrite'], connections], ['variables', [], variables], ['pools', [], pools]] as const;
  const given = kinds.filter(([, , objects]) => Object.keys(objects).length > 0);
  if (given.length === 0) { throw new Error("'objects' is empty; name connections, variables or pools, or remove it"); }
  return airflowComponent(context, {
    name: 'objects',
    workload: 'Job',
    args: ['python', '-c', SCRIPT, argument(JSON.stringify(given))],
    parts: [],
    flows: [],
    env,
    resources: { requests: { cpu: '100m', memory: '512Mi' }, limits: { memory: '1Gi' } },
    workloadSpec: JOB_SPEC,
  }, props.job ?? {}, 'objects.job');
}

/** Throws for what is neither a text nor a reference to one. */
function assertText(path: string, value: unknown, required = false): void {
  if (typeof value === 'string' || hasMember(value, 'bind') || (value === undefined && !required)) { return; }
  throw new Error(`'${path}' must be a text or a SecretRef, got ${shown(value)}; write another value as the text that Airflow reads, such as JSON.stringify(…)`);
}

function mapped<T>(objects: { [name: string]: T } | undefined, make: (name: string, object: T) => any): Wire {
  return Object.fromEntries(Object.entries(objects ?? {}).map(([name, object]) => [name, make(name, object)]));
}

/** A part of a Secret's name: ids that differ in what a name cannot have differ in a hash. */
function secretName(purpose: string): string {
  const slug = purpose.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/-+$/, '').slice(0, 60);
  return slug === purpose ? slug : `${slug}-${specHash(purpose)}`;
}

/** Values stand in the arguments of the Job, where everybody reads them who may see pods. */
function assertNoCredential(path: string, name: string, value: unknown): void {
  const text = value !== null && typeof value === 'object' && !(value instanceof SecretRef) ? JSON.stringify(value) : value;
  const inside = typeof value === 'object' && !(value instanceof SecretRef)
    ? Object.entries(value ?? {}).map(([key, item]) => credentialInVariable(key, item)).find(found => found !== undefined) : undefined;
  const found = inside ?? credentialInVariable(name, text);
  if (found) { throw new Error(`'${path}' holds ${found}, which would stand in the manifest; give it as a SecretRef, such as SecretRef.existing('name', 'key')`); }
}
