import { AirflowTask } from './airflow-task';
import * as kplus from '../private/kplus';

/**
 * The parameters of a {@link SparkTask}: SparkKubernetesOperator's own names in camelCase, with its meanings and defaults. The template keeps the operator's
 * own keys.
 *
 * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html#sparkkubernetesoperator
 */
export interface SparkTaskProps {
  /**
   * The template: `spark` holds the SparkApplication (`apiVersion`, `kind`, `metadata`, `spec`), `kubernetes` what its pods get beside it (`env_vars`,
   * `env_from`, `node_selector`, `affinity`, `tolerations`, `volumes`, `volume_mounts`, `config_map_mounts`, `from_env_config_map`, `from_env_secret`,
   * `image_pull_secrets`). Without the key `spark` it is the first section alone. `container_resources` of driver and executor become `cores`,
   * `coreLimit`, `memory` and `gpu`. All its texts may hold Jinja.
   *
   * @default - `applicationFile`
   * @see https://www.kubeflow.org/docs/components/spark-operator/reference/api-docs/
   */
  readonly templateSpec?: { [key: string]: any };

  /**
   * Path of a YAML or JSON file with the template; read at synth, from the working directory where it is relative. Jinja in it stands in quotes.
   *
   * @default - `templateSpec`
   */
  readonly applicationFile?: string;

  /**
   * Image of driver and executors. May hold Jinja.
   *
   * @default - `spec.image` of the template
   */
  readonly image?: string;

  /**
   * The program, such as `local:///opt/spark/app.py`: a path in the image, or a URL. May hold Jinja.
   *
   * @default - `spec.mainApplicationFile` of the template
   */
  readonly codePath?: string;

  /**
   * Name of the application, before the runner adds `-` and eight characters: letters, digits, `-`, `_` and `.`; made a DNS label and cut to 54.
   *
   * @default - `metadata.name` of the template, else the task id
   */
  readonly name?: string;

  /**
   * The task's id, unique in a run: letters, digits, `-`, `_` and `.`, at most 250. Not a parameter of the operator.
   *
   * @default - the construct's id
   */
  readonly taskId?: string;

  /**
   * Namespace of the application.
   *
   * @default - `metadata.namespace` of the template, else the chart's namespace, else the one the manifest is applied or run in
   */
  readonly namespace?: string;

  /**
   * Take the XCom that the driver writes to `/airflow/xcom/return.json`: the driver's pod gets the sidecar that the operator waits for and reads, and of
   * itself does not add. The Spark operator adds sidecars by its webhook, which must be on.
   *
   * @default false
   */
  readonly doXcomPush?: boolean;

  /**
   * Image of the sidecar.
   *
   * @default - the provider's
   */
  readonly xcomSidecarContainerImage?: string;

  /**
   * Security context of the sidecar.
   *
   * @default - what Pod Security `restricted` asks for; none with `hardening: false`
   */
  readonly xcomSidecarContainerSecurityContext?: kplus.k8s.SecurityContext | { [key: string]: any };

  /**
   * Refuse credentials in variables and arguments, and give the sidecar a restricted security context. Driver and executors are as the template says
   * either way. Not a parameter of the operator.
   *
   * @default true
   */
  readonly hardening?: boolean;

  /**
   * Seconds within which the driver must run.
   *
   * @default 600
   */
  readonly startupTimeoutSeconds?: number;

  /**
   * Delete the application, and with it its pods, when it has ended or the task is ended.
   *
   * @default true
   */
  readonly deleteOnTermination?: boolean;

  /**
   * Further tries after a failed one.
   *
   * @default 0
   */
  readonly retries?: number;

  /**
   * Tasks that must have ended with success first, beside those whose XCom this task uses. Not a parameter of the operator.
   *
   * @default - none
   */
  readonly dependsOn?: AirflowTask[];

  /**
   * The object that is synthesised: a `SparkApplication` runs as soon as it is applied; `none` synthesises nothing. Not a parameter of the operator.
   *
   * @default 'SparkApplication'
   */
  readonly renderAs?: 'SparkApplication' | 'none';
}
