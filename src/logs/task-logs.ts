import { gcsLogs, GcsLogsProps, wasbLogs, WasbLogsProps } from './cloud-logs';
import { CloudWatchLogsProps, cloudWatchLogs, s3Logs, S3LogsProps } from './s3-logs';
import { elasticsearchLogs, ElasticsearchLogsProps, openSearchLogs, OpenSearchLogsProps } from './search-logs';
import { ITaskLogs } from './task-logs-binding';
import { volumeLogs, VolumeLogsProps } from './volume-logs';

/**
 * Where the logs of tasks are kept when their pods are gone.
 *
 * The credential of S3, GCS, WASB and CloudWatch is the Airflow connection `airflow_logs`, in the environment of those who need it: the user interface
 * and the triggerer, on Airflow 2 the task pods and a LocalExecutor scheduler as well. On Airflow 3 a task asks the API server for it.
 *
 * @see https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/logging-monitoring/logging-tasks.html
 */
export class TaskLogs {
  /** A bucket of AWS, MinIO or another server that speaks S3. The image needs the provider amazon. */
  public static s3(props: S3LogsProps): ITaskLogs {
    return s3Logs(props);
  }

  /** A log group of CloudWatch. The image needs the provider amazon. */
  public static cloudWatch(props: CloudWatchLogsProps): ITaskLogs {
    return cloudWatchLogs(props);
  }

  /** A bucket of Google Cloud Storage. The image needs the provider google. */
  public static gcs(props: GcsLogsProps): ITaskLogs {
    return gcsLogs(props);
  }

  /** A container of Azure Blob Storage. The image needs the provider microsoft.azure. */
  public static wasb(props: WasbLogsProps): ITaskLogs {
    return wasbLogs(props);
  }

  /** Elasticsearch. The image needs the provider elasticsearch; every process of Airflow holds the URL, task pods included. */
  public static elasticsearch(props: ElasticsearchLogsProps): ITaskLogs {
    return elasticsearchLogs(props);
  }

  /** OpenSearch. The image needs the provider opensearch; every process of Airflow holds user and password, task pods included. */
  public static openSearch(props: OpenSearchLogsProps): ITaskLogs {
    return openSearchLogs(props);
  }

  /** A volume that all pods share. */
  public static persistentVolumeClaim(props: VolumeLogsProps = {}): ITaskLogs {
    return volumeLogs(props);
  }

  private constructor() {}
}
