import { componentSettings, scaling, workloadSettings } from './component-settings';
import { checkEnv, EnvLayer } from './configuration';
import { DeploymentContext } from './deployment-context';
import { logClaims } from './log-claims';
import { secretsBackendAccess } from './secrets-backend';
import { AirflowImage } from '../../airflow/image';
import { toWire } from '../../pod/schema';
import { Component, Flow, Parts, PodSettings, PolicyRule, Port, Wire } from '../../private/component-graph';
import { container, TMP, volumesOf } from '../../private/pod-parts';
import { containerResources } from '../../tasks/private/airflow-pod';
import { withDefaults } from '../../tasks/private/pod-defaults';
import { ApiServerProps } from '../api-server-props';
import { StatefulComponentProps } from '../stateful-component-props';

/** What distinguishes a component that runs an Airflow command. */
export interface AirflowComponentOptions {
  readonly name: string;
  readonly workload: Component['workload'];
  readonly args: string[];
  /** @default - the deployment's */
  readonly image?: AirflowImage;
  readonly parts: Parts[];
  /** False for a component that does not open the database. */
  readonly database?: boolean;
  /** False for one that decrypts nothing. */
  readonly fernetKey?: boolean;
  readonly readsDags?: boolean;
  readonly waitsForMigrations?: boolean;
  readonly ports?: Port[];
  readonly service?: Component['service'];
  readonly exposed?: boolean;
  readonly flows: Flow[];
  readonly rules?: PolicyRule[];
  readonly rulesElsewhere?: Component['rulesElsewhere'];
  readonly readsConfigAs?: Component['readsConfigAs'];
  readonly probes?: Wire;
  readonly resources: Wire;
  readonly workloadSpec?: Wire;
  readonly terminationGracePeriodSeconds?: number;
  readonly env?: Wire[];
  readonly sidecars?: Wire[];
}

/** A component that runs an Airflow command with the database and the Fernet key. */
export function airflowComponent(
  context: DeploymentContext, options: AirflowComponentOptions, own: ApiServerProps & StatefulComponentProps, path: string, common: EnvLayer[] = [],
): Component {
  const layers: EnvLayer[] = [['podDefaults', context.podDefaults], ...common, [path, own]];
  const props: ApiServerProps & StatefulComponentProps = layers.reduce((lower, [, upper]) => withDefaults(lower, upper ?? {}), {});
  const { image = context.image, database = true, fernetKey = true } = options;
  const dags = options.readsDags ? context.dags : undefined;
  const waits = options.waitsForMigrations ?? true;
  // Airflow 2 writes a log file whatever the command.
  const base = [
    TMP, context.config, ...context.pythonFiles.parts, ...(database ? [context.databaseParts] : []),
    ...context.logs.env, { env: context.monitoring.env },
    ...(context.airflow3 ? [] : [context.logs.folder]),
  ];
  const secretsBackend = secretsBackendAccess(context, options.name);
  const parts = [
    ...base,
    ...(fernetKey ? [context.secrets.fernetKey] : []),
    ...options.parts,
    ...secretsBackend.parts,
    ...(dags ? [{ volumeMounts: dags.volumeMounts, volumes: dags.volumes }] : []),
  ];
  const variables = [
    // The database was there when the init container ended, and a check costs the start of another Airflow.
    ...(waits ? [{ name: 'CONNECTION_CHECK_MAX_COUNT', value: '0' }] : []),
    ...(options.env ?? []),
    ...parts.flatMap(part => part.env ?? []),
  ];
  checkEnv(context, variables, layers);
  const env = [...variables, ...toWire('[]EnvVar', props.env ?? [], `${path}.env`)];
  const main = container({
    name: options.name,
    image: image.reference,
    imagePullPolicy: image.pullPolicy,
    args: options.args,
    parts: [...unique(parts).map(({ volumeMounts }) => ({ volumeMounts })), { env }],
    resources: containerResources(props.resources, `${path}.resources`) ?? options.resources,
    more: {
      ...(options.ports ? { ports: options.ports.map(({ name, port }) => ({ name, containerPort: port, protocol: 'TCP' })) } : {}),
      ...options.probes,
    },
  });
  const settings = componentSettings(props, path);
  const claims = logClaims(context, options, props.persistence, path);
  return {
    name: options.name,
    workload: options.workload,
    ...scaling(props, path),
    initContainers: [
      ...(waits ? [waitForMigrations(context, [...base, { env: env.slice(variables.length) }], settings)] : []),
      ...(dags?.initContainers ?? []),
    ],
    containers: [main, ...(dags?.sidecars ?? []), ...(options.sidecars ?? [])],
    volumes: volumesOf(parts).filter(volume => !claims || volume.name !== claims.volume),
    ports: options.ports,
    service: options.service,
    exposed: options.exposed,
    flows: [
      ...(database ? [context.database] : []), ...options.flows, ...secretsBackend.flows, ...context.monitoring.flows,
      ...[...dags?.peers ?? [], ...dags?.sidecarPeers ?? []].map((peer): Flow => ({ kind: 'host', ...peer })),
    ],
    rules: joined(options.rules, secretsBackend.rules),
    rulesElsewhere: joined(options.rulesElsewhere, secretsBackend.rulesElsewhere),
    workloadSpec: workloadSettings(options.workload, claims ? { ...claims.spec, ...options.workloadSpec } : options.workloadSpec, props, path),
    terminationGracePeriodSeconds: options.terminationGracePeriodSeconds,
    readsConfigAs: options.readsConfigAs,
    pullSecrets: image.pullSecrets,
    settings,
  };
}

/** `airflow jobs check` starts a whole Airflow, so that it runs seldom and has time. */
export function jobsCheck(jobType: string): Wire {
  return {
    livenessProbe: {
      exec: { command: ['env', 'AIRFLOW__LOGGING__LOGGING_LEVEL=ERROR', 'airflow', 'jobs', 'check', '--job-type', jobType, '--local'] },
      initialDelaySeconds: 180,
      periodSeconds: 120,
      timeoutSeconds: 60,
      failureThreshold: 3,
    },
  };
}

/** HTTP probes that give the start-up minutes; `startPath` is what it asks for until then. */
export function httpProbes(path: string, port: number, readiness: boolean, startPath = path): Wire {
  const httpGet = { path, port };
  return {
    startupProbe: { httpGet: { path: startPath, port }, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 120 },
    livenessProbe: { httpGet, periodSeconds: 30, timeoutSeconds: 20, failureThreshold: 5 },
    ...(readiness ? { readinessProbe: { httpGet, periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 3 } } : {}),
  };
}

/** With the user's variables and mounts: they may say how the database is reached. */
function waitForMigrations(context: DeploymentContext, parts: Parts[], { envFrom, volumeMounts = [] }: PodSettings): Wire {
  const path = (mount: Wire) => mount.mountPath.replace(/\/+$/, '');
  const mounted = parts.flatMap(part => part.volumeMounts ?? []).map(path);
  return container({
    name: 'wait-for-airflow-migrations',
    image: context.image.reference,
    imagePullPolicy: context.image.pullPolicy,
    args: ['airflow', 'db', 'check-migrations', '--migration-wait-timeout=600'],
    parts: [...parts, { volumeMounts: volumeMounts.filter(mount => !mounted.includes(path(mount))) }],
    resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '1Gi' } },
    ...(envFrom ? { more: { envFrom } } : {}),
  });
}

function unique(parts: Parts[]): Parts[] {
  return [...new Set(parts)];
}

function joined<T>(one: T[] | undefined, other: T[] | undefined): T[] | undefined {
  return other ? [...one ?? [], ...other] : one;
}
