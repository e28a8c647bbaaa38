import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import {
  AirflowTask, ClusterQueue, CreateResourceTask, DeleteJobTask, DeleteResourceTask, JobTask, KueueJobTask, LocalQueue, PatchJobTask, PodTask,
  ResourceFlavor, SparkTask,
} from 'cdk8s-airflow';

const IMAGE = 'localhost/busybox:1';
/** The ConfigMap that a task makes, and the one that a task deletes. */
export const MADE = 'made';
export const OLD = 'old';
/** What the last task returns. */
export const SUMMARY = '[0, 1] 1 spark';

/**
 * A task of each kind beside KubernetesPodOperator's, and a pod that sees their XComs.
 *
 * @param sidecar an image with procps, without which the operator cannot be sure to end it
 */
export function jobTasks(scope: Construct, namespace: string, sidecar: string): AirflowTask[] {
  const chart = new Chart(scope, 'jobs', { namespace });
  const flavor = new ResourceFlavor(chart, `${namespace}-flavor`, { nodeLabels: { 'kubernetes.io/os': 'linux' } });
  const cluster = new ClusterQueue(chart, `${namespace}-queue`, {
    resourceGroups: [{ coveredResources: ['cpu'], flavors: [{ name: flavor.name, resources: [{ name: 'cpu', nominalQuota: '1' }] }] }],
  });
  const queue = new LocalQueue(chart, 'queue', { clusterQueue: cluster.name });
  const containerResources = { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } };
  const sh = (script: string) => ({ image: IMAGE, cmds: ['sh', '-c', script], containerResources, renderAs: 'none' as const });
  const renderAs = 'none';
  const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {rows: '{{ params.rows }}'}\n`;

  const indexed = new JobTask(chart, 'indexed', {
    ...sh('echo $JOB_COMPLETION_INDEX > /airflow/xcom/return.json'), completionMode: 'Indexed', completions: 2, parallelism: 2, waitUntilJobComplete: true, doXcomPush: true,
  });
  const asleep = new JobTask(chart, 'asleep', { ...sh('true'), suspend: true });
  const job = { name: asleep.jobName, namespace: asleep.jobNamespace, renderAs } as const;
  const resume = new PatchJobTask(chart, 'resume', { ...job, body: { spec: { suspend: false } } });
  const tidy = new DeleteJobTask(chart, 'tidy', { ...job, deleteOnStatus: 'Complete', waitForCompletion: true, pollInterval: 2, dependsOn: [resume] });
  const create = new CreateResourceTask(chart, 'create', { yamlConf: configMap(MADE), renderAs });
  const remove = new DeleteResourceTask(chart, 'remove', { yamlConf: configMap(OLD), renderAs });
  const spark = new SparkTask(chart, 'spark', {
    templateSpec: {
      spark: {
        spec: {
          type: 'Python',
          sparkVersion: '3.5.3',
          image: IMAGE,
          mainApplicationFile: 'local:///app.py',
          arguments: ['echo "\\"spark\\"" > /airflow/xcom/return.json'],
          driver: { cores: 1, memory: '64m' },
          executor: { instances: 1, cores: 1, memory: '64m' },
        },
      },
    },
    doXcomPush: true,
    xcomSidecarContainerImage: sidecar,
    renderAs,
  });
  const queued = new KueueJobTask(chart, 'queued', { ...sh('true'), queueName: queue.name });
  const after = new DeleteJobTask(chart, 'after-queue', { name: queued.jobName, namespace: queued.jobNamespace, waitForCompletion: true, pollInterval: 2, renderAs });
  const check = new PodTask(chart, 'check', {
    ...sh('echo "\\"$EACH $PODS $SPARK\\"" > /airflow/xcom/return.json'),
    envVars: { EACH: indexed.output, PODS: resume.output.get('spec').get('parallelism'), SPARK: spark.output },
    doXcomPush: true,
    dependsOn: [tidy, create, remove, after],
  });
  return [indexed, asleep, resume, tidy, create, remove, spark, queued, after, check];
}
