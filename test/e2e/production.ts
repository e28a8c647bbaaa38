import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import { AirflowOnCluster, timed } from './airflow';
import { kubectl, restrictedNamespace } from './kubectl';
import { DevPostgres } from '../../examples/airflow/database';
import { Environment, ProductionAirflow } from '../../examples/production/main';
import { AirflowPresets, AirflowVersion } from 'cdk8s-airflow';

/** Everything that a URL has to escape and JSON has not. */
export const PASSWORD = "p@ s/1%+:?#&$(X)é'";
const restricted = (runAsUser: number) => ({ runAsNonRoot: true, runAsUser, seccompProfile: { type: 'RuntimeDefault' } });
const hardened = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };

/** TLS in front of the git server, which has none. */
const TLS_PROXY = `
import socket, ssl, threading

def pump(a, b):
    try:
        while data := a.recv(65536):
            b.sendall(data)
    except OSError:
        pass
    for one in (a, b):
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

def serve(client):
    try:
        secure = context.wrap_socket(client, server_side=True)
    except OSError:
        return client.close()
    server = socket.create_connection(("127.0.0.1", 8080))
    threading.Thread(target=pump, args=(secure, server), daemon=True).start()
    pump(server, secure)

context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain("/tls/tls.crt", "/tls/tls.key")
listener = socket.create_server(("", 8443))
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
`;

/** A key pair as OpenSSH reads it. */
function sshKey(): { privateKey: string; publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x!, 'base64url'), Buffer.from(y!, 'base64url')]);
  const blob = Buffer.concat(['ecdsa-sha2-nistp256', 'nistp256', point].flatMap(part => {
    const bytes = Buffer.from(part);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  }));
  return { privateKey: privateKey.export({ type: 'sec1', format: 'pem' }).toString(), publicKey: `ecdsa-sha2-nistp256 ${blob.toString('base64')}\n` };
}

/** The keys of a git server, made once. */
export function gitKeys(): { [name: string]: string } {
  const folder = mkdtempSync(join(tmpdir(), 'git-keys-'));
  const at = (name: string) => join(folder, name);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=git-server', '-addext', 'subjectAltName=DNS:git-server',
    '-keyout', at('tls.key'), '-out', at('tls.crt')], { stdio: 'pipe' });
  const tls = Object.fromEntries(['tls.key', 'tls.crt'].map(name => [name, readFileSync(at(name), 'utf8')]));
  rmSync(folder, { recursive: true });
  const [host, client, other] = [sshKey(), sshKey(), sshKey()];
  return { ...tls, 'host': host.privateKey, 'host.pub': host.publicKey, 'client': client.privateKey, 'client.pub': client.publicKey, 'other.pub': other.publicKey };
}

/** A git server that wants a token over https and a key over ssh, as objects. */
export function gitServer(keys: { [name: string]: string }, token: string, dags: { [file: string]: string }): object[] {
  const pod = { app: 'git-server' };
  const mount = (name: string, mountPath: string) => ({ name, mountPath, ...(name.startsWith('tmp') || name === 'git' ? {} : { readOnly: true }) });
  const stringData = { 'token': token, 'wrong-token': 'wrong', 'ca.crt': keys['tls.crt'], 'tls.crt': keys['tls.crt'], 'tls.key': keys['tls.key'] };
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'dags' }, data: dags },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'airflow-git' }, stringData },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'git-ssh' },
      stringData: {
        authorized_keys: keys['client.pub'],
        host_key: keys.host,
        key: keys.client,
        known_hosts: `[git-server]:2222 ${keys['host.pub']}`,
        wrong_hosts: `[git-server]:2222 ${keys['other.pub']}`,
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'git-server' },
      spec: { selector: pod, ports: [{ name: 'https', port: 8443 }, { name: 'ssh', port: 2222 }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'git-server', labels: pod },
      spec: {
        automountServiceAccountToken: false,
        securityContext: restricted(65534),
        containers: [
          {
            name: 'git-server',
            image: 'localhost/git-server:1',
            imagePullPolicy: 'IfNotPresent',
            env: [
              { name: 'GIT_HTTP_USER', value: 'airflow' },
              { name: 'GIT_HTTP_PASSWORD', valueFrom: { secretKeyRef: { name: 'airflow-git', key: 'token' } } },
            ],
            readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 2 },
            securityContext: hardened,
            volumeMounts: [mount('seed', '/seed'), mount('ssh', '/etc/git-ssh'), mount('tmp', '/tmp'), mount('git', '/srv/git')],
          },
          {
            name: 'tls',
            image: 'localhost/python:3.11',
            imagePullPolicy: 'IfNotPresent',
            command: ['python3', '-u', '-c', TLS_PROXY],
            readinessProbe: { tcpSocket: { port: 8443 }, periodSeconds: 2 },
            securityContext: hardened,
            volumeMounts: [mount('tls', '/tls')],
          },
        ],
        volumes: [
          { name: 'seed', configMap: { name: 'dags' } },
          { name: 'ssh', secret: { secretName: 'git-ssh', items: ['authorized_keys', 'host_key'].map(key => ({ key, path: key })) } },
          { name: 'tls', secret: { secretName: 'airflow-git' } },
          { name: 'tmp', emptyDir: {} },
          { name: 'git', emptyDir: {} },
        ],
      },
    },
  ];
}

/** The Airflow of `examples/production` with all that is beside it: database, git server, MinIO. */
export class ProductionOnCluster extends AirflowOnCluster {
  /** The directory with the manifests that were applied last. */
  public manifests = '';

  /** The most that each pod of the namespace held, in MiB. */
  public readonly memory = new Map<string, number>();

  private readonly folders: string[] = [];

  /** Everything but Airflow and its database. */
  public async surroundings(dags: { [file: string]: string }): Promise<void> {
    restrictedNamespace(this.namespace);
    const secret = (name: string, stringData: object) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData });
    const minio = parseAllDocuments(readFileSync(join(__dirname, 'minio.yaml'), 'utf8')).map(document => document.toJSON());
    this.apply(
      secret('airflow-database', { password: PASSWORD }),
      secret('airflow-admin', { password: PASSWORD }),
      secret('airflow-logs', { 'access-key-id': 'minio-user', 'secret-access-key': PASSWORD }),
      secret('minio', { user: 'minio-user', password: PASSWORD }),
      ...gitServer(gitKeys(), 'git-t0ken', dags),
      ...minio,
    );
    await timed('git server and MinIO', () => this.kubectl('wait', 'pod/git-server', 'pod/minio', '--for=condition=Ready', '--timeout=300s'));
  }

  public apply(...objects: object[]): void {
    kubectl(['-n', this.namespace, 'apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  }

  /** Synthesises the example, of the size for one small node. @returns the directory of its manifests, the database's in a file of their own */
  public synth(version: AirflowVersion, overrides: Environment['overrides'] = {}): string {
    const outdir = mkdtempSync(join(tmpdir(), 'airflow-'));
    this.folders.push(outdir);
    const app = new App({ outdir });
    new ProductionAirflow(app, 'airflow', {
      namespace: this.namespace,
      version,
      replicas: 1,
      parallelism: 16,
      image: `localhost/airflow:${version.major}.${version.minor}`,
      images: { gitSync: 'localhost/git-sync:v4', redis: 'localhost/redis:7', ...version.major < 3 ? {} : { xcomSidecar: 'localhost/busybox:1' } },
      databaseHost: 'postgres',
      repo: 'https://git-server:8443/dags.git',
      logsEndpoint: 'http://minio:9000',
      host: 'airflow.example.com',
      overrides: { ...AirflowPresets.dev(version), ...overrides },
    });
    new DevPostgres(app, 'postgres', {
      namespace: this.namespace, image: 'localhost/postgres:15', secretName: 'airflow-database', clients: 'airflow', taskPods: version.major < 3,
    });
    app.synth();
    // A node of two processors has room for the pods of all components and for those of tasks.
    for (const file of readdirSync(outdir)) {
      writeFileSync(join(outdir, file), readFileSync(join(outdir, file), 'utf8').replace(/\bcpu: \d+m/g, 'cpu: 10m'));
    }
    this.manifests = outdir;
    return outdir;
  }

  /** Asks the REST API as a client does that has a user's password. Python in the server's own container plays the client. */
  public api(method: string, path: string, body?: unknown): any {
    const airflow3 = this.airflow3();
    const component = airflow3 ? 'api-server' : 'webserver';
    return JSON.parse(this.kubectl('exec', `deploy/airflow-${component}`, '-c', component, '--', 'python', '-c', CLIENT,
      airflow3 ? 'token' : 'basic', PASSWORD, method, `${airflow3 ? '/api/v2' : '/api/v1'}${path}`, body === undefined ? '' : JSON.stringify(body)));
  }

  /** Waits for the user of the REST API, too. */
  public async booted(seconds: number): Promise<void> {
    await super.booted(seconds);
    await timed('user made', () => this.kubectl('wait', 'job', '-l', 'app.kubernetes.io/component=create-user', '--for=condition=Complete', `--timeout=${seconds}s`));
  }

  /** Runs a DAG, once it was found, by the REST API. @returns the state in which the run ended; `watch` is called about once a second meanwhile */
  public async runByApi(dag: string, seconds: number, watch: () => void = () => undefined, run = 'e2e'): Promise<string> {
    await timed(`DAG ${dag} found`, () => this.until('the DAG', 120, () => this.sql(`select 1 from serialized_dag where dag_id = '${dag}'`)));
    const date = this.airflow3() ? { logical_date: null } : {};
    expect(this.api('POST', `/dags/${dag}/dagRuns`, { dag_run_id: run, ...date })).toMatchObject({ dag_run_id: run, state: 'queued' });
    return timed(`DAG ${dag} ran`, () => this.until('the DAG run', seconds, () => {
      watch();
      return this.sql(`select state from dag_run where dag_id = '${dag}' and run_id = '${run}' and state in ('success', 'failed')`);
    }));
  }

  /** The log of a task's try, as the API gives it. */
  public logOf(dag: string, task: string, attempt: string | number = 1): string {
    return JSON.stringify(this.api('GET', `/dags/${dag}/dagRuns/e2e/taskInstances/${task}/logs/${attempt}?full_content=true`), null, 1);
  }

  public logsOfFailed(dag: string): string {
    return this.sql(`select task_id, try_number from task_instance where dag_id = '${dag}' and state = 'failed'`).split('\n')
      .map(line => line.split('|')).map(([task, last]) => this.logOf(dag, task, last)).join('\n');
  }

  public airflow3(): boolean {
    return this.kubectl('get', this.scheduler(), '-o', 'jsonpath={.metadata.labels.app\\.kubernetes\\.io/version}').startsWith('3.');
  }

  /** Commits files beside those that the server was seeded with. */
  public push(files: { [file: string]: string }): void {
    const script = 'rm -rf /tmp/push && mkdir /tmp/push && cp -L /seed/*.py /tmp/push/ && printf %s "$1" > "/tmp/push/$0" && seed /tmp/push';
    for (const [name, text] of Object.entries(files)) { this.kubectl('exec', 'git-server', '-c', 'git-server', '--', 'sh', '-c', script, name, text); }
  }

  /**
   * Looks at what each pod holds in memory that the kernel cannot take back, and keeps the most: a task's pod may be gone when a component has its own.
   * Its containers are asked, not the pod: what the kubelet says of a pod is up to 10 s old, and a task's pod may not live as long.
   */
  public lookAtMemory(): void {
    const [node] = JSON.parse(kubectl(['get', 'nodes', '-o', 'json'])).items;
    const { pods } = JSON.parse(kubectl(['get', '--raw', `/api/v1/nodes/${node.metadata.name}/proxy/stats/summary`]));
    for (const { podRef, containers = [] } of pods) {
      if (podRef.namespace !== this.namespace) { continue; }
      const bytes = containers.reduce((sum: number, { memory }: any) => sum + (memory?.workingSetBytes ?? 0), 0);
      this.memory.set(podRef.name, Math.max(this.memory.get(podRef.name) ?? 0, bytes / 2 ** 20));
    }
  }

  public removeFolders(): void {
    this.folders.forEach(folder => rmSync(folder, { recursive: true }));
  }
}

const CLIENT = `
import base64, json, sys, urllib.error, urllib.request as u

auth, password, method, path, body = sys.argv[1:]

def call(method, path, body, headers):
    request = u.Request("http://localhost:8080" + path, body.encode() or None, {"Content-Type": "application/json", "Accept": "application/json", **headers}, method=method)
    try:
        return u.urlopen(request, timeout=60).read().decode()
    except urllib.error.HTTPError as error:
        sys.exit("%s %s: %s %s" % (method, path, error.code, error.read().decode()[:2000]))

if auth == "token":
    token = json.loads(call("POST", "/auth/token", json.dumps({"username": "admin", "password": password}), {}))["access_token"]
    headers = {"Authorization": "Bearer " + token}
else:
    headers = {"Authorization": "Basic " + base64.b64encode(("admin:" + password).encode()).decode()}
print(call(method, path, body, headers))
`;
