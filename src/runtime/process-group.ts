import { ChildProcess, ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

const running = new Set<ChildProcess>();

/**
 * Starts a command, without input, that ends with this process, but for one that a signal kills. Where no terminal is attached, it has a process group of
 * its own, so that {@link endGroup} reaches all that it started; where one is, it stays with it: it may ask there, and Ctrl-C reaches it.
 */
export function spawnGroup(command: string, args: string[], env: NodeJS.ProcessEnv): ChildProcessByStdio<null, Readable, Readable> {
  const detached = process.platform !== 'win32' && !process.stdin.isTTY && !process.stderr.isTTY;
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached });
  if (running.size === 0) { process.on('exit', endAll); }
  running.add(child);
  // One that could not be started is closed, too.
  child.once('close', () => {
    running.delete(child);
    if (running.size === 0) { process.off('exit', endAll); }
  });
  return child;
}

/** Kills a command, and what it started where it has a group of its own. */
export function endGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    // It has none, or nothing of it is left.
    child.kill('SIGKILL');
  }
}

function endAll(): void {
  running.forEach(endGroup);
}
