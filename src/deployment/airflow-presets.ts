import { ApiServerProps } from './api-server-props';
import { ComponentProps } from './component-props';
import { WorkerProps } from './worker-props';
import { AirflowVersion } from '../airflow/version';
import { hasMember, shown } from '../private/prop-types';

/** What a preset says: members of AirflowKubernetesDeploymentProps, for you to read, change and pass on. */
export interface AirflowPreset {
  /** The scheduler. */
  readonly scheduler: ComponentProps;

  /**
   * The API server.
   *
   * @default - none on Airflow 2
   */
  readonly apiServer?: ApiServerProps;

  /**
   * The webserver.
   *
   * @default - none on Airflow 3
   */
  readonly webserver?: ApiServerProps;

  /**
   * The DAG processor.
   *
   * @default - none of its own on Airflow 2
   */
  readonly dagProcessor?: ComponentProps;

  /** The triggerer. */
  readonly triggerer: ComponentProps;

  /**
   * The pods of tasks; leave it out under executors without task pods.
   *
   * @default - those of the deployment
   */
  readonly workers?: WorkerProps;

  /**
   * Tasks that each scheduler runs at the same time.
   *
   * @default 32, Airflow's own
   */
  readonly parallelism?: number;
}

/**
 * Sizes of a deployment under KubernetesExecutor, as plain props: `{ ...AirflowPresets.ha(), database, scheduler: { ...preset.scheduler, nodeSelector } }`.
 * A deployment without a preset has one pod of each component.
 */
export class AirflowPresets {
  /**
   * For one small node: the deployment with a development database and four tasks requests less than 3 GiB, and its limits without tasks are less than 6 GiB.
   *
   * @param version Airflow's version; 3.3 unless given
   */
  public static dev(version?: AirflowVersion): AirflowPreset {
    return {
      ...components(version, name => ({ resources: name === 'ui' ? sized('50m', '512Mi', '2Gi') : sized('50m', '256Mi', '1Gi') })),
      workers: { resources: sized('50m', '256Mi', '1Gi') },
      parallelism: 4,
    };
  }

  /**
   * For a team: two pods of the user interface, so that it and the API outlive the drain of a node, and room for some hundred DAGs.
   *
   * @param version Airflow's version; 3.3 unless given
   */
  public static standard(version?: AirflowVersion): AirflowPreset {
    return components(version, name => ({
      resources: name === 'ui' ? sized('500m', '1Gi', '3Gi') : sized('500m', '1Gi', '2Gi'),
      ...(name === 'ui' ? { replicas: 2 } : {}),
    }));
  }

  /**
   * For many teams: every component outlives the loss of a node and, where there are several, of a zone. The database has to do so, too.
   *
   * @param version Airflow's version; 3.3 unless given
   */
  public static ha(version?: AirflowVersion): AirflowPreset {
    return components(version, name => ({
      replicas: name === 'ui' ? 3 : 2,
      resources: sized('1', '2Gi', '4Gi'),
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' }],
    }));
  }

  private constructor() {}
}

function components(version: AirflowVersion = AirflowVersion.V3_3, make: (name: 'scheduler' | 'ui' | 'dag-processor' | 'triggerer') => ComponentProps): AirflowPreset {
  if (!hasMember(version, '_features')) { throw new Error(`'version' must be an AirflowVersion, such as AirflowVersion.V2_11, got ${shown(version)}`); }
  const { apiServer, separateDagProcessor } = version._features;
  return {
    scheduler: make('scheduler'),
    ...(apiServer ? { apiServer: make('ui') } : { webserver: make('ui') }),
    ...(separateDagProcessor ? { dagProcessor: make('dag-processor') } : {}),
    triggerer: make('triggerer'),
  };
}

/** No limit of CPU: a container that has to wait for its share again and again is slower than its neighbours need it to be. */
function sized(cpu: string, memory: string, limit: string) {
  return { requests: { cpu, memory }, limits: { memory: limit } };
}
