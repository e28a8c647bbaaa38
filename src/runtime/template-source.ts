/** A string of the template language. */
export const LITERAL = /(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/.source;

/** What our filters get instead of an undefined value, which the engine would hand them as none. */
export const UNDEFINED = '\u0000undefined';

/** Filters that are ours, after the engine has made JSON of the value. */
const OURS: { [filter: string]: string } = { tojson: '__json', string: '__str', join: '__join', e: '__html', escape: '__html' };
/** Filters of the engine that write what is no text in their own manner. */
const TEXT_FILTERS = 'upper|lower|trim|replace|capitalize|title|indent';
/** Filters that answer otherwise than Jinja's. */
const OTHERS = 'round|reverse|dictsort|items';
const AS_JSON = `|default('${UNDEFINED}')|tojson`;
/** What ends a simple operand of `~`. */
const OPERATOR = /[-+*/%<>=!]|\b(?:if|else|or|and|not|in|is)\b/;

/**
 * The template with `change` applied to the code of its tags, and every output (`{{ … }}`) written by our filters. Text, comments and raw blocks stay.
 */
export function mapCode(text: string, change: (code: string) => string): string {
  let out = '';
  let at = 0;
  while (at < text.length) {
    const open = text.slice(at).search(/\{[{%#]/);
    if (open < 0) { return out + text.slice(at); }
    out += text.slice(at, at + open);
    at += open;
    const kind = text[at + 1];
    const end = kind === '#' ? endOf(text, '#}', at + 2) : closing(text, at + 2, kind === '{' ? '}}' : '%}');
    if (end < 0) { return out + text.slice(at); }
    const tag = text.slice(at, end);
    const raw = /^\{%[-+]?\s*raw\s*[-+]?%\}$/.test(tag) && /\{%[-+]?\s*endraw\s*[-+]?%\}/.exec(text.slice(end));
    if (raw) {
      const stop = end + raw.index + raw[0].length;
      out += text.slice(at, stop);
      at = stop;
      continue;
    }
    if (kind === '#') {
      out += tag;
    } else {
      const [, left, code, right] = /^\{.([-+]?)([^]*?)([-+]?).\}$/.exec(tag)!;
      out += kind === '%' ? `{%${left}${change(code)}${right}%}`
        : `{%${left} set __v = (${change(code)}) %}{% if __v is undefined or __v is string %}{{ __v }}{% else %}{{ __v|tojson|__str }}{% endif ${right}%}`;
    }
    at = end;
  }
  return out;
}

/**
 * Code whose pulls (`pattern`, sticky) are replaced, and whose filters and `~` write values as Python does.
 *
 * @throws Error for what would be written otherwise than in Airflow
 */
export function guardCode(code: string, pattern: RegExp, replace: (match: RegExpExecArray) => string): string {
  let out = '';
  const string = new RegExp(LITERAL, 'y');
  const filter = new RegExp(`\\|\\s*(?:(${Object.keys(OURS).join('|')})|(${OTHERS})|(?:${TEXT_FILTERS}))\\b`, 'y');
  for (let at = 0; at < code.length;) {
    const take = (found: RegExp): RegExpExecArray | null => { found.lastIndex = at; return found.exec(code); };
    const literal = take(string);
    const pulled = literal ? null : take(pattern);
    const filtered = literal || pulled ? null : take(filter);
    if (filtered?.[2]) { throw new Error(`the filter ${filtered[2]} would answer otherwise than in Airflow`); }
    if (filtered) {
      out += filtered[1] ? `${AS_JSON}|${OURS[filtered[1]]}` : `|__text${filtered[0]}`;
    } else {
      out += literal ? literal[0] : pulled ? replace(pulled) : code[at];
    }
    at += (literal ?? pulled ?? filtered)?.[0].length ?? 1;
  }
  return concatenation(out);
}

/** `a ~ b` with each operand made a text first. */
function concatenation(code: string): string {
  const [, head, expression] = /^(\s*set\s+\w+\s*=)?([^]*)$/.exec(code)!;
  const parts: string[] = [''];
  let depth = 0;
  for (const [token] of expression.matchAll(new RegExp(`${LITERAL}|[^]`, 'g'))) {
    if (/^[[({]$/.test(token)) { depth++; } else if (/^[\])}]$/.test(token)) { depth--; }
    if (token === '~' && depth === 0) { parts.push(''); } else { parts[parts.length - 1] += token; }
  }
  const bare = (part: string) => part.replace(new RegExp(LITERAL, 'g'), '');
  const nested = parts.some(part => bare(part).includes('~'));
  if (parts.length === 1 && !nested) { return code; }
  const flat = (part: string): string => {
    const inner = part.replace(/[[({][^[\](){}]*[\])}]/g, '');
    return inner === part ? part : flat(inner);
  };
  if (nested || parts.some(part => OPERATOR.test(flat(bare(part))))) {
    throw new Error('the operator ~ is understood between simple values only; write the values one after the other: {{ a }}{{ b }}');
  }
  return `${head ?? ''} ${parts.map(part => `((${part})${AS_JSON}|__str)`).join(' ~ ')} `;
}

function endOf(text: string, close: string, from: number): number {
  const found = text.indexOf(close, from);
  return found < 0 ? -1 : found + 2;
}

/** The end of a tag: strings and nested braces in it do not count. */
function closing(text: string, from: number, close: string): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const char = text[i];
    if (char === "'" || char === '"') {
      for (i++; i < text.length && text[i] !== char; i++) { if (text[i] === '\\') { i++; } }
    } else if (depth === 0 && text.startsWith(close, i)) {
      return i + 2;
    } else if (char === '{' || char === '[' || char === '(') {
      depth++;
    } else if ((char === '}' || char === ']' || char === ')') && depth > 0) {
      depth--;
    }
  }
  return -1;
}
