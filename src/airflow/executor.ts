/**
 * Where Airflow runs its tasks.
 *
 * @see https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/executor/index.html
 */
export class Executor {
  /** Each task in a pod of its own, made by the scheduler from the deployment's worker pod template. */
  public static kubernetes(): Executor {
    return new Executor('KubernetesExecutor');
  }

  /** Tasks as processes inside the scheduler's pods. */
  public static local(): Executor {
    return new Executor('LocalExecutor');
  }

  /** Airflow's name for it, the value of `[core] executor`. */
  public readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }
}
