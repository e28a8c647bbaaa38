import { EXIT, Streams } from './exit';
import { printable } from './text';
import { CancelledError, ConnectionError, ManifestError, RuntimeError } from '../runtime/errors';

/** Tells the user what went wrong and how to go on. A stack trace is for what nobody foresaw. @returns the exit code */
export function report(error: unknown, { stderr }: Streams): number {
  if (!(error instanceof RuntimeError)) {
    stderr.write(`error: unexpected: ${(error as Error).stack ?? error}\n`);
    return EXIT.FAILED;
  }
  stderr.write(`error: ${printable(error.message)}\n`);
  if (error.nextStep) { stderr.write(`  ${printable(error.nextStep)}\n`); }
  if (error instanceof CancelledError) { return error.why === 'timeout' ? EXIT.TIMEOUT : EXIT.INTERRUPTED; }
  return error instanceof ManifestError ? EXIT.USAGE : error instanceof ConnectionError ? EXIT.CLUSTER : EXIT.FAILED;
}
