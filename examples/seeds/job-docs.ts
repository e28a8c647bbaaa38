import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { ClusterQueue, DagFile, DeleteJobTask, InstallKueueTask, JobTask, KueueJobTask, LocalQueue, PatchJobTask, ResourceFlavor } from 'cdk8s-airflow';

const PI = { image: 'perl:5.34.0', cmds: ['perl', '-Mbignum=bpi', '-wle', 'print bpi(2000)'] };

/** The examples of the documentation of KubernetesJobOperator and its siblings, and of Kueue, in one DAG. */
export class JobDocs extends Chart {
  public readonly dag: DagFile;
  public readonly kueueJob: KueueJobTask;

  constructor(scope: Construct, id: string) {
    super(scope, id, { namespace: 'default' });
    const job = new JobTask(this, 'job-task', { ...PI, name: 'test-pi' });
    // It starts when it is patched; the documentation patches, and in another namespace deletes, a Job that nothing holds back.
    const deferred = new JobTask(this, 'job-task-def', { ...PI, name: 'test-pi-def', suspend: true });
    const update = new PatchJobTask(this, 'update-job-task', {
      name: deferred.jobName, namespace: deferred.jobNamespace, body: { spec: { suspend: false } },
    });
    const remove = new DeleteJobTask(this, 'delete_job_task', {
      name: job.jobName, namespace: job.jobNamespace, waitForCompletion: true, deleteOnStatus: 'Complete', pollInterval: 1,
    });

    const flavor = new ResourceFlavor(this, 'default-flavor', {});
    const queue = new ClusterQueue(this, 'cluster-queue', {
      resourceGroups: [{ coveredResources: ['cpu', 'memory'], flavors: [{ name: flavor.name, resources: [{ name: 'cpu', nominalQuota: 9 }, { name: 'memory', nominalQuota: '36Gi' }] }] }],
    });
    const local = new LocalQueue(this, 'local-queue', { clusterQueue: queue.name });
    const install = new InstallKueueTask(this, 'install_kueue', { kueueVersion: 'v0.9.1' });
    const kueue = { ...PI, queueName: local.name, suspend: true, containerResources: { requests: { cpu: '1', memory: '200Mi' } } };
    // As the documentation has it: the runner waits for its pods; the operator looks for them at once, and fails where Kueue has not let it in yet.
    this.kueueJob = new KueueJobTask(this, 'kueue_job', { ...kueue, name: 'test-pi-kueue', waitUntilJobComplete: true });
    this.dag = new DagFile({
      dagId: 'example_kubernetes_job',
      startDate: '2024-01-01',
      tasks: [job, deferred, update, remove, install, new KueueJobTask(this, 'kueue_job_dag', { ...kueue, name: 'test-pi-kueue-dag' })],
    });
  }
}
