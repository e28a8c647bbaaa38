/** Exit codes; the same as in the README. */
export const EXIT = { OK: 0, FAILED: 1, USAGE: 2, CLUSTER: 3, TIMEOUT: 124, INTERRUPTED: 130 } as const;

/** Where a command reads and writes. */
export interface Streams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}
