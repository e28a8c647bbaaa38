const ENDS: { readonly [open: string]: string } = { '{{': '}}', '{%': '%}', '{#': '#}' };
const OPENED: { readonly [bracket: string]: string } = { '(': ')', '[': ']', '{': '}' };
/** Tags whose block has an end tag; `set` where it assigns nothing. */
const BLOCKS = ['if', 'for', 'with', 'macro', 'call', 'filter', 'block', 'autoescape'];

/** What Jinja cannot read of a text, whatever its names stand for, and where that begins; undefined where it can. */
export function jinjaProblem(text: string): string | undefined {
  const blocks: { readonly tag: string; readonly at: number }[] = [];
  const place = (at: number) => {
    const lines = text.slice(0, at).split('\n');
    return `'${text.slice(at, at + 40).split('\n')[0]}' at line ${lines.length}, column ${lines.at(-1)!.length + 1}`;
  };
  for (let at = text.search(/\{[{%#]/); at >= 0;) {
    const close = ENDS[text.slice(at, at + 2)];
    const end = close === '#}' ? endOf(text.indexOf(close, at + 2)) : endOfTag(text, at + 2, close);
    if (end === undefined) { return `${place(at)} has no '${close}'`; }
    const [, tag = '', rest] = /^[-+]?\s*(\w*)([^]*?)\s*[-+]?$/.exec(text.slice(at + 2, end - 2))!;
    if (close === '}}' && tag === '' && rest === '') { return `${place(at)} is empty; name a value`; }
    let next = end;
    if (close === '%}' && tag === 'raw') {
      const over = /\{%[-+]?\s*endraw\s*[-+]?%\}/.exec(text.slice(end));
      if (!over) { return `${place(at)} has no '{% endraw %}'`; }
      next = end + over.index + over[0].length;
    } else if (close === '%}' && (BLOCKS.includes(tag) || (tag === 'set' && !/^[\w\s,.()]+=/.test(rest)))) {
      blocks.push({ tag, at });
    } else if (close === '%}' && tag.startsWith('end')) {
      if (tag !== `end${blocks.pop()?.tag}`) { return `${place(at)} ends no block that is open there`; }
    }
    const step = text.slice(next).search(/\{[{%#]/);
    at = step < 0 ? -1 : next + step;
  }
  const open = blocks.pop();
  return open && `${place(open.at)} has no '{% end${open.tag} %}'`;
}

function endOf(at: number): number | undefined {
  return at < 0 ? undefined : at + 2;
}

/** The place after a tag: its end stands neither within quotes nor within brackets. */
function endOfTag(text: string, from: number, close: string): number | undefined {
  const brackets: string[] = [];
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (brackets.length === 0 && text.startsWith(close, at)) { return at + 2; }
    if (char === '"' || char === "'") {
      const quoted = new RegExp(`${char}(?:[^${char}\\\\]|\\\\[^])*${char}`, 'y');
      quoted.lastIndex = at;
      if (!quoted.test(text)) { return undefined; }
      at = quoted.lastIndex - 1;
    } else if (OPENED[char]) {
      brackets.push(OPENED[char]);
    } else if (/[)\]}]/.test(char) && brackets.pop() !== char) { return undefined; }
  }
  return undefined;
}
