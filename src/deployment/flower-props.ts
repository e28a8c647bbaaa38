import { ComponentProps } from './component-props';
import { SecretRef } from '../airflow/secret-ref';
import { IExposure } from '../exposure/exposure-binding';

/** Flower, which shows Celery's workers and tasks, and can end both. */
export interface FlowerProps extends ComponentProps {
  /** Who may use it: `user:password`, several separated by commas. Flower knows no users of Airflow's. */
  readonly basicAuth: SecretRef;

  /**
   * How it is reached from the outside: another host or path than that of Airflow itself.
   *
   * @default - not at all; `kubectl port-forward` works
   */
  readonly exposure?: IExposure;
}
