import { ComponentProps } from './component-props';

/** A DAG processor for some of the DAG bundles: a team's own, with its own accounts, resources and number of pods. */
export interface DagProcessorPool extends ComponentProps {
  /** The end of the names of its objects, `<name>-dag-processor-<pool>`. */
  readonly name: string;

  /** Names of the bundles that it parses, such as those of `DagBundles`; `dags-folder` is that of other sources of DAGs. */
  readonly bundles: string[];
}
