import { Writable } from 'node:stream';
import { main } from '../../src/cli';

export class Collector extends Writable {
  public text = '';
  constructor(private readonly heard: (text: string) => void = () => {}) { super(); }
  public _write(chunk: any, _: string, done: () => void): void { this.text += chunk; this.heard(String(chunk)); done(); }
}

/** Runs a command line and gives all that it said. */
export async function cli(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new Collector(), new Collector()];
  const code = await main(argv, { stdout, stderr });
  return { code, stdout: stdout.text, stderr: stderr.text };
}
