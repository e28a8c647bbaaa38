import { execFileSync } from 'node:child_process';
import { Connection } from 'cdk8s-airflow/runtime';

/** Whether the suites that need a cluster can run; says so once where they cannot. */
export const onCluster = process.env.KUBECONFIG ? describe : describe.skip;
if (!process.env.KUBECONFIG) { console.warn('KUBECONFIG is not set: the tests that need a cluster are skipped'); }

/** Runs kubectl and gives its stdout; its stderr is in the error. */
export function kubectl(args: string[], input?: string): string {
  return execFileSync('kubectl', args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024 });
}

/**
 * Applies what was applied before. @returns what kubectl says of every object that this changes
 *
 * kubectl calls `configured` what it sends although nothing changes: the selector of a PodDisruptionBudget, whose patch strategy is `replace`, and in a
 * PodTemplate an amount that the server writes otherwise (`0.5` as `500m`). There the server's own count tells.
 */
export function appliedAgain(args: string[], input?: string): string[] {
  const counts = () => {
    const found = JSON.parse(kubectl(['get', ...args, '-o', 'json'], input));
    const counted = (found.items ?? [found]).filter(({ kind }: any) => ['PodDisruptionBudget', 'PodTemplate'].includes(kind));
    return counted.map(({ kind, metadata }: any) => `${kind} ${metadata.namespace}/${metadata.name}: ${metadata.generation ?? metadata.resourceVersion}`) as string[];
  };
  const before = counts();
  const lines = kubectl(['apply', ...args], input).trim().split('\n').filter(line => !line.endsWith(' unchanged'));
  return [...lines.filter(line => !/^(poddisruptionbudget\.policy|podtemplate)\//.test(line)), ...counts().filter(line => !before.includes(line))];
}

/** Makes a namespace that enforces Pod Security `restricted`, anew where it exists. */
export function restrictedNamespace(name: string): void {
  kubectl(['delete', 'namespace', name, '--ignore-not-found', '--wait=true', '--timeout=120s']);
  kubectl(['apply', '-f', '-'], JSON.stringify({
    apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  }));
  kubectl(['wait', 'serviceaccount/default', '-n', name, '--for=create', '--timeout=30s']);
}

/** Removes a namespace without waiting for what runs in it to end. */
export function removeNamespace(name: string): void {
  kubectl(['delete', 'namespace', name, '--ignore-not-found', '--wait=false']);
}

/** The connection of the current context. (jest cannot load the client library that reads kubeconfigs; the tests of the CLI go that way.) */
export function connection(): Connection {
  const { clusters: [{ cluster }], users: [{ user }] } = JSON.parse(kubectl(['config', 'view', '--raw', '--minify', '-o', 'json']));
  const text = (base64: string) => Buffer.from(base64, 'base64').toString();
  return {
    server: cluster.server,
    ca: text(cluster['certificate-authority-data']),
    cert: text(user['client-certificate-data']),
    key: text(user['client-key-data']),
  };
}
