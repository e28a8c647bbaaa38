import { join } from 'node:path';
import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { PodTask, PodTaskProps, SparkTask } from 'cdk8s-airflow';

/** Objects of the cluster, as the provider's own documentation gives them to its operator. */
export const CLUSTER_OBJECTS = {
  secrets: [
    // A key has no effect on a volume: `items` mounts it alone.
    { deployType: 'volume', deployTarget: '/etc/sql_conn', secret: 'airflow-secrets', items: [{ key: 'sql_alchemy_conn', path: 'sql_alchemy_conn' }] },
    { deployType: 'env', deployTarget: 'SQL_CONN', secret: 'airflow-secrets', key: 'sql_alchemy_conn' },
    { deployType: 'env', secret: 'airflow-secrets-2' },
  ],
  volumeMounts: [{ name: 'test-volume', mountPath: '/root/mount_file', readOnly: true }],
  envFrom: [{ configMapRef: { name: 'test-configmap-1' } }, { configMapRef: { name: 'test-configmap-2' } }],
  volumes: [{ name: 'test-volume', persistentVolumeClaim: { claimName: 'test-volume' } }],
  ports: [{ name: 'http', containerPort: 80 }],
  initContainers: [{
    name: 'init-container',
    image: 'ubuntu:16.04',
    env: [{ name: 'key1', value: 'value1' }, { name: 'key2', value: 'value2' }],
    volumeMounts: [{ mountPath: '/etc/foo', name: 'test-volume', readOnly: true }],
    command: ['bash', '-cx'],
    args: ['echo 10'],
  }],
  affinity: {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions: [{ key: 'disktype', operator: 'In', values: ['ssd'] }] } }],
    },
    podAffinity: {
      // A weighted term is a preference.
      preferredDuringSchedulingIgnoredDuringExecution: [{
        weight: 1,
        podAffinityTerm: {
          labelSelector: { matchExpressions: [{ key: 'security', operator: 'In', values: ['S1'] }] }, topologyKey: 'topology.kubernetes.io/zone',
        },
      }],
    },
  },
  tolerations: [{ key: 'key', operator: 'Equal', value: 'value' }],
} satisfies Partial<PodTaskProps>;

/** The examples of the documentation of KubernetesPodOperator and SparkKubernetesOperator, with what they lack. */
export class OperatorDocs extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id, { namespace: 'default' });
    const task = (taskId: string, props: PodTaskProps) => new PodTask(this, taskId, { renderAs: 'PodTemplate', ...props });

    task('dry_run_demo', {
      name: 'hello-dry-run', image: 'debian', cmds: ['bash', '-cx'], arguments: ['echo 10'], labels: { foo: 'bar' }, doXcomPush: true,
    });
    task('cluster-objects', { image: 'ubuntu:16.04', cmds: ['bash', '-cx'], arguments: ['cat /root/mount_file/*'], ...CLUSTER_OBJECTS });
    task('task-two', {
      name: 'airflow-private-image-pod',
      image: 'quay.io/apache/bash',
      imagePullSecrets: [{ name: 'testquay' }],
      cmds: ['bash', '-cx'],
      // One line for the shell; what follows it would be the script's own arguments.
      arguments: ['echo 10; pwd'],
      labels: { foo: 'bar' },
      onFinishAction: 'delete_pod',
    });
    task('kubernetes_task_async_log', {
      // As printed, the namespace has underscores, which no namespace can have.
      namespace: 'kubernetes-task-async-log',
      name: 'astro_k8s_test_pod',
      image: 'ubuntu',
      cmds: ['bash', '-cx', 'i=0; while [ $i -ne 100 ]; do i=$(($i+1)); echo $i; sleep 1; done; mkdir -p /airflow/xcom/; '
        + 'echo \'{"message": "good afternoon!"}\' > /airflow/xcom/return.json'],
      doXcomPush: true,
    });
    const writeXcom = task('write-xcom', {
      image: 'alpine', cmds: ['sh', '-c', "mkdir -p /airflow/xcom/;echo '[1,2,3,4]' > /airflow/xcom/return.json"], doXcomPush: true, onFinishAction: 'delete_pod',
    });
    // The documentation pulls it with a BashOperator.
    task('pod_task_xcom_result', { image: 'alpine', cmds: ['sh', '-c'], arguments: [`echo "{{ task_instance.xcom_pull('${writeXcom.taskId}')[0] }}"`] });
    task('test_error_message', {
      name: 'test-error-message',
      image: 'alpine',
      cmds: ['/bin/sh'],
      arguments: ['-c', 'echo hello world; echo Custom error > /dev/termination-log; exit 1;'],
    });

    for (const [taskId, applicationFile] of [['spark_task', 'spark_job_template.yaml'], ['spark_task_json', 'spark_job_template.json']]) {
      new SparkTask(this, taskId, {
        image: 'gcr.io/spark-operator/spark-py:v3.1.1', codePath: 'local:///path/to/spark/code.py', applicationFile: join(__dirname, applicationFile),
      });
    }
  }
}
