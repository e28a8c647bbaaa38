import { hasJinja } from './jinja';

const NAMED = /(PASSWORD|PASSWD|SECRET|TOKEN|FERNET_KEY|API_KEY|PRIVATE_KEY|ACCESS_KEY|SECRET_KEY|ACCOUNT_KEY|PASSPHRASE|CREDENTIALS|(^|_)PASS)$/i;

/** Names of switches, of tokens of a language model, and of Secrets. */
const NAMED_ALIKE = /(^|_)((NO|USE|SKIP|REQUIRE|ENABLE|DISABLE|MAX|PAD|EOS|BOS|UNK|SEP|CLS|MASK)_TOKEN|(TLS|PULL)_SECRET)$/i;
/** Switches, numbers, references, ids of Airflow's connections, and paths. */
const HARMLESS = /^(true|false|yes|no|on|off|\d{1,6}|[\w.-]+_(conn|conn_id)|[a-z]+(_[a-z]+)*_default|\$[({].*[)}]|<.*>|\/.*|(arn|vault|file|projects?|https?|gs|s3)[:/].*)$/is;

/** True for a name that a credential has, and a secret file's path or the like has not. */
export function isCredentialName(name: string): boolean {
  return NAMED.test(name) && !NAMED_ALIKE.test(name);
}

/** What a text gives away; undefined where it looks harmless. `$(…)` and the like are references. */
export function credentialIn(text: string): string | undefined {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) { return 'a private key'; }
  if (/\b[a-z][\w+.-]*:\/\/[^\s:@/?#"']*:[^\s@/?#"'${}]+@/i.test(text)) { return 'a URL with a password'; }
  if (/\bAKIA[0-9A-Z]{16}\b/.test(text)) { return 'an AWS access key'; }
  if (/\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+/.test(text) || /\bBearer\s+[\w.~+/-]{16,}/.test(text)) { return 'a bearer token'; }
  if (/\b(gh[pousr]_[A-Za-z0-9]{36}|xox[abp]-[\w-]{10,}|AIza[\w-]{35})/.test(text)) { return 'an access token'; }
  if (/\bAuthorization:\s*Basic\s+[A-Za-z0-9+/]{8,}={0,2}/i.test(text) || /[?&](sig|X-Amz-Signature)=[\w%+/-]{20,}/.test(text)) { return 'what grants access'; }
  if (/"(password|secret|token|private_key)"\s*:\s*"(?!\$|\{\{)[^"]+"/i.test(text)) { return 'a password in JSON'; }
  return undefined;
}

/** What a variable gives away, by its name or its value; undefined where it looks harmless. Where Jinja stands in it, that brings what its name promises. */
export function credentialInVariable(name: string, value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') { return undefined; }
  return isCredentialName(name) && !HARMLESS.test(value) && !hasJinja(value) ? 'a credential, by its name' : credentialIn(value);
}

/** Refuses a variable that holds a credential itself. @param path where it stands */
export function refuseLiteral(name: string, value: unknown, path: string): void {
  const what = credentialInVariable(name, value);
  if (what) {
    throw new Error(`'${path}' sets '${name}' to ${what}, which everybody could read in the manifest; put it into a Secret, and write `
      + `{ name: '${name}', valueFrom: { secretKeyRef: { name: '…', key: '…' } } }`);
  }
}

const OPTION = /^--?(?!-|secret(?:$|=)|(?:no|use|skip|max|min|num|pad|eos|bos|unk|sep|cls|mask|stop|enable|disable|tls|pull|image-pull)-)[\w-]*(password|passwd|secret|token|api-?key)(?:=(.*))?$/is;

/** What a list of arguments gives away, and at which place; undefined where it looks harmless. */
export function credentialInArguments(texts: readonly string[]): { readonly index: number; readonly what: string } | undefined {
  for (const [index, text] of texts.entries()) {
    const option = OPTION.exec(text);
    const value = option && (option[2] ?? texts[index + 1]);
    const literal = value && !/^[$/{-]/.test(value) && !HARMLESS.test(value) ? 'a password as an option' : undefined;
    const found = credentialIn(text) ?? assigned(text);
    const what = found ?? literal ?? (/^(-u|--user)$/.test(text) && texts.some(word => /(^|\/)(curl|wget)$/.test(word)) && USER.test(texts[index + 1] ?? '') ? 'a password as an option' : undefined);
    if (what) { return { index: found || option?.[2] !== undefined ? index : index + 1, what }; }
  }
  return undefined;
}

const USER = /^[^:$\s{]+:[^$\s{]*[^$\s{\d][^$\s{]*$/;

/** What is computed, a pattern, or a path: `TOKEN=$(cat /run/token)`, `s/TOKEN=.+/x/`, `CREDENTIALS=./key.json`. */
const COMPUTED = /[${`%*\\[(]|^(\.{0,2}\/|~\/)|\.json$/;

/** `PGPASSWORD=hunter2 psql` and the like in a line for a shell. */
function assigned(text: string): string | undefined {
  const all = [...text.matchAll(/(?:^|[\s;&|(])([A-Z_][A-Z0-9_]*)=(["']?)([^\s"';&|)]+)\2/g)];
  return all.some(([, name, , value]) => isCredentialName(name) && !COMPUTED.test(value) && !HARMLESS.test(value)) ? 'a credential, by its name' : undefined;
}
