import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

/** It waits for the end of its input, which comes with the end of this process, however that ends. */
const SCRIPT = [
  "trap '' HUP INT TERM",
  'cat > /dev/null',
  'for group in "$0"/groups/[0-9]*; do kill -s KILL -- "-${group##*/}"; done 2> /dev/null',
  'rm -rf "$0"',
].join('\n');

/** A small process of its own that kills what containers left and removes their folder, also where this process is killed. */
export class Reaper {
  private readonly child;
  private readonly groups: string;

  /** @param root the folder that it removes */
  public constructor(root: string) {
    this.groups = path.join(root, 'groups');
    fs.mkdirSync(this.groups);
    this.child = spawn('/bin/sh', ['-c', SCRIPT, root], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    // It must not keep this process alive.
    this.child.unref();
    (this.child.stdin as unknown as { unref(): void }).unref();
  }

  /** Takes a process group on. */
  public add(group: number): void {
    fs.writeFileSync(path.join(this.groups, String(group)), '');
  }

  /** Forgets a process group that has ended. */
  public remove(group: number): void {
    fs.rmSync(path.join(this.groups, String(group)), { force: true });
  }

  /** Lets it do its work. */
  public async finish(): Promise<void> {
    this.child.ref();
    const ended = new Promise<void>(resolve => this.child.once('exit', () => resolve()));
    this.child.stdin.end();
    await ended;
  }
}
