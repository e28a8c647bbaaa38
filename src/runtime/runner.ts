import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** The runners of this process that have not left. */
const living = new Set<string>();

/** A name that another runner can ask {@link runnerIsDead} about, until {@link leave}. */
export function enter(): string {
  const name = `${hostname()} ${process.pid} ${randomUUID()}`;
  living.add(name);
  return name;
}

export function leave(name: string): void {
  living.delete(name);
}

/** True where the runner of that name has surely ended: of one on another machine nobody can tell. */
export function runnerIsDead(name: string | undefined): boolean {
  const [host, pid] = (name ?? '').split(' ');
  if (host !== hostname()) { return false; }
  if (Number(pid) === process.pid) { return !living.has(name!); }
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
