import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
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
  return !processRuns(Number(pid));
}

/** True while a process of this machine runs. One that ended and that nobody waits for (PID 1 of many containers does not) still has its number. */
export function processRuns(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
  try {
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    // Gone since the signal, or a system without /proc.
    return !existsSync('/proc/self/status');
  }
}
