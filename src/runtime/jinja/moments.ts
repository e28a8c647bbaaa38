import { bind, Binder } from './arguments';
import { Callable, Delta, fail, Moment, numeric, Thing, typeName, Value } from './values';
import { fields, isoFormat, makeDate, plusMicros, plusMonths, PythonDate, strftime, strptime } from '../dates';

const MICROS: { readonly [unit: string]: number } = {
  weeks: 604_800_000_000, days: 86_400_000_000, hours: 3_600_000_000, minutes: 60_000_000, seconds: 1_000_000, milliseconds: 1000, microseconds: 1,
};
/** What `format` of pendulum understands here. */
const PENDULUM: { readonly [token: string]: string } = {
  YYYY: '%Y', MM: '%m', DD: '%d', HH: '%H', mm: '%M', ss: '%S', M: '%-m', D: '%-d', H: '%-H', m: '%-M', s: '%-S', YY: '%y', DDDD: '%j', MMMM: '%B', MMM: '%b', dddd: '%A', ddd: '%a', SSSSSS: '%f',
};
const PARTS = ['year', 'month', 'day', 'hour', 'minute', 'second', 'microsecond'];
const UNITS = ['year', 'month', 'day', 'hour', 'minute', 'second'];

type Method = (moment: Moment, args: Value[], named: Map<string, Value>) => Value;

/** A Python error, as an error of the template. */
function reading<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    return fail((error as Error).message);
  }
}

/** Whole numbers of a call, 0 where none is given. */
function integers(given: Binder, count: number): number[] {
  return Array.from({ length: count }, (_, i) => given.integer(i, 0));
}

function moved(name: string, sign: number): Method {
  return ({ date, pendulum }, args, named) => {
    const units = ['years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds', 'microseconds'];
    const [years, months, ...rest] = integers(bind(args, named, name, units.map(unit => `${unit}?`)), units.length);
    const micros = rest.reduce((sum, value, i) => sum + value * MICROS[units[i + 2]], 0);
    return reading(() => new Moment(plusMicros(plusMonths(date, sign * (years * 12 + months)), sign * micros), pendulum));
  };
}

function startOf(date: PythonDate, unit: string): PythonDate {
  const at = fields(date);
  const kept = UNITS.indexOf(unit);
  if (unit === 'week') { return plusMicros(startOf(date, 'day'), -at.weekday * MICROS.days); }
  if (kept < 0) { fail(`start_of takes 'week' or ${UNITS.map(name => `'${name}'`).join(', ')} here, got '${unit}'`); }
  return { ...makeDate(PARTS.map((part, i) => (i <= kept ? at[part] : i < 3 ? 1 : 0))), naive: date.naive };
}

function endOf(date: PythonDate, unit: string): PythonDate {
  const start = startOf(date, unit);
  const step = `${unit}s`;
  const next = unit === 'year' || unit === 'month' ? plusMonths(start, unit === 'year' ? 12 : 1) : plusMicros(start, MICROS[step]);
  return plusMicros(next, -1);
}

const written = (name: string, format: string): Method => ({ date }, args, named) => { bind(args, named, name, []); return strftime(date, format); };
const number = (name: string, part: string, plus = 0): Method => ({ date }, args, named) => {
  bind(args, named, name, []);
  return BigInt(fields(date)[part] + plus);
};
const utc = (name: string): Method => (moment, args, named) => {
  const zone = bind(args, named, name, ['tz'], 0).text(0);
  return zone === 'UTC' ? moment : fail(`${name} takes 'UTC' only here: other zones depend on the data of the machine`);
};

/** Methods of Python's datetime. */
const METHODS: { readonly [name: string]: Method } = {
  date: ({ date, pendulum }, args, named) => {
    bind(args, named, 'date', []);
    return new Moment({ ...startOf(date, 'day'), naive: true }, pendulum, true);
  },
  isoformat: ({ date, dayOnly }, args, named) => {
    bind(args, named, 'isoformat', []);
    return dayOnly ? strftime(date, '%Y-%m-%d') : isoFormat(date);
  },
  isoweekday: number('isoweekday', 'weekday', 1),
  replace: ({ date, pendulum, dayOnly }, args, named) => {
    const given = bind(args, named, 'replace', PARTS.map(part => `${part}?`), 0);
    if (dayOnly) { fail('replace of a day is not understood here'); }
    const now = fields(date);
    return reading(() => new Moment({ ...makeDate(PARTS.map((part, i) => given.integer(i, now[part]))), naive: date.naive }, pendulum));
  },
  strftime: ({ date }, args, named) => {
    const format = bind(args, named, 'strftime', ['format']).text(0);
    return reading(() => strftime(date, format));
  },
  weekday: number('weekday', 'weekday'),
};

/** What pendulum adds. */
const PENDULUM_METHODS: { readonly [name: string]: Method } = {
  add: moved('add', 1),
  subtract: moved('subtract', -1),
  start_of: ({ date, pendulum }, args, named) => {
    const unit = bind(args, named, 'start_of', ['unit']).text(0);
    return new Moment(startOf(date, unit), pendulum);
  },
  end_of: ({ date, pendulum }, args, named) => {
    const unit = bind(args, named, 'end_of', ['unit']).text(0);
    return new Moment(endOf(date, unit), pendulum);
  },
  in_timezone: utc('in_timezone'),
  in_tz: utc('in_tz'),
  to_date_string: written('to_date_string', '%Y-%m-%d'),
  to_datetime_string: written('to_datetime_string', '%Y-%m-%d %H:%M:%S'),
  to_time_string: written('to_time_string', '%H:%M:%S'),
  timestamp: ({ date }, args, named) => { bind(args, named, 'timestamp', []); return (date.ms * 1000 + date.us) / 1_000_000; },
  format: ({ date }, args, named) => bind(args, named, 'format', ['fmt']).text(0).replace(/\[[^\]]*\]|\\.|([A-Za-z])\1*/g, token => {
    if (/^[[\\]/.test(token)) { fail(`format does not know '${token}' here; use strftime`); }
    return PENDULUM[token] ? strftime(date, PENDULUM[token]) : fail(`format does not know '${token}' here; it knows ${Object.keys(PENDULUM).join(', ')}, or use strftime`);
  }),
};

export function momentAttribute(moment: Moment, name: string): Value {
  const { date, pendulum, dayOnly } = moment;
  if (PARTS.includes(name) && !(dayOnly && PARTS.indexOf(name) > 2)) { return BigInt(fields(date)[name]); }
  if (pendulum && !dayOnly && name === 'int_timestamp') { return BigInt(Math.floor(date.ms / 1000)); }
  if (pendulum && !dayOnly && name === 'quarter') { return BigInt(Math.ceil(fields(date).month / 3)); }
  if (pendulum && !dayOnly && name === 'day_of_year') { return BigInt(Number(strftime(date, '%j'))); }
  const method = METHODS[name] ?? (pendulum && !dayOnly ? PENDULUM_METHODS[name] : undefined);
  return method ? new Callable(name, (args, named) => method(moment, args, named))
    : fail(`'${name}' of a moment is not understood here; use strftime`);
}

export function deltaAttribute({ micros, between }: Delta, name: string): Value {
  if (between !== undefined && micros < 0) { fail('time that goes backwards is not understood here; subtract the earlier moment'); }
  const whole = (unit: string) => BigInt(Math.floor(micros / MICROS[unit]));
  if (name === 'days') { return whole('days'); }
  if (name === 'total_seconds') { return new Callable(name, (args, named) => { bind(args, named, name, []); return micros / MICROS.seconds; }); }
  if (between !== undefined && /^in_(?:weeks|days|hours|minutes|seconds)$/.test(name)) {
    // Days and weeks are of the calendar, from midnight to midnight.
    const count = name === 'in_days' ? BigInt(between) : name === 'in_weeks' ? BigInt(Math.floor(between / 7)) : whole(name.slice(3));
    return new Callable(name, (args, named) => { bind(args, named, name, []); return count; });
  }
  const rest = micros - Number(whole('days')) * MICROS.days;
  if (between === undefined && name === 'seconds') { return BigInt(Math.floor(rest / MICROS.seconds)); }
  if (between === undefined && name === 'microseconds') { return BigInt(rest % MICROS.seconds); }
  return fail(`'${name}' of a duration is not understood here; use total_seconds()`);
}

/** The class `datetime`. */
export const DATETIME = new Thing('macros.datetime', name => (name === 'strptime' ? new Callable(name, (args, named) => {
  const given = bind(args, named, name, ['date_string', 'format'], 2);
  return reading(() => new Moment(strptime(given.text(0), given.text(1)), false));
}) : fail(`'macros.datetime.${name}' is not understood here; macros.datetime(2026, 1, 31) and macros.datetime.strptime are`)), undefined, undefined, (args, named) => {
  const given = bind(args, named, 'macros.datetime', PARTS.map((part, i) => (i < 3 ? part : `${part}?`)));
  return reading(() => new Moment(makeDate(PARTS.map((_, i) => given.integer(i, 0)), true), false));
});

/** Airflow's `macros`, as far as they give the same wherever and whenever they are called. */
export const MACROS: { readonly [name: string]: Value } = {
  datetime: DATETIME,
  ds_add: new Callable('macros.ds_add', (args, named) => {
    const given = bind(args, named, 'macros.ds_add', ['ds', 'days']);
    const days = given.integer(1, 0);
    return days === 0 ? given.text(0) : reading(() => strftime(plusMicros(strptime(given.text(0), '%Y-%m-%d'), days * MICROS.days), '%Y-%m-%d'));
  }),
  ds_format: new Callable('macros.ds_format', (args, named) => {
    const given = bind(args, named, 'macros.ds_format', ['ds', 'input_format', 'output_format']);
    return reading(() => strftime(strptime(given.text(0), given.text(1)), given.text(2)));
  }),
  timedelta: new Callable('macros.timedelta', (args, named) => {
    const units = ['days', 'seconds', 'microseconds', 'milliseconds', 'minutes', 'hours', 'weeks'];
    const given = bind(args, named, 'macros.timedelta', units.map(unit => `${unit}?`));
    return new Delta(units.reduce((sum, unit, i) => {
      const value = given.has(i) ? numeric(given.value(i)) : 0n;
      if (value === undefined) { fail(`'${unit}' of macros.timedelta must be a number, got a value of type ${typeName(given.value(i))}`); }
      const total = sum + Number(value) * MICROS[unit];
      return Number.isSafeInteger(total) ? total : fail(`'${unit}' of macros.timedelta must be a number that makes whole microseconds`);
    }, 0));
  }),
};
