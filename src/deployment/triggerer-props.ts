import { StatefulComponentProps } from './stateful-component-props';
import { KedaScaling } from './worker-pool';

/** What can be set on the triggerer. */
export interface TriggererProps extends StatefulComponentProps {
  /**
   * Lets KEDA choose the number of pods by the triggers in the database: one pod for each `[triggerer] capacity` of them. KEDA must be installed; `replicas`
   * must not be given.
   *
   * @default - `replicas` pods
   */
  readonly keda?: KedaScaling;
}
