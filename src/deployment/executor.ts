import { assertCeleryPropNames } from './private/prop-names';
import { WorkerPool } from './worker-pool';
import { CeleryBroker, CeleryResultBackend } from '../airflow/celery-broker';
import { AirflowVersion } from '../airflow/version';
import { assertImportPath } from '../pod/python';
import { hasMember, shown } from '../private/prop-types';

/** What CeleryExecutor needs. */
export interface CeleryExecutorProps {
  /** Where tasks wait for workers. */
  readonly broker: CeleryBroker;

  /**
   * Where the end of tasks is kept.
   *
   * @default - the metadata database, as with Airflow itself: its password is then on the workers, too
   */
  readonly resultBackend?: CeleryResultBackend;

  /**
   * The workers. On Airflow 3 those of a deployment with a `resultBackend` hold neither the metadata database nor the Fernet key.
   *
   * @default - one pool of one worker
   */
  readonly workers?: WorkerPool[];
}

type Kind = 'KubernetesExecutor' | 'LocalExecutor' | 'CeleryExecutor';

const MODULES: { [kind in Kind]: string } = {
  KubernetesExecutor: 'airflow.providers.cncf.kubernetes.executors.kubernetes_executor',
  LocalExecutor: 'airflow.executors.local_executor',
  CeleryExecutor: 'airflow.providers.celery.executors.celery_executor',
};

/**
 * Where Airflow runs its tasks.
 *
 * @see https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/executor/index.html
 */
export class Executor {
  /** Each task in a pod of its own, made by the scheduler from the deployment's worker pod template. */
  public static kubernetes(): Executor {
    return new Executor('KubernetesExecutor', ['KubernetesExecutor']);
  }

  /** Tasks as processes inside the scheduler's pods. */
  public static local(): Executor {
    return new Executor('LocalExecutor', ['LocalExecutor']);
  }

  /**
   * Tasks in workers that stay and take them from a broker.
   *
   * @see https://airflow.apache.org/docs/apache-airflow-providers-celery/stable/celery_executor.html
   */
  public static celery(props: CeleryExecutorProps): Executor {
    assertCeleryPropNames(props, 'Executor.celery');
    return new Executor('CeleryExecutor', ['CeleryExecutor'], props);
  }

  /**
   * Any other executor, such as that of a provider or one of your own: what it needs is not made here, and what it connects to is opened by
   * `networkPolicies.extraEgress: { scheduler: […] }`.
   *
   * @param classPath where Python imports it, such as `airflow.providers.amazon.aws.executors.ecs.AwsEcsExecutor`
   */
  public static of(classPath: string): Executor {
    assertImportPath(classPath, 'classPath');
    const known = (Object.keys(MODULES) as Kind[]).find(kind => classPath === `${MODULES[kind]}.${kind}`);
    if (known) { throw new Error(`'${classPath}' is Airflow's own; write Executor.${known.replace('Executor', '').toLowerCase()}(…)`); }
    return new Executor(classPath, []);
  }

  /**
   * Several: a task names its own with `executor`, by class name or alias; the first one runs the others. Each kind may be there once.
   *
   * @see https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/executor/index.html#using-multiple-executors-concurrently
   */
  public static multiple(executors: Executor[]): Executor {
    if (!Array.isArray(executors)) { throw new Error(`'Executor.multiple' takes a list of executors, got ${shown(executors)}`); }
    if (executors.length < 2) { throw new Error(`'Executor.multiple' takes at least two executors, got ${executors.length}; give the one itself`); }
    const other = executors.find(executor => !hasMember(executor, '_kinds'));
    if (other !== undefined) { throw new Error(`'Executor.multiple' takes executors, got ${shown(other)}`); }
    const kinds = executors.flatMap(executor => executor._kinds);
    const nested = executors.find(executor => executor._several);
    if (nested) { throw new Error(`'Executor.multiple' takes single executors, got '${nested.name}'; list its parts`); }
    const classes = executors.map(({ _classPath }) => _classPath.slice(_classPath.lastIndexOf('.') + 1));
    const twice = classes.find((name, i) => classes.indexOf(name) !== i);
    if (twice) { throw new Error(`'Executor.multiple' has ${twice} twice; remove one`); }
    const aliases = executors.flatMap(({ alias }) => alias ?? []);
    const again = aliases.find((alias, i) => aliases.indexOf(alias) !== i);
    if (again) { throw new Error(`'Executor.multiple' has the alias '${again}' twice; change one`); }
    return new Executor(executors.map(({ name }) => name).join(','), kinds, executors.find(({ _celery }) => _celery)?._celery);
  }

  /**
   * CeleryExecutor, and KubernetesExecutor for tasks of the queue `[celery_kubernetes_executor] kubernetes_queue`. Airflow 2 only.
   */
  public static celeryKubernetes(props: CeleryExecutorProps): Executor {
    assertCeleryPropNames(props, 'Executor.celeryKubernetes');
    return new Executor('CeleryKubernetesExecutor', ['CeleryExecutor', 'KubernetesExecutor'], props,
      'Executor.multiple([Executor.celery({ … }), Executor.kubernetes()])');
  }

  /**
   * LocalExecutor, and KubernetesExecutor for tasks of the queue `[local_kubernetes_executor] kubernetes_queue`. Airflow 2 only.
   */
  public static localKubernetes(): Executor {
    return new Executor('LocalKubernetesExecutor', ['LocalExecutor', 'KubernetesExecutor'], undefined,
      'Executor.multiple([Executor.local(), Executor.kubernetes()])');
  }

  /** The value of `[core] executor`. */
  public readonly name: string;

  /** The name that tasks may use for it. */
  public readonly alias?: string;

  /** @internal */
  public readonly _kinds: Kind[];

  /** @internal */
  public readonly _celery?: CeleryExecutorProps;

  /** What takes its place on Airflow 3, which does not have it. */
  private readonly successor?: string;

  private constructor(name: string, kinds: Kind[], celery?: CeleryExecutorProps, successor?: string, alias?: string) {
    this.name = name;
    this._kinds = kinds;
    this._celery = celery;
    this.successor = successor;
    this.alias = alias;
    if (celery && !celery.broker) { throw new Error("'broker' is missing; give one, such as CeleryBroker.redis({ host: 'redis' })"); }
    if (celery?.workers?.length === 0) { throw new Error("'workers' is empty; leave it out for one pool of one worker"); }
  }

  /** The same executor under a name of your own, for `Executor.multiple`. */
  public withAlias(alias: string): Executor {
    if (this._several) { throw new Error(`'${this.name}' stands for several executors; give the alias to one of them`); }
    if (!/^[A-Za-z_][\w-]*$/.test(alias) || alias in MODULES) {
      throw new Error(`an alias must be letters, digits, '_' and '-', and no executor of Airflow's, got '${alias}'`);
    }
    return new Executor(`${alias}:${this._classPath}`, this._kinds, this._celery, undefined, alias);
  }

  /** @internal */
  public get _several(): boolean {
    return this._kinds.length > 1 || this.name.includes(',');
  }

  /** @internal */
  public get _classPath(): string {
    const [kind] = this._kinds;
    return kind === undefined ? this.name.slice(this.name.indexOf(':') + 1) : `${MODULES[kind]}.${kind}`;
  }

  /** @internal */
  public _runs(kind: Kind): boolean {
    return this._kinds.includes(kind);
  }

  /** @internal */
  public _assertKnownTo(version: AirflowVersion): void {
    if (this.successor && !version._features.hybridExecutors) {
      throw new Error(`${this.name} does not exist in Airflow ${version}; use ${this.successor}`);
    }
  }
}
