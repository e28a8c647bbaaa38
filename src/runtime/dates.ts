/** A moment as Python's `datetime` knows it: microseconds, in UTC or without a time zone. */
export interface PythonDate {
  readonly ms: number;
  /** Microseconds beyond {@link ms}, 0 to 999. */
  readonly us: number;
  /** Without a time zone. */
  readonly naive?: boolean;
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
export const DAY_MS = 86_400_000;

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/**
 * A moment of ISO 8601 text; without an offset it is UTC, as Airflow takes it.
 *
 * @throws Error
 */
export function parseDate(text: string): PythonDate {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  if (!match) { throw new Error(`'${text}' is no date; write one such as 2026-01-31 or 2026-01-31T06:00:00+00:00`); }
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match;
  const micros = Number(fraction.padEnd(6, '0'));
  const { ms } = makeDate([year, month, day, hour, minute, second].map(Number));
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? ['', '+', '0', '0'];
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  return checked({ ms: ms - offset + Math.floor(micros / 1000), us: micros % 1000 });
}

/** @throws Error for a date that does not exist */
export function makeDate(parts: number[], naive?: boolean): PythonDate {
  const [year, month, day, hour = 0, minute = 0, second = 0, micro = 0] = parts;
  const inRange = (value: number, end: number) => value >= 0 && value < end;
  if (![...parts].every(Number.isInteger) || parts.length < 3 || parts.length > 7) { throw new Error('a date is made of year, month, day, hour, minute, second and microsecond'); }
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const made = new Date(ms);
  if (year < 1000 || year > 9999 || made.getUTCMonth() !== month - 1 || made.getUTCDate() !== day
    || !inRange(hour, 24) || !inRange(minute, 60) || !inRange(second, 60) || !inRange(micro, 1_000_000)) {
    throw new Error(`there is no date ${parts.join('-')}, or it is not between the years 1000 and 9999`);
  }
  return { ms: ms + Math.floor(micro / 1000), us: micro % 1000, naive };
}

/** A date so many microseconds later. */
export function plusMicros(date: PythonDate, micros: number): PythonDate {
  const total = date.us + micros;
  return checked({ ...date, ms: date.ms + Math.floor(total / 1000), us: ((total % 1000) + 1000) % 1000 });
}

/** A date so many months later, at the end of a month that is shorter, as pendulum does it. */
export function plusMonths(date: PythonDate, months: number): PythonDate {
  const from = new Date(date.ms);
  const target = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months, 1));
  const last = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  const day = Date.UTC(target.getUTCFullYear(), target.getUTCMonth(), Math.min(from.getUTCDate(), last));
  return checked({ ...date, ms: day + (((date.ms % DAY_MS) + DAY_MS) % DAY_MS) });
}

/** As `datetime.isoformat(separator)`. */
export function isoFormat(date: PythonDate, separator = 'T'): string {
  const micros = (((date.ms % 1000) + 1000) % 1000) * 1000 + date.us;
  return strftime(date, `%Y-%m-%d${separator}%H:%M:%S`) + (micros === 0 ? '' : `.${pad(micros, 6)}`) + (date.naive ? '' : '+00:00');
}

/** Numbers of a date by Python's names; `weekday` counts from Monday, 0. */
export function fields(date: PythonDate): { [name: string]: number } {
  const d = new Date(date.ms);
  return {
    year: d.getUTCFullYear(),
    month: d.getUTCMonth() + 1,
    day: d.getUTCDate(),
    hour: d.getUTCHours(),
    minute: d.getUTCMinutes(),
    second: d.getUTCSeconds(),
    microsecond: d.getUTCMilliseconds() * 1000 + date.us,
    weekday: (d.getUTCDay() + 6) % 7,
  };
}

/**
 * As Python's `strftime` in the C locale, with glibc's `%-d`.
 *
 * @throws Error for a directive that depends on the machine, or is not known here
 */
export function strftime(date: PythonDate, format: string): string {
  const { year, month, day, hour, minute, second, microsecond, weekday } = fields(date);
  const dayOfYear = Math.floor((Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 1)) / DAY_MS);
  const sunday = (weekday + 1) % 7;
  const thursday = new Date(date.ms + (3 - weekday) * DAY_MS);
  const isoWeek = Math.floor((Math.floor(thursday.getTime() / DAY_MS) - Date.UTC(thursday.getUTCFullYear(), 0, 1) / DAY_MS) / 7) + 1;
  const numbers: { [directive: string]: [number, number] } = {
    m: [month, 2], d: [day, 2], H: [hour, 2], M: [minute, 2], S: [second, 2], I: [hour % 12 || 12, 2], y: [year % 100, 2], j: [dayOfYear + 1, 3],
  };
  const texts: { [directive: string]: string } = {
    'Y': String(year),
    'B': MONTHS[month - 1],
    'b': MONTHS[month - 1].slice(0, 3),
    'A': DAYS[sunday],
    'a': DAYS[sunday].slice(0, 3),
    'p': hour < 12 ? 'AM' : 'PM',
    'f': pad(microsecond, 6),
    'z': date.naive ? '' : '+0000',
    'Z': date.naive ? '' : 'UTC',
    'u': String(weekday + 1),
    'w': String(sunday),
    'U': pad(Math.floor((dayOfYear + 7 - sunday) / 7)),
    'W': pad(Math.floor((dayOfYear + 7 - weekday) / 7)),
    'V': pad(isoWeek),
    'G': String(thursday.getUTCFullYear()),
    'F': `${year}-${pad(month)}-${pad(day)}`,
    'T': `${pad(hour)}:${pad(minute)}:${pad(second)}`,
    '%': '%',
  };
  return format.replace(/%(-?)([^]?)/g, (directive, dash: string, letter: string) => {
    const number = numbers[letter];
    if (number) { return dash ? String(number[0]) : pad(...number); }
    if (dash || texts[letter] === undefined) { throw new Error(`strftime does not know '${directive}' here`); }
    return texts[letter];
  });
}

/**
 * As Python's `datetime.strptime`.
 *
 * @throws Error where the text is not in the format, or the format has a directive that is not known here
 */
export function strptime(text: string, format: string): PythonDate {
  const names: string[] = [];
  const patterns: { [directive: string]: string } = {
    Y: '\\d{4}',
    m: '1[0-2]|0[1-9]|[1-9]',
    d: '3[01]|[12]\\d|0[1-9]|[1-9]',
    H: '2[0-3]|[01]\\d|\\d',
    M: '[0-5]\\d|\\d',
    S: '[0-5]\\d|\\d',
    f: '\\d{1,6}',
    y: '\\d\\d',
    B: MONTHS.join('|'),
    b: MONTHS.map(month => month.slice(0, 3)).join('|'),
  };
  const pattern = format.replace(/%(.)|\s+|[\\^$.*+?()[\]{}|]/g, (token, directive?: string) => {
    if (directive === '%') { return '%'; }
    if (directive === undefined) { return /^\s/.test(token) ? '\\s+' : `\\${token}`; }
    if (!patterns[directive] || names.includes(directive)) { throw new Error(`strptime does not know '${token}' here`); }
    names.push(directive);
    return `(${patterns[directive]})`;
  });
  const match = new RegExp(`^${pattern}$`, 'i').exec(text);
  if (!match) { throw new Error(`'${text}' is not in the format '${format}'`); }
  const found = new Map(names.map((name, i) => [name, match[i + 1]]));
  const number = (name: string, otherwise: number) => (found.has(name) ? Number(found.get(name)) : otherwise);
  const named = (found.get('B') ?? found.get('b'))?.toLowerCase();
  const month = named === undefined ? number('m', 1) : MONTHS.findIndex(name => name.toLowerCase().startsWith(named)) + 1;
  const short = number('y', 0);
  const year = found.has('y') ? short + (short < 69 ? 2000 : 1900) : number('Y', 1900);
  return makeDate([year, month, number('d', 1), number('H', 0), number('M', 0), number('S', 0), Number((found.get('f') ?? '').padEnd(6, '0'))], true);
}

function checked(date: PythonDate): PythonDate {
  const year = new Date(date.ms).getUTCFullYear();
  if (!(year >= 1000 && year <= 9999)) { throw new Error('a date must be between the years 1000 and 9999'); }
  return date;
}
