import { shown } from './prop-types';
import { ZONES } from './time-zones';

interface Dialect {
  /** Least and most of minute, hour, day, month and day of the week, and of fields that may follow. */
  readonly limits: readonly (readonly [least: number, most: number])[];
  /** Airflow's croniter: random values, the last day, the nth one, the working day next to one, and ranges that go over the end. */
  readonly extended: boolean;
}

/** What may stand in the fields of a cron expression. */
const KUBERNETES: Dialect = { limits: [[0, 59], [0, 23], [1, 31], [1, 12], [0, 6]], extended: false };
/** 7 is Sunday, too, and a second and a year may follow. */
const AIRFLOW: Dialect = { limits: [...KUBERNETES.limits.slice(0, 4), [0, 7], [0, 59], [1970, 2099]], extended: true };
const [DAY, MONTH, WEEKDAY, YEAR] = [2, 3, 4, 6];
const WORDS: { readonly [field: number]: readonly string[] } = {
  [MONTH]: ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  [WEEKDAY]: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
};

/** A field of a cron expression. */
interface Field {
  /** It has a `*`, whatever else. */
  all: boolean;
  readonly values: Set<number>;
  /** `L`, the last day of a month. */
  last: boolean;
  /** `15W`, the working day next to one. */
  near?: number;
  /** `2#3` and `L2`, the nth day of the week of a month, whose last one is 0. */
  readonly nth: [weekday: number, nth: number][];
}

/** True for what Kubernetes takes for the schedule of a CronJob. */
export function isCronJobSchedule(text: unknown): boolean {
  return typeof text === 'string'
    && (/^@(yearly|annually|monthly|weekly|daily|midnight|hourly|every [\d.]+(ns|us|µs|ms|s|m|h).*)$/.test(text) || isCron(text, KUBERNETES));
}

/**
 * True for what Airflow takes for the schedule of a DAG.
 *
 * @see https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/cron.html
 */
export function isDagSchedule(text: string): boolean {
  // Airflow's own names, and croniter's.
  return /^@(once|continuous|quarterly)$/.test(text) || /^@(hourly|daily|midnight|weekly|monthly|yearly|annually)$/i.test(text) || isCron(text, AIRFLOW);
}

function isCron(text: string, dialect: Dialect): boolean {
  const texts = text.toLowerCase().match(/[^ \t-\r]+/g) ?? [];
  if (texts.length < KUBERNETES.limits.length || texts.length > dialect.limits.length) { return false; }
  const fields = texts.map((field, i) => fieldOf(field, i, dialect));
  return fields.every(field => field !== undefined) && hasDay(fields as Field[]);
}

function fieldOf(text: string, i: number, dialect: Dialect): Field | undefined {
  const { limits: { [i]: [least, most] }, extended } = dialect;
  const field: Field = { all: false, values: new Set(), last: false, nth: [] };
  if (extended && text === '?' && (i === DAY || i === WEEKDAY)) { return { ...field, all: true }; }
  if (extended && text.startsWith('r')) {
    const values = random(text, i, dialect);
    return values && { ...field, values: new Set(values) };
  }
  const parts = text.split(',');
  for (const part of parts) {
    const [, weekdays, nth] = (extended && i === WEEKDAY && /^(?:(\w+|[a-z]{3}-[a-z]{3})#([1-5])|l[0-7])$/.exec(part)) || [];
    const [, near] = (extended && i === DAY && parts.length === 1 && /^w?0*([1-9]|[12]\d|3[01])w?$/.exec(part)) || [];
    if (nth !== undefined) {
      const days = range(weekdays, i, dialect);
      if (days === undefined) { return undefined; }
      field.nth.push(...days.map((day): [number, number] => [day, Number(nth)]));
    } else if (extended && i === WEEKDAY && /^l[0-7]$/.test(part)) {
      field.nth.push([Number(part[1]) % 7, 0]);
    } else if (near !== undefined && /^(w\d+|\d+w)$/.test(part)) {
      field.near = Number(near);
    } else if (extended && i === DAY && part === 'l') {
      field.last = true;
    } else if (part === '*' || (!extended && part === '?')) {
      field.all = true;
    } else {
      const values = range(part, i, dialect);
      if (values === undefined || values.some(value => value < least || value > most)) { return undefined; }
      values.forEach(value => field.values.add(value));
    }
  }
  // Days of the week beside nth ones are refused, but for the same ones; and where croniter counts seven, it takes them for all.
  const others = [...field.values].filter(value => !field.nth.some(([day]) => day === value));
  const counted = new Set([...others, ...field.nth.map(([day]) => day)]).size + (field.all ? 1 : 0);
  return field.nth.length > 0 && others.length > 0 && counted !== 7 ? undefined : field;
}

/** The values of one part: a value, a range, all of them, each with a step or without; undefined for what is none. */
function range(text: string, i: number, { limits: { [i]: [least, most] }, extended }: Dialect): number[] | undefined {
  const [, from, to, every] = /^(\*|\?|\d+|[a-z]{3})(?:-(\d+|[a-z]{3}|l))?(?:\/(\d+))?$/.exec(text) ?? [];
  const step = Number(every ?? 1);
  const valueOf = (word: string) => {
    const value = /^\d+$/.test(word) ? Number(word) : WORDS[i]?.indexOf(word) ?? -1;
    return i === WEEKDAY && value === 7 && extended ? 0 : value;
  };
  const steps = (first: number, end: number) => Array.from({ length: Math.max(0, Math.floor((end - first) / step) + 1) }, (_, k) => first + k * step);
  const isAll = from === '*' || (from === '?' && !extended);
  if (from === undefined || step === 0 || (isAll && to !== undefined)) { return undefined; }
  const last = i === WEEKDAY ? 6 : most;
  let low = isAll ? least : valueOf(from);
  let high = to === 'l' ? (extended && i === DAY ? most : -1) : to !== undefined ? valueOf(to) : isAll || every !== undefined ? last : low;
  if (low < 0 || high < 0 || low > most || high > most || (low > high && !extended)) { return undefined; }
  // A range from one to the same is all of them.
  if (extended && to !== undefined && low === high) { [low, high] = [least, last]; }
  if (low <= high) { return steps(low, high); }
  // Beyond the end as croniter counts, which is one more than the step where a step goes over it.
  const before = steps(low, last);
  const left = last - before[before.length - 1];
  return [...before, ...steps(least + (step > left + 1 ? step - left : 0), high)];
}

/** The values of which croniter draws for `R`, `R(1-5)` and `R/2`; undefined for what is none of them. */
function random(text: string, i: number, { limits: { [i]: [least, most] } }: Dialect): number[] | undefined {
  const [match, from = least, to = most, step = 1] = /^r(?:\((\d+)-(\d+)\))?(?:\/(\d+))?$/.exec(text) ?? [];
  if (match === undefined || Number(from) >= Number(to) || Number(from) < least || Number(to) > most || Number(step) === 0) { return undefined; }
  return Array.from({ length: Number(to) - Number(from) + 1 }, (_, k) => i === WEEKDAY ? (Number(from) + k) % 7 : Number(from) + k);
}

/** False where no day is ever meant: the scheduler of Airflow fails for `0 0 31 4,6 *`, and a CronJob waits for ever. */
function hasDay(fields: readonly Field[]): boolean {
  const { [DAY]: days, [MONTH]: months, [WEEKDAY]: weekdays, [YEAR]: years } = fields;
  const within = ({ all, values }: Field, value: number) => all || values.has(value);
  const some = (isMeant: (date: Date, length: number) => boolean) => {
    for (let year = 1970; year < 2100; year += 1) {
      if (years && !within(years, year)) { continue; }
      for (let month = 1; month <= 12; month += 1) {
        if (!within(months, month)) { continue; }
        const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
        for (let day = 1; day <= length; day += 1) {
          if (isMeant(new Date(Date.UTC(year, month - 1, day)), length)) { return true; }
        }
      }
    }
    return false;
  };
  const isDay = (date: Date, length: number) => days.near !== undefined ? date.getUTCDate() === workingDay(date, Math.min(days.near, length), length)
    : within(days, date.getUTCDate()) || (days.last && date.getUTCDate() === length);
  const isNth = (date: Date, length: number) => weekdays.nth.some(([weekday, nth]) => weekday === date.getUTCDay()
    && (nth === 0 ? date.getUTCDate() > length - 7 : Math.ceil(date.getUTCDate() / 7) === nth));
  const isWeekday = (date: Date, length: number) => weekdays.nth.length > 0 ? isNth(date, length) : within(weekdays, date.getUTCDay());
  // A day or a day of the week, either is enough; but croniter asks for both where one of them is `2#3`, `L5` or `15W`.
  const either = !days.all && !weekdays.all && weekdays.nth.length === 0 && days.near === undefined;
  return either ? some(isDay) || some(isWeekday) : some((date, length) => isDay(date, length) && isWeekday(date, length));
}

/** The working day next to a day, in the same month. */
function workingDay(month: Date, day: number, length: number): number {
  const weekday = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth(), day)).getUTCDay();
  if (weekday === 6) { return day === 1 ? 3 : day - 1; }
  return weekday === 0 ? (day === length ? day - 2 : day + 1) : day;
}

/**
 * The name of a time zone. Kubernetes and Airflow look it up as a file, so that capitals count.
 *
 * @throws Error for another text
 */
export function timeZone(name: string, path: string): string {
  if (!ZONES.has(name)) {
    const exact = typeof name === 'string' ? [...ZONES].find(zone => zone.toLowerCase() === name.toLowerCase()) : undefined;
    throw new Error(`'${path}' must be the name of a time zone such as 'Europe/Berlin' or 'Etc/UTC', got ${shown(name)}${exact ? `; write '${exact}'` : ''}`);
  }
  return name;
}
