import { shown } from './prop-types';
import { ZONES } from './time-zones';

type Limits = readonly (readonly [least: number, most: number])[];

/** What may stand in the fields of a cron expression. */
interface Dialect {
  /** Least and most of minute, hour, day, month and day of the week, and of fields that may follow. */
  readonly fields: Limits;
  /** What else a field may be, by its place. */
  readonly special?: (field: number) => RegExp;
  /** A range may go over the end: from Friday to Monday. */
  readonly wraps: boolean;
}

const KUBERNETES: Dialect = { fields: [[0, 59], [0, 23], [1, 31], [1, 12], [0, 6]], wraps: false };
const NTH = '(l[0-7]|([0-7]|sun|mon|tue|wed|thu|fri|sat)#[1-5])';
/** Days: `?`, the last one, the working day next to one; days of the week: the last one of a month, the nth. `r` is by chance. */
const SPECIAL: { readonly [field: number]: RegExp } = {
  2: /^([?lr]|([1-9]|[12]\d|3[01])w)$/i,
  4: new RegExp(`^([?r]|${NTH}(,${NTH})*)$`, 'i'),
};
/** 7 is Sunday, too, and a second and a year may follow. */
const AIRFLOW: Dialect = {
  fields: [...KUBERNETES.fields.slice(0, 4), [0, 7], [0, 59], [1970, 2099]],
  special: field => SPECIAL[field] ?? /^r$/i,
  wraps: true,
};
const WORDS: { readonly [field: number]: readonly string[] } = {
  3: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  4: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
};

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
  return /^@(once|continuous|hourly|daily|midnight|weekly|monthly|quarterly|yearly|annually)$/.test(text) || isCron(text, AIRFLOW);
}

function isCron(text: string, { fields: limits, special, wraps }: Dialect): boolean {
  const fields = text.trim().split(/\s+/);
  return fields.length >= KUBERNETES.fields.length && fields.length <= limits.length && hasDay(fields)
    && fields.every((field, i) => special?.(i).test(field) || field.split(',').every(part => {
      // The last day of a month, in a list.
      if (special && i === 2 && /^l$/i.test(part)) { return true; }
      const match = PART.exec(part);
      const [least, most] = limits[i];
      const isWord = (value: string) => WORDS[i]?.includes(value.toLowerCase());
      const within = (value: string | undefined) => value === undefined || isWord(value) || (Number(value) >= least && Number(value) <= most);
      return match !== null && !(special && part.startsWith('?')) && within(match[1]) && within(match[2]) && (wraps || !(Number(match[1]) > Number(match[2])));
    }));
}

const PART = /^(?:[*?]|(\d+|[a-z]{3})(?:-(\d+|[a-z]{3}))?)(?:\/([1-9]\d*))?$/i;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** False where no month that is named has a day that is: `0 0 31 4,6 *` would wait for ever. With a day of the week, either is enough. */
function hasDay([, , days, months, weekdays]: string[]): boolean {
  if (!/(^|,)[*?](,|$)/.test(weekdays)) { return true; }
  const first = Math.min(...days.split(',').map(part => {
    const [, from, to] = PART.exec(part) ?? [];
    return from === undefined || Number(from) > Number(to) ? 1 : Number(from);
  }));
  return months.split(',').some(part => {
    const [, from, to, step] = PART.exec(part) ?? [];
    if (from === undefined) { return true; }
    const [least, most] = [from, to ?? (step === undefined ? from : '12')].map(month => WORDS[3].indexOf(month.toLowerCase()) + 1 || Number(month));
    return DAYS.some((length, i) => {
      const after = (i + 13 - least) % 12;
      return after <= (most + 12 - least) % 12 && after % Number(step ?? 1) === 0 && first <= length;
    });
  });
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
