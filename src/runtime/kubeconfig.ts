import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { parse } from 'yaml';
import { Connection } from './connection';
import { ConnectionError } from './errors';
import { execCredential, ExecCredential } from './exec-plugin';

export interface KubeconfigOptions {
  /** The file. @default - KUBECONFIG, then ~/.kube/config, then the service account of the pod this runs in */
  readonly kubeconfig?: string;
  /** @default - the file's current context */
  readonly context?: string;
}

/**
 * The connection that a kubeconfig describes: certificates, tokens, exec plugins, or the service account of the pod this runs in.
 *
 * @param signal ends a plugin that is asked
 * @throws ConnectionError
 */
export async function fromKubeconfig(options: KubeconfigOptions = {}, signal?: AbortSignal): Promise<Connection> {
  let client: { KubeConfig: new () => KubeConfig };
  try {
    client = await import('@kubernetes/client-node');
  } catch (error) {
    throw new ConnectionError(`a kubeconfig is read with the optional package '@kubernetes/client-node', which cannot be loaded: ${(error as Error).message.split('\n')[0]}`,
      "npm install '@kubernetes/client-node@~1.4.0', or use the embedded cluster ('--embedded')");
  }
  return read(client.KubeConfig, options, signal);
}

async function read(config: new () => KubeConfig, options: KubeconfigOptions, signal?: AbortSignal): Promise<Connection> {
  const loaded = new config();
  const file = options.kubeconfig;
  if (file !== undefined && !existsSync(file)) { throw new ConnectionError(`there is no kubeconfig '${file}'`, "give '--kubeconfig' the path of a file"); }
  try {
    if (file === undefined) { loaded.loadFromDefault(); } else { loaded.loadFromFile(file); }
  } catch (error) {
    // A TypeError is how client-node says it. The words of the YAML parser show the file, and what is secret in it.
    const { mark, reason, message } = error as Error & { mark?: { line: number; column: number }; reason?: string };
    const why = error instanceof TypeError ? 'it is empty, or no object of YAML'
      : mark && reason ? `${reason.split(/["!:]/)[0].trim()} (${mark.line + 1}:${mark.column + 1})` : message.split('\n')[0];
    throw new ConnectionError(`the kubeconfig cannot be read: ${why}`, 'check KUBECONFIG and the file it names (kubectl config view)');
  }
  const contexts = loaded.getContexts().map(context => context.name);
  if (options.context !== undefined) {
    if (!contexts.includes(options.context)) {
      throw new ConnectionError(`the kubeconfig has no context '${options.context}'`, `its contexts are: ${contexts.join(', ') || '(none)'}`);
    }
    loaded.setCurrentContext(options.context);
  }
  const cluster = loaded.getCurrentCluster();
  // What client-node makes up where it found nothing.
  if (!cluster || (cluster.server === 'http://localhost:8080' && cluster.name === 'cluster')) {
    throw new ConnectionError(contexts.length > 0 && !cluster ? `the kubeconfig has no current context, or one without a cluster ('${loaded.getCurrentContext()}')` : 'there is no kubeconfig',
      "set KUBECONFIG, give '--kubeconfig' and '--context', or use the embedded cluster ('--embedded')");
  }
  if (cluster.skipTLSVerify) {
    throw new ConnectionError(`cluster '${cluster.name}' says 'insecure-skip-tls-verify', which would show the credentials to anybody in between`,
      "put the cluster's certificate authority into 'certificate-authority-data' instead");
  }
  if (cluster.proxyUrl) { throw new ConnectionError(`cluster '${cluster.name}' says 'proxy-url', which is not supported`, 'reach the API server directly, or through a tunnel'); }
  const user = loaded.getCurrentUser();
  if (user?.impersonateUser) {
    throw new ConnectionError(`user '${user.name}' says 'as', which is not supported`, 'use a context with the credentials of the user that is meant');
  }
  const https: any = {};
  let plugin: ExecCredential = {};
  try {
    if (user?.exec) {
      const { file: named, entry } = entryOf('users', user.name, file)!;
      plugin = await execCredential(entry.user.exec, clusterInfo(cluster.name, cluster.server, file), named, { signal });
      (user as { exec?: unknown }).exec = undefined;
    }
    await loaded.applyToHTTPSOptions(https);
  } catch (error) {
    const { message, nextStep = 'check that the files that the kubeconfig names are there (kubectl get namespaces)' } = error as ConnectionError;
    throw new ConnectionError(`the credentials of user '${user?.name}' cannot be had: ${message}`, nextStep);
  }
  const text = (value: unknown) => (value === undefined || value === null ? undefined : String(value));
  const authorization = https.headers?.Authorization ?? https.headers?.authorization;
  return {
    server: cluster.server,
    ca: text(https.ca),
    cert: plugin.cert ?? text(https.cert),
    key: plugin.key ?? text(https.key),
    token: /^Bearer (\S+)\s*$/.exec(authorization ?? '')?.[1] ?? plugin.token ?? tokenOfFile(user?.name, file),
    tlsServerName: text(https.servername),
    namespace: loaded.getContextObject(loaded.getCurrentContext())?.namespace,
    // The files, tokens and plugins are asked anew.
    refresh: stop => read(config, options, stop),
  };
}

/** The token that a user's `tokenFile` holds, a field that client-node does not know. */
function tokenOfFile(user: string | undefined, kubeconfig: string | undefined): string | undefined {
  const { file, entry } = entryOf('users', user, kubeconfig) ?? {};
  const found = entry?.user?.tokenFile;
  if (typeof found !== 'string') { return undefined; }
  try {
    return readFileSync(resolve(dirname(file!), found), 'utf8').trim();
  } catch (error) {
    throw new ConnectionError(`the token of user '${user}' cannot be read: ${(error as Error).message}`, "check 'tokenFile' in the kubeconfig");
  }
}

/** What a plugin that asks for it is told of the cluster, with what the kubeconfig holds for it as an extension. */
function clusterInfo(name: string, server: string, kubeconfig: string | undefined): object {
  const { file = '', entry } = entryOf('clusters', name, kubeconfig) ?? {};
  const { extensions, 'certificate-authority': authority, ...cluster } = entry?.cluster ?? {};
  const config = extensions?.find((extension: any) => extension.name === 'client.authentication.k8s.io/exec')?.extension;
  const data = authority && { 'certificate-authority-data': readFileSync(resolve(dirname(file), authority)).toString('base64') };
  return { ...cluster, server, ...data, ...(config === undefined ? {} : { config }) };
}

/** A user or a cluster as it stands in the first file that names it, for what client-node does not know of it. */
function entryOf(list: 'users' | 'clusters', name: string | undefined, kubeconfig: string | undefined): { readonly file: string; readonly entry: any } | undefined {
  const files = kubeconfig !== undefined ? [kubeconfig] : (process.env.KUBECONFIG || join(homedir(), '.kube', 'config')).split(delimiter);
  for (const file of files.filter(path => existsSync(path))) {
    const entry = parse(readFileSync(file, 'utf8'), { prettyErrors: false })?.[list]?.find((each: any) => each?.name === name);
    if (entry !== undefined) { return { file, entry }; }
  }
  return undefined;
}
