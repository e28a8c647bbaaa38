import { JsonNode } from './json';

/** A value as Jinja's filter `tojson` writes it: `json.dumps` with sorted keys, ASCII only, safe within HTML. */
export function jinjaJson(node: JsonNode, indent?: number): string {
  const write = (item: JsonNode, depth: number): string => {
    const lines = (open: string, parts: string[], close: string) => {
      if (parts.length === 0) { return open + close; }
      if (indent === undefined) { return open + parts.join(', ') + close; }
      const pad = (d: number) => `\n${' '.repeat(indent * d)}`;
      return open + pad(depth + 1) + parts.join(`,${pad(depth + 1)}`) + pad(depth) + close;
    };
    switch (item.kind) {
      case 'null': return 'null';
      case 'boolean': return String(item.value);
      case 'number': return pythonNumber(item.text);
      case 'string': return jsonString(item.value);
      case 'array': return lines('[', item.items.map(i => write(i, depth + 1)), ']');
      case 'object': {
        const keys = [...item.entries].sort(([a], [b]) => compareCodePoints(a, b));
        return lines('{', keys.map(([key, value]) => `${jsonString(key)}: ${write(value, depth + 1)}`), '}');
      }
    }
  };
  return write(node, 0);
}

/** A value as `json.dumps` writes it. */
export function jsonDumps(node: JsonNode): string {
  switch (node.kind) {
    case 'null': return 'null';
    case 'boolean': return String(node.value);
    case 'number': return pythonNumber(node.text);
    case 'string': return JSON.stringify(node.value).replace(/[\u007f-\uffff]/g, char => (char === '\u007f' ? char : `\\u${hex(char.charCodeAt(0), 4)}`));
    case 'array': return `[${node.items.map(jsonDumps).join(', ')}]`;
    case 'object': return `{${[...node.entries].map(([key, item]) => `${jsonDumps({ kind: 'string', value: key })}: ${jsonDumps(item)}`).join(', ')}}`;
  }
}

/** A JSON number as Python reads and writes it: an integer exactly, anything with a point or an exponent as a float. */
export function pythonNumber(text: string): string {
  if (!/[.eE]/.test(text)) { return text === '-0' ? '0' : text; }
  return floatRepr(Number(text));
}

/** A float as Python writes it. */
export function floatRepr(value: number): string {
  if (value === 0) { return Object.is(value, -0) ? '-0.0' : '0.0'; }
  if (!Number.isFinite(value)) { return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'; }
  const [mantissa, exponentText] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) { return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`; }
  if (exponent < 0) {
    const digits = mantissa.replace(/[-.]/g, '');
    return `${value < 0 ? '-' : ''}0.${'0'.repeat(-exponent - 1)}${digits}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** A text as Python's `repr()` writes it. */
export function reprString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = '';
  for (const char of text) {
    const code = char.codePointAt(0)!;
    if (char === quote || char === '\\') { out += `\\${char}`; } else if (char === '\n') { out += '\\n'; } else if (char === '\r') { out += '\\r'; } else if (char === '\t') {
      out += '\\t';
    } else if (printable(char)) { out += char; } else if (code < 0x100) { out += `\\x${hex(code, 2)}`; } else if (code < 0x10000) {
      out += `\\u${hex(code, 4)}`;
    } else { out += `\\U${hex(code, 8)}`; }
  }
  return quote + out + quote;
}

/** Python's `str.isprintable`. */
function printable(char: string): boolean {
  return char === ' ' || !/[\p{C}\p{Z}]/u.test(char);
}

function jsonString(text: string): string {
  return JSON.stringify(text).replace(/[<>&'\u007f-\uffff]/g, char => `\\u${hex(char.charCodeAt(0), 4)}`)
    .replace(/\\u007f/g, '\u007f');
}

function compareCodePoints(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    if (x[i] !== y[i]) { return x[i].codePointAt(0)! - y[i].codePointAt(0)!; }
  }
  return x.length - y.length;
}

function hex(code: number, width: number): string {
  return code.toString(16).padStart(width, '0');
}
