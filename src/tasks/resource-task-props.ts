import { ActionTaskProps } from './action-task-props';

/** What is said of objects that a task creates or deletes. One of `yamlConf` and `yamlConfFile` is needed. */
export interface ResourceTaskProps extends ActionTaskProps {
  /**
   * The objects as YAML: one or several documents, or a `List`. May hold Jinja, which is rendered before the YAML is read.
   *
   * @default - `yamlConfFile`
   */
  readonly yamlConf?: string;

  /**
   * Path of a file with the objects; read at synth, from the working directory where it is relative. May hold Jinja, other than the operator's.
   *
   * @default - `yamlConf`
   */
  readonly yamlConfFile?: string;

  /**
   * Namespace of objects that name none.
   *
   * @default - the chart's namespace, else the one that the run is for
   */
  readonly namespace?: string;

  /**
   * Whether the kinds are those of CustomResourceDefinitions, for the operator in a generated DAG, which then makes the plural of a kind by adding an `s`. The
   * runner asks the cluster.
   *
   * @default false
   */
  readonly customResourceDefinition?: boolean;

  /**
   * Whether such kinds have namespaces, for the operator in a generated DAG. The runner asks the cluster.
   *
   * @default true
   */
  readonly namespaced?: boolean;
}
