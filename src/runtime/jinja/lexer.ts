import { Token, tokenAt } from './expression';
import { fail } from './values';

/** A piece of a template; `left` and `right` are '-' where the tag takes the space beside it away. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'comment'; readonly left: string; readonly right: string }
  | { readonly kind: 'output' | 'tag'; readonly left: string; readonly right: string; readonly tokens: Token[]; readonly source: string };

const RAW = /\{%([-+]?)\s*raw\s*(?:-%\}\s*|%\})/y;
const OPEN: { readonly [bracket: string]: string } = { '(': ')', '[': ']', '{': '}' };

/** A template cut where Jinja cuts it; raw blocks are text, with the tags about them. @throws TemplateError */
export function pieces(text: string): Piece[] {
  if (/[\x1c-\x1f]/.test(text)) { fail('the control characters U+001C to U+001F are not understood in a template'); }
  const out: Piece[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.slice(at).search(/\{[{%#]/);
    if (open !== 0) {
      out.push({ kind: 'text', text: open < 0 ? text.slice(at) : text.slice(at, at + open) });
      at = open < 0 ? text.length : at + open;
      continue;
    }
    const from = at;
    RAW.lastIndex = at;
    const raw = RAW.exec(text);
    if (raw) {
      const end = /\{%[-+]?\s*endraw\s*(?:\+%\}|-%\}\s*|%\})/.exec(text.slice(at + raw[0].length));
      if (!end) { fail("syntax error: '{% raw %}' has no '{% endraw %}'"); }
      at += raw[0].length + end.index + end[0].length;
      out.push({ kind: 'text', text: text.slice(from, at).replace(/\{%\+/g, '{%').replace(/\+%\}$/, '%}') });
      continue;
    }
    const kind = text[at + 1];
    const left = /[-+]/.test(text[at + 2] ?? '') ? text[at + 2] : '';
    at += 2 + left.length;
    if (kind === '#') {
      const end = /([-+]?)#\}/.exec(text.slice(at));
      if (!end) { fail("syntax error: a comment has no '#}'"); }
      at += end.index + end[0].length;
      out.push({ kind: 'comment', left: left.replace('+', ''), right: end[1].replace('+', '') });
      continue;
    }
    const [tokens, end, right] = tagOf(text, at, kind === '{' ? '}}' : '%}', from);
    out.push({ kind: kind === '{' ? 'output' : 'tag', left: left.replace('+', ''), right: right.replace('+', ''), tokens, source: text.slice(at, end - 2 - right.length) });
    at = end;
  }
  return out;
}

/** The tokens of a tag, the place after it, and the sign before its end. */
function tagOf(text: string, from: number, close: string, tagAt: number): [Token[], number, string] {
  const tokens: Token[] = [];
  const brackets: string[] = [];
  for (let at = from; at < text.length;) {
    if (brackets.length === 0) {
      const sign = text[at] === '-' || (text[at] === '+' && close === '%}') ? text[at] : '';
      if (text.startsWith(close, at + sign.length)) { return [tokens, at + sign.length + 2, sign]; }
    }
    if (/\s/.test(text[at])) { at++; continue; }
    const token = tokenAt(text, at) ?? fail(`syntax error: '${text[at]}' is not understood in '${text.slice(tagAt, tagAt + 60).split('\n')[0]}'`);
    if (token.type === 'operator') {
      if (OPEN[token.text]) { brackets.push(OPEN[token.text]); } else if (/^[)\]}]$/.test(token.text) && brackets.pop() !== token.text) { fail(`syntax error: an unexpected '${token.text}'`); }
    }
    tokens.push(token);
    at += token.text.length;
  }
  return fail(`syntax error: '${text.slice(tagAt, tagAt + 40).split('\n')[0]}' does not end with '${close}'`);
}
