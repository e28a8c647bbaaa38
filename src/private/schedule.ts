import { shown } from './prop-types';

type Limits = readonly (readonly [least: number, most: number])[];

/** What may stand in the fields of a cron expression. */
interface Dialect {
  /** Least and most of minute, hour, day, month and day of the week, and of fields that may follow. */
  readonly fields: Limits;
  /** What else a part of a field may be. */
  readonly special?: RegExp;
  /** A range may go over the end: from Friday to Monday. */
  readonly wraps: boolean;
}

const KUBERNETES: Dialect = { fields: [[0, 59], [0, 23], [1, 31], [1, 12], [0, 6]], wraps: false };
/** 7 is Sunday, too, and a second and a year may follow. */
const AIRFLOW: Dialect = {
  fields: [...KUBERNETES.fields.slice(0, 4), [0, 7], [0, 59], [1970, 2099]],
  special: /^([lr]|l[0-7]|\d+w|(\d|[a-z]{3})#[1-5])$/i,
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
  return fields.length >= KUBERNETES.fields.length && fields.length <= limits.length && fields.every((field, i) => field.split(',').every(part => {
    if (special?.test(part)) { return true; }
    const match = /^(?:[*?]|(\d+|[a-z]{3})(?:-(\d+|[a-z]{3}))?)(?:\/[1-9]\d*)?$/i.exec(part);
    const [least, most] = limits[i];
    const isWord = (value: string) => WORDS[i]?.includes(value.toLowerCase());
    const within = (value: string | undefined) => value === undefined || isWord(value) || (Number(value) >= least && Number(value) <= most);
    return match !== null && within(match[1]) && within(match[2]) && (wraps || !(Number(match[1]) > Number(match[2])));
  }));
}

/**
 * The name of a time zone. Kubernetes and Airflow look it up as a file, so that capitals count.
 *
 * @throws Error for another text
 */
export function timeZone(name: string, path: string): string {
  const known = typeof name === 'string' && /^[A-Za-z][\w+-]*(\/[\w+-]+)*$/.test(name) && isZone(name);
  const exact = known ? Intl.supportedValuesOf('timeZone').find(zone => zone.toLowerCase() === name.toLowerCase()) : undefined;
  if (!known || (exact !== undefined && exact !== name)) {
    throw new Error(`'${path}' must be the name of a time zone such as 'Europe/Berlin' or 'Etc/UTC', got ${shown(name)}${exact ? `; write '${exact}'` : ''}`);
  }
  return name;
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
