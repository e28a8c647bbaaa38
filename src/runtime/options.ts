import { PodCallbacks } from './callbacks';
import { Connection } from './connection';
import { RenderContext } from './context';
import { ManifestError } from './errors';
import { RunEvent } from './events';
import { didYouMean } from '../pod/closest';
import { shown } from '../pod/shown';

export interface RunOptions {
  /** The cluster. @default - the one of `kubeconfig` and `context` */
  readonly connection?: Connection;
  /** A kubeconfig file. @default - KUBECONFIG, then ~/.kube/config, then the service account of the pod this runs in */
  readonly kubeconfig?: string;
  /** A context of the kubeconfig. @default - its current context */
  readonly context?: string;
  /** The namespace of manifests that name none; one that names another is an error. @default - the connection's, else 'default' */
  readonly namespace?: string;
  /**
   * Identifies the run: under the same id nothing that was started is started a second time, and what is done, failures too, is not repeated, as far
   * as the pods in the cluster and the {@link journal} know. Where both are gone (another working directory, pods deleted) the tasks run again.
   * @default - made of the time, for a run that is not taken up again
   */
  readonly runId?: string;
  /**
   * The DAG that the pods are of: they carry Airflow's labels, templates may name it, and mutations with `dagIds` select by it.
   * @default - none
   */
  readonly dagId?: string;
  /** Run only these tasks and what they wait for. @default - all */
  readonly tasks?: string[];
  /** The logical date that templates name (`{{ ds }}`), ISO 8601; UTC where it has no offset. @default - none: naming it is an error */
  readonly logicalDate?: string;
  /** What else templates name: params, variables, connections … @default - nothing beside the run, the task and the XComs of other tasks */
  readonly templateContext?: RenderContext;
  /** Aborting it deletes the pods that run and ends the run with the state `cancelled`. */
  readonly signal?: AbortSignal;
  /**
   * Seconds after which the run ends with the state `timeout`, its pods deleted. Where the credentials are still read then, `run` rejects with
   * {@link CancelledError}.
   *
   * @default - no limit
   */
  readonly timeoutSeconds?: number;
  /** Told of everything that happens. What it throws becomes a warning of the process and does not end the run. */
  readonly onEvent?: (event: RunEvent) => void;
  /** KubernetesPodOperator's callbacks, each called for every pod of a `PodTask`. @default - none */
  readonly callbacks?: readonly PodCallbacks[];
  /** Follow the logs of the base containers, and of an init container that failed, and pass them to {@link onEvent}, a line of more than 1 MiB in pieces. @default true */
  readonly logs?: boolean;
  /** The file that lets a restarted run know what is done; `false` for none. @default - with a `runId` .cdk8s-airflow/RUN-ID.jsonl in the working directory, else none */
  readonly journal?: string | false;
  /** Tasks that run at the same time. @default 16 */
  readonly concurrency?: number;
  /** The header User-Agent. @default - cdk8s-airflow/VERSION */
  readonly userAgent?: string;
}

interface Rule {
  readonly must: string;
  readonly holds: (value: any) => boolean;
}

const isObject = (value: any): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
const TEXT: Rule = { must: 'a string that is not empty', holds: value => typeof value === 'string' && value.trim() !== '' };
const FLAG: Rule = { must: 'true or false', holds: value => typeof value === 'boolean' };
const RULES: { readonly [name in keyof RunOptions]-?: Rule } = {
  connection: { must: "an object with 'server'", holds: value => isObject(value) && typeof value.server === 'string' },
  kubeconfig: TEXT,
  context: TEXT,
  namespace: TEXT,
  runId: TEXT,
  dagId: TEXT,
  tasks: { must: 'a list of task ids', holds: value => Array.isArray(value) && value.every(id => typeof id === 'string') },
  logicalDate: TEXT,
  templateContext: { must: 'an object', holds: isObject },
  signal: { must: 'an AbortSignal', holds: value => isObject(value) && typeof value.addEventListener === 'function' },
  timeoutSeconds: { must: 'a number above 0', holds: value => typeof value === 'number' && value > 0 },
  onEvent: { must: 'a function', holds: value => typeof value === 'function' },
  callbacks: { must: 'a list of objects with functions', holds: value => Array.isArray(value) && value.every(isObject) },
  logs: FLAG,
  journal: { must: 'a path or false', holds: value => value === false || TEXT.holds(value) },
  concurrency: { must: 'a whole number above 0', holds: value => Number.isInteger(value) && value > 0 },
  userAgent: TEXT,
};

/** @throws ManifestError for an option that is unknown or of a wrong type */
export function checkOptions(options: RunOptions): void {
  const names = Object.keys(RULES);
  for (const [name, value] of Object.entries(options)) {
    if (!names.includes(name)) {
      throw new ManifestError(`run() has no option '${name}'${didYouMean(name, names)}`, `its options are: ${names.map(known => `'${known}'`).join(', ')}`);
    }
    const { must, holds } = RULES[name as keyof RunOptions];
    if (value !== undefined && !holds(value)) {
      // A connection may hold a token, and what templates name a password.
      const got = name !== 'connection' && name !== 'templateContext' ? shown(value) : isObject(value) ? 'one without it' : Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`;
      throw new ManifestError(`'${name}' must be ${must}, got ${got}`, 'leave it out for the default');
    }
  }
}
