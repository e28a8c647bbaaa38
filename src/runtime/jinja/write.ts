import { isoFormat, strftime } from '../dates';
import { defined, Delta, fail, isEmpty, Markup, Moment, repr, Value } from './values';

/** As Python's `str()`, which is what Jinja puts into a text. */
export function str(value: Value): string {
  if (isEmpty(value)) { return ''; }
  defined(value);
  if (typeof value === 'string') { return value; }
  if (value instanceof Markup) { return value.text; }
  if (value instanceof Moment) { return value.dayOnly ? strftime(value.date, '%Y-%m-%d') : isoFormat(value.date, ' '); }
  if (value instanceof Delta) { return deltaText(value); }
  return repr(value);
}

function deltaText({ micros, between }: Delta): string {
  if (between) { fail('the time between two moments is written in words by Airflow; use .total_seconds() or .days'); }
  const day = 86_400_000_000;
  const days = Math.floor(micros / day);
  const rest = micros - days * day;
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const time = `${Math.floor(rest / 3_600_000_000)}:${two(rest / 60_000_000 % 60)}:${two(rest / 1_000_000 % 60)}`;
  const fraction = rest % 1_000_000;
  return `${days === 0 ? '' : `${days} day${Math.abs(days) === 1 ? '' : 's'}, `}${time}${fraction ? `.${String(fraction).padStart(6, '0')}` : ''}`;
}
