import { AirflowImage } from '../../airflow/image';
import { TaskLogsBinding } from '../../logs/task-logs-binding';
import { Flow, Parts, Wire } from '../../private/component-graph';
import { container, logFolder } from '../../private/pod-parts';
import { shown } from '../../private/prop-types';
import { LogFilesProps } from '../log-files-props';

/** What the components need for logs. */
export interface DeploymentLogs {
  /** Where a process writes its log files. */
  readonly folder: Parts;
  /** The same for the user interface, which only reads them, where all pods share one volume. */
  readonly shared: Parts[];
  /** What every process needs, for it reads the whole logging configuration at its start. */
  readonly env: Parts[];
  /** The connection, for those who write or read on their own account: a task of Airflow 3 asks the API server for it. */
  readonly connection: Parts[];
  readonly flows: Flow[];
  /** True where those who write and read logs need an identity of a cloud. */
  readonly cloudIdentity: boolean;
  /** Beside a process that writes ever more files. */
  readonly groomer: Wire[];
}

/** The parts for logs of a deployment. */
export function deploymentLogs(binding: TaskLogsBinding | undefined, files: LogFilesProps, image: AirflowImage): DeploymentLogs {
  const { groomer = true, retentionDays = 15, frequencyMinutes = 15, sizeLimit = '10Gi' } = files;
  for (const [prop, value] of Object.entries({ retentionDays, frequencyMinutes })) {
    if (!Number.isInteger(value) || value < 1) { throw new Error(`'logFiles.${prop}' must be a whole number of at least 1, got ${shown(value)}`); }
  }
  if (!/^[1-9]\d*([KMGT]i?)?$/.test(sizeLimit)) { throw new Error(`'logFiles.sizeLimit' must be a quantity such as '10Gi', got '${sizeLimit}'`); }
  if (binding?.volume && files.sizeLimit !== undefined) {
    throw new Error("'logFiles.sizeLimit' is of folders inside the pods, and 'logs' is a volume with a size of its own; remove it");
  }
  const folder = logFolder(binding?.volume ?? { name: 'logs', emptyDir: { sizeLimit } }, binding?.subPath);
  return {
    folder,
    shared: binding?.volume ? [{ ...folder, volumeMounts: folder.volumeMounts!.map(mount => ({ ...mount, readOnly: true })) }] : [],
    env: binding ? [{ env: binding.env }] : [],
    connection: binding ? [{ env: binding.connection }] : [],
    flows: (binding?.peers ?? []).map((peer): Flow => ({ kind: 'host', ...peer })),
    cloudIdentity: binding?.cloudIdentity ?? false,
    groomer: !groomer ? [] : [container({
      name: 'log-groomer',
      image: image.reference,
      imagePullPolicy: image.pullPolicy,
      // Past the entrypoint, which would wait for the database. The image's script sleeps for minutes and traps SIGTERM, which bash as the first process
      // does only after the sleep: the pod would take its whole grace period to end. A `wait` is left at once, and the first process takes the others along.
      command: ['bash', '-c', 'trap "exit 0" TERM INT; bash /clean-logs & wait "$!"'],
      parts: [folder, {
        env: [
          { name: 'AIRFLOW__LOG_RETENTION_DAYS', value: String(retentionDays) },
          { name: 'AIRFLOW__LOG_CLEANUP_FREQUENCY_MINUTES', value: String(frequencyMinutes) },
        ],
      }],
      resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
    })],
  };
}
