import { Construct } from 'constructs';
import { componentSettings, scaling, workloadSettings } from './component-settings';
import { pgbouncerIni, PooledServer, SERVER_TLS } from './pgbouncer-ini';
import { DeploymentIdentity } from '../../airflow/deployment-identity';
import { ImageCatalogue } from '../../airflow/image-catalogue';
import { PostgresServer } from '../../airflow/postgres';
import { SecretKey, secretEnv } from '../../airflow/secret-ref';
import { assertPair, assertSecret, tlsParts } from '../../airflow/tls-files';
import { toWire } from '../../pod/schema';
import { Component, Flow, Parts, Wire } from '../../private/component-graph';
import { argument, container, volumesOf } from '../../private/pod-parts';
import { shown } from '../../private/prop-types';
import { containerResources } from '../../tasks/private/airflow-pod';
import { PgBouncerProps } from '../pgbouncer-props';

const PGBOUNCER_PORT = 6543;
const METRICS_PORT = 9127;
const CLIENT_TLS = 'pgbouncer-client-tls';
/** The user `nobody` of the image. */
const NOBODY = 65534;
const EXPORTER = 'pgbouncer-exporter';
const RUN = '/run/pgbouncer';
const AUTH_FILE = `${RUN}/users.txt`;
// Memory: the passwords in it are on no disk.
const RUN_FOLDER: Parts = { volumeMounts: [{ name: 'run', mountPath: RUN }], volumes: [{ name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }] };

/** PgBouncer of a deployment. */
export class PgBouncer {
  public readonly maxClientConn: number;
  public readonly metadataPoolSize: number;
  public readonly resultBackendPoolSize: number;
  private readonly tls: { readonly ca?: SecretKey; readonly certificate?: SecretKey; readonly key?: SecretKey };

  /** @param host its name, for all who connect to it */
  constructor(
    private readonly props: PgBouncerProps, scope: Construct, private readonly identity: DeploymentIdentity, private readonly host: string,
  ) {
    const whole = (prop: 'maxClientConn' | 'metadataPoolSize' | 'resultBackendPoolSize', fallback: number) => {
      const value = props[prop] ?? fallback;
      if (!Number.isSafeInteger(value) || value < 1) { throw new Error(`'pgbouncer.${prop}' must be a whole number of at least 1, got ${shown(value)}`); }
      return value;
    };
    this.maxClientConn = whole('maxClientConn', 100);
    this.metadataPoolSize = whole('metadataPoolSize', 10);
    this.resultBackendPoolSize = whole('resultBackendPoolSize', 5);
    const files = { sslCert: 'Cert', sslKey: 'Key', sslRootCert: 'RootCert' } as const;
    for (const prop of Object.keys(files) as (keyof typeof files)[]) {
      if (props[prop] !== undefined) { assertSecret(`pgbouncer.${prop}`, props[prop], 'airflow-pgbouncer'); }
    }
    assertPair('sslCert', 'sslKey', props);
    assertPair('sslCert', 'sslRootCert', props);
    const bind = (prop: keyof typeof files, purpose: string) => props[prop]?.bind(scope, `Ssl${files[prop]}`, `pgbouncer-ssl-${purpose}`, identity);
    this.tls = { ca: bind('sslRootCert', 'root-cert'), certificate: bind('sslCert', 'cert'), key: bind('sslKey', 'key') };
  }

  /** Pods that there may be. */
  public get pods(): number {
    return this.props.replicas ?? 1;
  }

  public get exports(): boolean {
    return this.props.metricsExporter ?? false;
  }

  /** What Airflow connects to instead of the server. */
  public stead(server: PostgresServer, alias: string): PostgresServer {
    if (!server.password) {
      throw new Error("'pgbouncer' logs in with the password of the database, which has none; give it one, or remove 'pgbouncer'");
    }
    return {
      host: this.host,
      port: PGBOUNCER_PORT,
      database: alias,
      ...(server.userSecret ? { userSecret: server.userSecret } : { user: server.user }),
      password: server.password,
      ...(this.tls.ca ? { sslMode: 'verify-full', sslRootCert: this.tls.ca } : {}),
    };
  }

  /** The way to it. */
  public get flow(): Flow {
    return { kind: 'component', component: 'pgbouncer', port: PGBOUNCER_PORT };
  }

  /** The text of pgbouncer.ini. */
  public ini(servers: PooledServer[]): string {
    return pgbouncerIni({
      port: PGBOUNCER_PORT,
      authFile: AUTH_FILE,
      servers,
      maxClientConn: this.maxClientConn,
      ...(this.tls.certificate ? { clientTls: `/etc/${CLIENT_TLS}` } : {}),
      ...(this.exports ? { statsUser: EXPORTER } : {}),
      extra: this.props.extraIni ?? {},
    });
  }

  /** The component; the password is the exporter's. */
  public component(servers: PooledServer[], images: Required<ImageCatalogue>, pullSecrets: string[], password?: SecretKey): Component {
    const { props } = this;
    const ini: Parts = {
      volumeMounts: [{ name: 'pgbouncer', mountPath: '/etc/pgbouncer/pgbouncer.ini', subPath: 'pgbouncer.ini', readOnly: true }],
      volumes: [{ name: 'pgbouncer', configMap: { name: `${this.identity.name}-pgbouncer` } }],
    };
    const parts = [
      ini,
      { ...RUN_FOLDER, volumeMounts: [{ ...RUN_FOLDER.volumeMounts![0], readOnly: true }] },
      serverTls(servers),
      tlsParts(CLIENT_TLS, `/etc/${CLIENT_TLS}`, this.tls),
      { env: toWire('[]EnvVar', props.env, 'pgbouncer.env') },
    ];
    const probe = { tcpSocket: { port: PGBOUNCER_PORT }, periodSeconds: 10, timeoutSeconds: 5 };
    return {
      name: 'pgbouncer',
      workload: 'Deployment',
      ...scaling(props, 'pgbouncer'),
      initContainers: [authFile(servers, images.pgbouncer, password)],
      containers: [
        container({
          name: 'pgbouncer',
          image: images.pgbouncer,
          imagePullPolicy: 'IfNotPresent',
          command: ['pgbouncer', '/etc/pgbouncer/pgbouncer.ini'],
          parts,
          runAsUser: NOBODY,
          resources: containerResources(props.resources, 'pgbouncer.resources')
            ?? { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '256Mi' } },
          more: {
            ports: [{ name: 'pgbouncer', containerPort: PGBOUNCER_PORT, protocol: 'TCP' }],
            livenessProbe: { ...probe, failureThreshold: 6 },
            readinessProbe: { ...probe, failureThreshold: 3 },
            // First nobody new comes, then queries that run may end.
            lifecycle: { preStop: { exec: { command: ['sh', '-c', 'sleep 5; kill -INT 1; sleep 20'] } } },
          },
        }),
        ...(password ? [exporter(images.pgbouncerExporter, password, this.tls.certificate !== undefined)] : []),
      ],
      volumes: volumesOf(parts),
      ports: [{ name: 'pgbouncer', port: PGBOUNCER_PORT }, ...(password ? [{ name: 'metrics', port: METRICS_PORT, from: [{ namespaceSelector: {} }] }] : [])],
      service: 'ClusterIP',
      flows: servers.map(({ server: { host, port, cidrs } }): Flow => ({ kind: 'host', host, port, ...(cidrs ? { cidrs } : {}) })),
      terminationGracePeriodSeconds: 60,
      workloadSpec: workloadSettings('Deployment', { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }, props, 'pgbouncer'),
      pullSecrets,
      settings: componentSettings(props, 'pgbouncer'),
    };
  }
}

/** The files of the servers' TLS, in the folder that the ini names. */
function serverTls(servers: PooledServer[]): Parts {
  const tls = ({ server: { sslMode, sslRootCert, sslCert, sslKey } }: PooledServer) => ({ sslMode, sslRootCert, sslCert, sslKey });
  if (servers.some(server => JSON.stringify(tls(server)) !== JSON.stringify(tls(servers[0])))) {
    throw new Error("'pgbouncer' has one TLS for all servers, and that of the result backend differs from that of 'database'; give both the same 'sslMode' and files");
  }
  const { sslRootCert, sslCert, sslKey } = servers[0].server;
  return tlsParts(SERVER_TLS, `/etc/${SERVER_TLS}`, { ca: sslRootCert, certificate: sslCert, key: sslKey });
}

/** Writes the users of the servers and their passwords, quoted as PgBouncer wants them, into memory that this pod alone has. */
function authFile(servers: PooledServer[], image: string, exporterPassword: SecretKey | undefined): Wire {
  const users = [
    ...servers.map(({ server }) => ({ user: server.user, userSecret: server.userSecret, password: server.password! })),
    ...(exporterPassword ? [{ user: EXPORTER, userSecret: undefined, password: exporterPassword }] : []),
  ].filter((one, i, all) => all.findIndex(other => JSON.stringify(other) === JSON.stringify(one)) === i);
  const twice = users.find((one, i) => one.user !== undefined && users.findIndex(other => other.user === one.user) !== i);
  if (twice) { throw new Error(`'pgbouncer' knows users by their names, and '${twice.user}' has two passwords; take both from the same key of one Secret, or give one server another user`); }
  const script = [
    'umask 077',
    // The parts of a line go through the standard input: arguments can be read by every process of the node.
    'quoted() { printf \'"\'; printf \'%s\' "$1" | sed \'s/"/""/g\'; printf \'"\'; }',
    ...users.map((_, i) => `{ quoted "$PGBOUNCER_USER_${i}"; printf ' '; quoted "$PGBOUNCER_PASSWORD_${i}"; echo; } >> ${AUTH_FILE}`),
  ].join('\n');
  return container({
    name: 'auth-file',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['sh', '-c', argument(`rm -f ${AUTH_FILE}\n${script}\n`)],
    parts: [RUN_FOLDER, {
      env: users.flatMap(({ user, userSecret, password }, i) => [
        userSecret ? secretEnv(`PGBOUNCER_USER_${i}`, userSecret) : { name: `PGBOUNCER_USER_${i}`, value: user },
        secretEnv(`PGBOUNCER_PASSWORD_${i}`, password),
      ]),
    }],
    runAsUser: NOBODY,
    resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
  });
}

function exporter(image: string, password: SecretKey, tls: boolean): Wire {
  const probe = { tcpSocket: { port: METRICS_PORT }, periodSeconds: 10, timeoutSeconds: 5 };
  return container({
    name: 'metrics-exporter',
    image,
    imagePullPolicy: 'IfNotPresent',
    parts: [{
      env: [
        { name: 'DATABASE_URL', value: `postgres://127.0.0.1:${PGBOUNCER_PORT}/pgbouncer?sslmode=${tls ? 'require' : 'disable'}` },
        { name: 'PGUSER', value: EXPORTER },
        secretEnv('PGPASSWORD', password),
      ],
    }],
    runAsUser: NOBODY,
    resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
    more: {
      ports: [{ name: 'metrics', containerPort: METRICS_PORT, protocol: 'TCP' }],
      livenessProbe: { ...probe, failureThreshold: 6 },
      readinessProbe: { ...probe, failureThreshold: 3 },
    },
  });
}
