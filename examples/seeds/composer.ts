import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { NodePool, PodTask, PodTaskProps } from 'cdk8s-airflow';

const LABEL = 'cloud.google.com/gke-nodepool';
const nodePools = (...pools: string[]): PodTaskProps['affinity'] => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: LABEL, operator: 'In', values: pools }] }] },
  },
});

/** The examples that Cloud Composer's documentation gives of KubernetesPodOperator. */
export class Composer extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id, { namespace: 'composer-user-workloads' });
    const task = (taskId: string, props: PodTaskProps) => new PodTask(this, taskId, { renderAs: 'PodTemplate', ...props });

    task('pod-ex-minimum', { name: 'pod-ex-minimum', cmds: ['echo'], image: 'gcr.io/gcp-runtimes/ubuntu_20_0_4' });
    // `config_file` is a matter of the connection: --context and KUBECONFIG of the runner, `taskOptions` of a DagFile.
    task('ex-kube-templates', {
      name: 'ex-kube-templates', image: 'bash', cmds: ['echo'], arguments: ['{{ ds }}'], envVars: { MY_VALUE: '{{ var.value.my_value }}' },
    });
    task('ex-kube-secrets', {
      name: 'ex-kube-secrets',
      image: 'gcr.io/gcp-runtimes/ubuntu_20_0_4',
      startupTimeoutSeconds: 300,
      secrets: [
        { deployType: 'env', deployTarget: 'SQL_CONN', secret: 'airflow-secrets', key: 'sql_alchemy_conn' },
        { deployType: 'volume', deployTarget: '/var/secrets/google', secret: 'service-account', items: [{ key: 'service-account.json', path: 'service-account.json' }] },
      ],
      envVars: { EXAMPLE_VAR: '/example/value', GOOGLE_APPLICATION_CREDENTIALS: '/var/secrets/google/service-account.json' },
    });
    // What the cluster has: a task that asks for another pool is an error at synth.
    new NodePool(this, 'pool-0', { labels: { [LABEL]: 'pool-0', disktype: 'ssd' } });
    new NodePool(this, 'pool-1', { labels: { [LABEL]: 'pool-1' } });
    task('ex-pod-affinity', {
      name: 'ex-pod-affinity', image: 'perl', cmds: ['perl'], arguments: ['-Mbignum=bpi', '-wle', 'print bpi(2000)'], affinity: nodePools('pool-0', 'pool-1'),
    });
    task('ex-all-configs', {
      name: 'pi',
      image: 'perl',
      cmds: ['perl'],
      arguments: ['-Mbignum=bpi', '-wle', 'print bpi(2000)'],
      secrets: [],
      labels: { 'pod-label': 'label-name' },
      startupTimeoutSeconds: 120,
      envVars: { EXAMPLE_VAR: '/example/value' },
      imagePullPolicy: 'Always',
      annotations: { key1: 'value1' },
      containerResources: { limits: { memory: '250M', cpu: '100m' } },
      doXcomPush: false,
      volumes: [],
      volumeMounts: [],
      affinity: {},
    });
  }
}
