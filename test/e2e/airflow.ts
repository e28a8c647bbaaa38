import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { kubectl, restrictedNamespace } from './kubectl';

/** A namespace with an Airflow that was deployed there, called `airflow`, and its database. */
export class AirflowOnCluster {
  constructor(public readonly namespace: string) {}

  public kubectl(...args: string[]): string {
    return kubectl(['-n', this.namespace, ...args]);
  }

  public sql(query: string): string {
    return this.kubectl('exec', 'deploy/postgres', '--', 'psql', '-U', 'airflow', '-Atc', query).trim();
  }

  public pods(selector: string): any[] {
    return JSON.parse(this.kubectl('get', 'pods', '-l', selector, '-o', 'json')).items;
  }

  /** The namespace anew, with the database's password and a git server that serves some DAG files. */
  public async prepare(password: string, dags: { [file: string]: string }): Promise<void> {
    restrictedNamespace(this.namespace);
    this.kubectl('create', 'secret', 'generic', 'airflow-database', `--from-literal=password=${password}`);
    const objects = parseAllDocuments(readFileSync(join(__dirname, 'git-server.yaml'), 'utf8')).map(document => document.toJSON());
    objects.find(({ kind }) => kind === 'ConfigMap').data = dags;
    objects.forEach(object => kubectl(['-n', this.namespace, 'apply', '-f', '-'], JSON.stringify(object)));
    await timed('git server', () => this.kubectl('wait', 'pod/git-server', '--for=condition=Ready', '--timeout=120s'));
  }

  /** The workload of the scheduler: under LocalExecutor a StatefulSet. */
  public scheduler(): string {
    return this.kubectl('get', 'deploy,statefulset', '-l', 'app.kubernetes.io/component=scheduler', '-o', 'name').trim();
  }

  /** Waits for the migration and for every workload, each at most so long. */
  public async booted(seconds = 300): Promise<void> {
    await timed('database migrated', () =>
      this.kubectl('wait', 'job', '-l', 'app.kubernetes.io/component=migration', '--for=condition=Complete', `--timeout=${seconds}s`));
    await timed('all components available', () => {
      const workloads = this.kubectl('get', 'deploy,statefulset', '-l', 'app.kubernetes.io/instance=airflow', '-o', 'name').trim().split('\n');
      workloads.forEach(workload => this.kubectl('rollout', 'status', workload, `--timeout=${seconds}s`));
    });
  }

  /** Triggers a DAG once it was delivered and gives the state in which its run ends; `watch` is called once a second meanwhile. */
  public async run(dag: string, seconds: number, watch: () => void = () => undefined): Promise<string> {
    await timed('DAG delivered', () => this.until('the DAG', 120, () => this.sql(`select 1 from serialized_dag where dag_id = '${dag}'`)));
    this.kubectl('exec', this.scheduler(), '-c', 'scheduler', '--', 'airflow', 'dags', 'trigger', dag, '-r', 'e2e');
    return timed('DAG run', () => this.until('the DAG run', seconds, () => {
      watch();
      return this.sql(`select state from dag_run where dag_id = '${dag}' and run_id = 'e2e' and state in ('success', 'failed')`);
    }));
  }

  /** `task|value` of every XCom that a task of the run returned, of one DAG or of all; Airflow 2 keeps them as bytes. */
  public xcoms(dag?: string): string[] {
    const found = this.sql(`select task_id, value from xcom where run_id = 'e2e' and key = 'return_value' ${dag ? `and dag_id = '${dag}' ` : ''}order by task_id, map_index`);
    return found.split('\n').map(line => line.replace(/\\x([0-9a-f]+)$/, (_, hex) => Buffer.from(hex, 'hex').toString()));
  }

  /** Asks once a second until the answer is not empty. */
  public async until(what: string, seconds: number, ask: () => string): Promise<string> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const answer = ask();
      if (answer !== '') { return answer; }
      if (Date.now() > deadline) { throw new Error(`${what}: not within ${seconds} s\n${this.kubectl('get', 'pods')}`); }
      await new Promise(resolve => setTimeout(resolve, 1000));
    }
  }
}

/** Runs a step and prints how long it took. */
export async function timed<T>(what: string, step: () => T | Promise<T>): Promise<T> {
  const start = Date.now();
  const result = await step();
  process.stderr.write(`${what}: ${((Date.now() - start) / 1000).toFixed(1)} s\n`);
  return result;
}
