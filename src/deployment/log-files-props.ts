/** Log files inside the pods. */
export interface LogFilesProps {
  /**
   * True where a sidecar deletes old files in pods that stay and write ever more of them.
   *
   * @default true
   */
  readonly groomer?: boolean;

  /**
   * Days after which the sidecar deletes a file.
   *
   * @default 15
   */
  readonly retentionDays?: number;

  /**
   * Minutes between two looks of the sidecar.
   *
   * @default 15
   */
  readonly frequencyMinutes?: number;

  /**
   * Size at which the kubelet ends a pod for its log files, before they fill the node's disk.
   *
   * @default '10Gi'
   */
  readonly sizeLimit?: string;
}
