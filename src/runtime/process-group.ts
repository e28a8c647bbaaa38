import { ChildProcess, ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** What ends this process where nobody listens to it. */
const SIGNALS: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const running = new Set<ChildProcess>();

/**
 * Starts a command, without input, in a process group of its own, which {@link endGroup} reaches with all that the command started. A terminal's Ctrl-C does not, so a command that
 * still runs is ended when this process is, but for one that is killed.
 */
export function spawnGroup(command: string, args: string[], env: NodeJS.ProcessEnv): ChildProcessByStdio<null, Readable, Readable> {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: process.platform !== 'win32' });
  if (running.size === 0) {
    process.on('exit', endAll);
    SIGNALS.forEach(signal => process.on(signal, signalled));
  }
  running.add(child);
  // One that could not be started is closed, too.
  child.once('close', () => {
    running.delete(child);
    if (running.size > 0) { return; }
    process.off('exit', endAll);
    SIGNALS.forEach(signal => process.off(signal, signalled));
  });
  return child;
}

/** Kills a command and what it started. */
export function endGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    // Nothing of it is left, or the system has no groups.
    child.kill('SIGKILL');
  }
}

function endAll(): void {
  running.forEach(endGroup);
}

/** Whoever else listens decides what the signal does, and may need what the command gives; with nobody else this process ends, as it would without us. */
function signalled(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) { return; }
  endAll();
  process.off(signal, signalled);
  process.kill(process.pid, signal);
}
