import { PodLayer } from './merge';
import { MutationData } from './mutation';
import { TaskParameters } from './task-parameters';
import { XComMode } from './xcom';

/** What the pod of a task is made of. */
export interface TaskPodOptions {
  /** The lower layers, lowest first. */
  readonly layers: readonly PodLayer[];
  readonly parameters: TaskParameters;
  readonly podOverride?: any;
  readonly unset?: readonly string[];
  /** Those that ask for labels of Airflow that are not known here are left to those who know them, and so are all after them. */
  readonly mutations?: readonly MutationData[];
  /** Labels of Airflow that are known. */
  readonly airflowLabels?: { readonly [label: string]: string };
  readonly baseContainerName: string;
  /** A run calls the base container otherwise; absent for false. */
  readonly lateBaseName?: boolean;
  readonly doXcomPush: boolean;
  readonly xcomMode: XComMode;
  readonly xcomSidecarContainerImage?: string;
  readonly xcomSidecarContainerSecurityContext?: any;
  readonly hardening: boolean;
  /** Volumes that whoever gets the pod adds. */
  readonly laterVolumes?: readonly string[];
}
