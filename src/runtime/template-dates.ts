import { fields, isoFormat, makeDate, plusMicros, plusMonths, PythonDate, strftime, strptime } from './dates';
import { DATES, TemplateError } from './template-names';

/** The key by which a moment is recognised among the engine's objects. */
export const DATE_KEY = '__date';
const DELTA_KEY = '__delta';
const MICROS: { [unit: string]: number } = {
  weeks: 604_800_000_000, days: 86_400_000_000, hours: 3_600_000_000, minutes: 60_000_000, seconds: 1_000_000, milliseconds: 1000, microseconds: 1,
};
/** What `format` of pendulum understands here. */
const PENDULUM: { [token: string]: string } = { YYYY: '%Y', MM: '%m', DD: '%d', HH: '%H', mm: '%M', ss: '%S', M: '%-m', D: '%-d', YY: '%y', DDDD: '%j' };

/** Calls what may throw: the engine does not survive a callback that does. */
export type Guard = <T>(otherwise: T, work: () => T) => T;

/** A text of code in which sums of moments and durations are calls, because the engine adds numbers only. */
export function rewriteDates(code: string): string {
  let out = code.replace(/\bmacros\.datetime\.strptime\(/g, 'macros.__strptime(');
  const sum = new RegExp(`((?<![\\w.])(?:${DATES.join('|')}))\\s*([+-])\\s*macros\\.timedelta\\(`);
  for (let match = sum.exec(out); match; match = sum.exec(out)) {
    let end = match.index + match[0].length;
    for (let depth = 1; depth > 0 && end < out.length; end++) { depth += { '(': 1, ')': -1 }[out[end]] ?? 0; }
    const call = out.slice(match.index + match[1].length, end).replace(/^\s*[+-]\s*/, '');
    out = `${out.slice(0, match.index)}${match[1]}.__plus(${match[2] === '-' ? 'true' : 'false'}, ${call})${out.slice(end)}`;
  }
  return out;
}

/** A moment as the engine gets it, with the methods of pendulum that are understood here. */
export function dateObject(date: PythonDate, guard: Guard): any {
  const { weekday, ...numbers } = fields(date);
  const again = (work: () => PythonDate) => guard(null, () => dateObject(work(), guard));
  const moved = (sign: number) => (...args: any[]) => again(() => {
    const { years = 0, months = 0, ...rest } = keywords(args, ['years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds', 'microseconds']);
    return plusMicros(plusMonths(date, sign * (years * 12 + months)), sign * micros(rest));
  });
  return {
    [DATE_KEY]: `${date.ms} ${date.us} ${date.naive ? 'naive' : ''}`,
    ...numbers,
    weekday: () => weekday,
    isoweekday: () => weekday + 1,
    strftime: (format: unknown) => guard('', () => strftime(date, word(format))),
    isoformat: () => isoFormat(date),
    __plus: (minus: boolean, delta: any) => again(() => plusMicros(date, (minus ? -1 : 1) * deltaOf(delta))),
    ...(date.naive ? {} : {
      to_date_string: () => strftime(date, '%Y-%m-%d'),
      to_datetime_string: () => strftime(date, '%Y-%m-%d %H:%M:%S'),
      format: (format: unknown) => guard('', () => word(format).replace(/[A-Za-z]+|\[/g, token => {
        if (!PENDULUM[token]) { throw new TemplateError(`format does not know '${token}' here; it knows ${Object.keys(PENDULUM).join(', ')}, or use strftime`); }
        return strftime(date, PENDULUM[token]);
      })),
      add: moved(1),
      subtract: moved(-1),
    }),
  };
}

/** The moment that the engine has handed back; undefined for anything else. */
export function dateOf(value: unknown): PythonDate | undefined {
  const text = value instanceof Map ? value.get(DATE_KEY) : typeof value === 'string' ? value : undefined;
  const [, ms, us, naive] = /^(-?\d+) (\d+) (naive)?$/.exec(text ?? '') ?? [];
  return ms === undefined ? undefined : { ms: Number(ms), us: Number(us), naive: naive !== undefined };
}

/** Airflow's `macros`, as far as they give the same wherever and whenever they are called. */
export function macros(guard: Guard): any {
  const given = (args: any[], names: string[]) => {
    const named = args.at(-1) instanceof Map ? args.pop() as Map<string, any> : new Map<string, any>();
    const other = [...named.keys()].find(name => !names.includes(name));
    if (other !== undefined || args.length > names.length) { throw new TemplateError(`it takes ${names.join(', ')}${other ? `, got '${other}'` : ''}`); }
    return names.map((name, i) => (i < args.length ? args[i] : named.get(name)));
  };
  return {
    ds_add: (...args: any[]) => guard('', () => {
      const [ds, days] = given(args, ['ds', 'days']);
      if (!Number.isInteger(days)) { throw new TemplateError("'days' of macros.ds_add must be a whole number"); }
      return days === 0 ? word(ds) : strftime(plusMicros(strptime(word(ds), '%Y-%m-%d'), days * MICROS.days), '%Y-%m-%d');
    }),
    ds_format: (...args: any[]) => guard('', () => {
      const [ds, input, output] = given(args, ['ds', 'input_format', 'output_format']).map(word);
      return strftime(strptime(ds, input), output);
    }),
    datetime: (...args: any[]) => guard(null, () => {
      const parts = given(args, ['year', 'month', 'day', 'hour', 'minute', 'second', 'microsecond']);
      return dateObject(makeDate(parts.map((part, i) => (part === undefined && i > 2 ? 0 : part)), true), guard);
    }),
    __strptime: (text: unknown, format: unknown) => guard(null, () => dateObject(strptime(word(text), word(format)), guard)),
    timedelta: (...args: any[]) => guard(null, () => {
      const names = ['days', 'seconds', 'microseconds', 'milliseconds', 'minutes', 'hours', 'weeks'];
      const values = given(args, names);
      return { [DELTA_KEY]: micros(Object.fromEntries(names.map((name, i) => [name, values[i] ?? 0]))) };
    }),
  };
}

function keywords(args: any[], names: string[]): { [name: string]: number } {
  const [given] = args;
  if (args.length !== 1 || !(given instanceof Map)) { throw new TemplateError(`write what to add by name: ${names.map(name => `${name}=1`).join(', ')}`); }
  const other = [...given.keys()].find(name => !names.includes(name));
  if (other !== undefined) { throw new TemplateError(`'${other}' cannot be added; what can is ${names.join(', ')}`); }
  return Object.fromEntries(given);
}

function micros(parts: { [unit: string]: any }): number {
  return Object.entries(parts).reduce((sum, [unit, value]) => {
    const total = sum + value * MICROS[unit];
    if (typeof value !== 'number' || !Number.isSafeInteger(total)) { throw new TemplateError(`'${unit}' must be a number that makes whole microseconds`); }
    return total;
  }, 0);
}

function deltaOf(value: any): number {
  const delta = value instanceof Map ? value.get(DELTA_KEY) : value?.[DELTA_KEY];
  if (typeof delta !== 'number') { throw new TemplateError('to a moment a macros.timedelta(...) is added'); }
  return delta;
}

function word(value: unknown): string {
  if (typeof value !== 'string') { throw new TemplateError('a text is taken here'); }
  return value;
}
