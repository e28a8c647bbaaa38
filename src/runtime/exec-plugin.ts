import { dirname, resolve } from 'node:path';
import { ConnectionError } from './errors';
import { endGroup, spawnGroup } from './process-group';
import { linked } from './wait';

/** How long a plugin may take. */
const PATIENCE_MS = 60_000;
/** More than any credential. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** `exec` of a user in a kubeconfig. */
export interface ExecPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args?: string[] | null;
  readonly env?: { readonly name: string; readonly value: string }[] | null;
  readonly installHint?: string;
  readonly provideClusterInfo?: boolean;
  readonly interactiveMode?: 'Never' | 'IfAvailable' | 'Always';
}

/** What a plugin gives: a token, or a client certificate with its key, as PEM. */
export interface ExecCredential {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * Asks a credential plugin, as kubectl does where no terminal is.
 *
 * @param cluster what a plugin with `provideClusterInfo` is told, by the names of the ExecCredential API
 * @param kubeconfig the file that names the plugin, from which its path is meant
 * @param limits what ends the plugin
 * @throws ConnectionError
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
export async function execCredential(
  plugin: ExecPlugin, cluster: object, kubeconfig: string, options: { readonly signal?: AbortSignal; readonly patienceMs?: number } = {},
): Promise<ExecCredential> {
  const { signal, patienceMs = PATIENCE_MS } = options;
  const { apiVersion, command, args, env, installHint, provideClusterInfo, interactiveMode } = plugin;
  // What stands there instead may be a credential, so no message shows it.
  const bad = (what: string) => new ConnectionError(`of its plugin, ${what}`, "correct 'exec' of the user in the kubeconfig");
  if (typeof command !== 'string' || command === '') { throw bad("'command' must be a text"); }
  if (args && !(Array.isArray(args) && args.every(text => typeof text === 'string'))) { throw bad("'args' must be a list of texts"); }
  if (env && !(Array.isArray(env) && env.every(one => typeof one?.name === 'string' && typeof one.value === 'string'))) {
    throw bad("'env' must be a list of objects with the texts 'name' and 'value'");
  }
  if (interactiveMode === 'Always') {
    throw new ConnectionError(`the plugin '${command}' says 'interactiveMode: Always', and nobody can answer it here`,
      "log in with kubectl first and say 'IfAvailable' where the plugin keeps what it got, or use a context with a token or a certificate");
  }
  const spec = { interactive: false, ...(provideClusterInfo ? { cluster } : {}) };
  const { controller, dispose } = linked(signal, { ms: patienceMs, reason: () => new Error(`it did not end within ${patienceMs / 1000} s`) });
  const stdout = await output(plugin, command.includes('/') ? resolve(dirname(kubeconfig), command) : command, {
    ...Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: JSON.stringify({ kind: 'ExecCredential', apiVersion, spec }),
  }, controller.signal).finally(dispose).catch(error => {
    const missing = error.code === 'ENOENT';
    throw new ConnectionError(`the plugin '${command}' ${missing ? 'is not there' : `cannot be used: ${masked(error.message)}`}`,
      installHint && missing ? installHint : 'check that it runs where this runs (kubectl get namespaces)');
  });
  const wrong = (what: string) => new ConnectionError(`the plugin '${command}' gave ${what}`, 'run it by itself and look at what it prints; nothing but one ExecCredential may be on its stdout');
  let credential: any;
  // What it printed may hold the credential, so no message shows it.
  try { credential = JSON.parse(stdout); } catch { throw wrong('no JSON'); }
  if (credential?.kind !== 'ExecCredential') { throw wrong(`no ExecCredential, but ${credential?.kind === undefined ? 'JSON without a kind' : `a ${credential.kind}`}`); }
  if (credential.apiVersion !== apiVersion) { throw wrong(`an ExecCredential of ${credential.apiVersion}, and the kubeconfig says ${apiVersion}`); }
  const { token, clientCertificateData: cert, clientKeyData: key } = credential.status ?? {};
  if (!token && !cert && !key) { throw wrong('neither a token nor a client certificate'); }
  if (!cert !== !key) { throw wrong(cert ? 'a client certificate without its key' : 'a key without its client certificate'); }
  return { ...(token ? { token } : {}), ...(cert ? { cert, key } : {}) };
}

/** The stdout of a plugin that ended well. The signal's reason says why it is ended. */
function output({ args }: ExecPlugin, command: string, env: { [name: string]: string }, signal: AbortSignal): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawnGroup(command, args ?? [], { ...process.env, ...env });
    const text = { stdout: '', stderr: '' };
    const failed = (how: string) => fail(new Error([how, text.stderr.trim().slice(-1000)].filter(part => part !== '').join(': ')));
    const end = (how: string) => {
      failed(how);
      endGroup(child);
      // What left its group has its pipes still, and is not waited for.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const aborted = () => end(signal.reason instanceof Error ? signal.reason.message : 'nobody waits for it any more');
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) { aborted(); }
    (['stdout', 'stderr'] as const).forEach(name => child[name].setEncoding('utf8').on('data', chunk => {
      text[name] += chunk;
      if (text[name].length > MAX_OUTPUT_BYTES) { end(`it printed more than ${MAX_OUTPUT_BYTES} bytes`); }
    }));
    child.once('error', fail);
    child.once('close', (code, killedBy) => {
      if (code === 0) { done(text.stdout); } else { failed(code !== null ? `it ended with ${code}` : `it was ended by ${killedBy}`); }
    });
  });
}

/** What a plugin says when it fails, without what looks like a credential. */
function masked(text: string): string {
  return text.replace(/\b((?:\w*(?:token|password|secret|authorization)\w*["']?\s*[=: ]\s*["']?(?:(?:bearer|basic)\s+)?)|(?:bearer|basic)\s+)[^\s"',]+/gi, '$1***')
    .replace(/(:\/\/[^\s:@/]*:)[^\s@/]+@/g, '$1***@');
}
