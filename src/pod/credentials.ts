const NAMED = /(PASSWORD|PASSWD|SECRET|TOKEN|FERNET_KEY|API_KEY|PRIVATE_KEY|ACCESS_KEY|CREDENTIALS)$/i;

/** True for a name that a credential has, and a secret file's path or the like has not. */
export function isCredentialName(name: string): boolean {
  return NAMED.test(name);
}

/** What a text gives away; undefined where it looks harmless. `$(…)` and the like are references. */
export function credentialIn(text: string): string | undefined {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) { return 'a private key'; }
  if (/\b[a-z][\w+.-]*:\/\/[^\s:@/"']*:[^\s@/"'${}]+@/i.test(text)) { return 'a URL with a password'; }
  if (/\bAKIA[0-9A-Z]{16}\b/.test(text)) { return 'an AWS access key'; }
  if (/"(password|secret|token|private_key)"\s*:\s*"(?!\$)[^"]+"/i.test(text)) { return 'a password in JSON'; }
  return undefined;
}

/** What a variable gives away, by its name or its value; undefined where it looks harmless. */
export function credentialInVariable(name: string, value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') { return undefined; }
  return isCredentialName(name) && !/^\$\(.*\)$/.test(value) && !value.startsWith('/') ? 'a credential, by its name' : credentialIn(value);
}

const OPTION = /^--?[\w-]*(password|passwd|secret|token|api-?key)(?:=(.*))?$/is;

/** What a list of arguments gives away, and at which place; undefined where it looks harmless. */
export function credentialInArguments(texts: readonly string[]): { readonly index: number; readonly what: string } | undefined {
  for (const [index, text] of texts.entries()) {
    const option = OPTION.exec(text);
    const value = option && (option[2] ?? texts[index + 1]);
    const literal = value && !/^[$/{-]/.test(value) ? 'a password as an option' : undefined;
    const what = credentialIn(text) ?? literal;
    if (what) { return { index: credentialIn(text) || option![2] !== undefined ? index : index + 1, what }; }
  }
  return undefined;
}
