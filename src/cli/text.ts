/**
 * A line that is safe to print on a terminal: escape sequences and control characters are left out, and of a progress bar, which returns to the
 * beginning of its line, the last state is kept.
 */
export function printable(line: string): string {
  // eslint-disable-next-line no-control-regex
  const plain = line.replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[PX^_][^\u001b]*(?:\u001b\\)?|[ -/]*[0-~])/g, '');
  const last = plain.replace(/\r+$/, '').split('\r').at(-1)!;
  // eslint-disable-next-line no-control-regex
  return last.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '');
}

/** A task, or which one of a mapped task it is. */
export function taskName(name: string, mapIndex?: number): string {
  return printable(mapIndex === undefined ? name : `${name}[${mapIndex}]`);
}

/** Rows as columns that line up, the first row in capitals, as kubectl prints them. */
export function table(header: string[], rows: string[][]): string {
  const all = [header.map(cell => cell.toUpperCase()), ...rows.map(row => row.map(printable))];
  const widths = header.map((_, i) => Math.max(...all.map(row => row[i].length)));
  return all.map(row => row.map((cell, i) => cell.padEnd(widths[i])).join('   ').trimEnd()).join('\n') + '\n';
}

/** A JSON value on one line, at most so long. */
export function brief(value: unknown, length = 100): string {
  const text = JSON.stringify(value);
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

const COLORS = { red: 31, green: 32, yellow: 33, gray: 90 } as const;

/** Colours for a stream: none where it is no terminal, or NO_COLOR is set. */
export function painter(stream: NodeJS.WritableStream): (color: keyof typeof COLORS, text: string) => string {
  const { NO_COLOR, TERM } = process.env;
  const colored = (stream as NodeJS.WriteStream).isTTY === true && !NO_COLOR && TERM !== 'dumb';
  return (color, text) => (colored ? `\u001b[${COLORS[color]}m${text}\u001b[0m` : text);
}
