/** Where the result leaves the pod. */
export const XCOM_MODES = ['native', 'airflow', 'termination'] as const;
export type XComMode = typeof XCOM_MODES[number];

/** The file that the base container writes: the same for every mode, and the provider's. */
export const XCOM_FILE = '/airflow/xcom/return.json';
export const XCOM_MOUNT_PATH = '/airflow/xcom';
export const XCOM_VOLUME_NAME = 'xcom';
export const XCOM_SIDECAR_NAME = 'airflow-xcom-sidecar';
/** The image of the provider's own sidecar (provider 10.25). */
export const XCOM_SIDECAR_IMAGE = 'alpine:3.24.2';
/** The largest result that is taken out of a pod, in bytes. */
export const XCOM_MAX_BYTES = 1024 * 1024;
/** What the kubelet keeps of all termination messages of a pod together, shared equally by its containers, in bytes. */
const POD_TERMINATION_BYTES = 12 * 1024;
/** What the kubelet keeps of one termination message, in bytes. */
const CONTAINER_TERMINATION_BYTES = 4096;
/** Room for the header line `v1 json LENGTH SHA256`. */
const HEADER_BYTES = 96;

/** The largest result that fits a termination message of a pod with so many containers (init containers count), in bytes. */
export function inlineXcomBytes(containers: number): number {
  return Math.min(CONTAINER_TERMINATION_BYTES, Math.floor(POD_TERMINATION_BYTES / containers)) - HEADER_BYTES;
}

// The scripts speak POSIX sh with busybox's applets (sha256sum, gzip, base64, fold, awk), because the sidecar's image is the user's to choose.
// They write one header line, then at most one payload of exactly the length that the header says:
//   v1 empty                      no file, or an empty one
//   v1 json BYTES SHA256 \n JSON  the file
//   v1 log BYTES SHA256           too long for the place: gzip, base64, in numbered lines `v1 N CHUNK` on stdout
//   v1 too-large BYTES | v1 not-a-file | v1 unreadable
const DESCRIBE = (inline: number) => [
  `f=${XCOM_FILE}`,
  'if [ -L $f ] || { [ -e $f ] && [ ! -f $f ]; }; then m="v1 not-a-file"',
  'elif [ ! -s $f ]; then m="v1 empty"',
  'elif [ ! -r $f ]; then m="v1 unreadable"',
  'else n=$(($(wc -c < $f))); m="v1 too-large $n"',
  `if [ $n -le ${XCOM_MAX_BYTES} ]; then h=$(sha256sum < $f); h=\${h%% *}; m="v1 log $n $h"`,
  `if [ $n -le ${inline} ]; then m="v1 json $n $h"; fi; fi; fi`,
].join('\n');

const emitTo = (target: string) => [
  'case $m in',
  `"v1 json "*) { echo "$m"; cat $f; } > ${target};;`,
  `"v1 log "*) gzip -c $f | base64 | tr -d '\\n' | fold -w 8000 | awk '{ print "v1 " NR " " $0 }'; echo "$m" > ${target};;`,
  `*) echo "$m" > ${target};;`,
  'esac',
].join('\n');

/** What the `native` sidecar runs: it waits for TERM, which the kubelet sends after all main containers ended, and writes its termination message. */
export function nativeSidecarScript(containers: number): string {
  return [
    'finish() {',
    DESCRIBE(inlineXcomBytes(containers)),
    emitTo('/dev/termination-log'),
    '}',
    "trap 'finish; exit 0' TERM INT",
    'while :; do sleep 3600 & wait $!; done',
  ].join('\n');
}

/** The provider's own sidecar script, to the letter: KubernetesPodOperator can end it, too. */
export const AIRFLOW_SIDECAR_SCRIPT = 'trap "exit 0" INT; while true; do sleep 1; done;';

/**
 * What the runner executes in the `airflow` sidecar, in one exec: it reads the file, and ends the sidecar when a line on stdin says that it has arrived. Where
 * the connection is cut before, the file can be read again. A kill that fails loses nothing.
 */
export function airflowReadScript(): string {
  return [
    DESCRIBE(XCOM_MAX_BYTES),
    'echo "$m"; case $m in "v1 json "*) cat $f;; esac',
    // The bracket keeps the pattern from finding this very command.
    'read arrived && for p in /proc/[0-9]*; do tr "\\0" " " < $p/cmdline | grep -q \'[t]rap "exit 0" INT\' && kill -INT ${p#/proc/}; done 2>/dev/null',
    'exit 0',
  ].join('\n');
}

/** The command of the base container in `termination` mode: the user's own command, then the result as the termination message, unless the command wrote one. */
export function terminationCommand(containers: number, command: string[]): string[] {
  const script = [
    // Set before the command starts, for TERM may come as early: $! is the command, once it runs.
    'trap \'[ -n "$!" ] || exit 143; t=1; kill -TERM $! 2>/dev/null\' TERM INT',
    '"$@" &',
    'wait $!; c=$?',
    // A TERM ends the wait, not the command. 127 and -1 are the shell's own: it has no other exit code than the first.
    'while [ -n "$t" ]; do t=; wait $! 2>/dev/null; s=$?; case $s in 127|-1) ;; *) c=$s;; esac; done',
    'if [ ! -s /dev/termination-log ]; then',
    DESCRIBE(inlineXcomBytes(containers)),
    'case $m in "v1 log "*) m="v1 too-large $n";; esac',
    emitTo('/dev/termination-log'),
    'fi',
    'exit $c',
  ].join('\n');
  return ['sh', '-c', script, 'sh', ...command];
}

/** One header line and its payload, as the scripts above write them. */
export type XComMessage =
  | { readonly kind: 'empty' | 'not-a-file' | 'unreadable' }
  | { readonly kind: 'too-large'; readonly bytes: number }
  | { readonly kind: 'log'; readonly bytes: number; readonly sha256: string }
  | { readonly kind: 'json'; readonly bytes: number; readonly sha256: string; readonly payload: Buffer };

/** Reads a header line and what follows it; undefined where the text is not such a message. The payload is not verified here. */
export function parseXcomMessage(message: Buffer): XComMessage | undefined {
  const end = message.indexOf(0x0a);
  const header = message.subarray(0, end < 0 ? message.length : end).toString('utf8');
  const match = /^v1 (?:(empty|not-a-file|unreadable)|(too-large) (\d+)|(json|log) (\d+) ([0-9a-f]{64}))$/.exec(header);
  if (!match) { return undefined; }
  if (match[1]) { return { kind: match[1] as 'empty' }; }
  if (match[2]) { return { kind: 'too-large', bytes: Number(match[3]) }; }
  const found = { bytes: Number(match[5]), sha256: match[6] };
  return match[4] === 'log' ? { kind: 'log', ...found } : { kind: 'json', ...found, payload: message.subarray(end + 1) };
}
