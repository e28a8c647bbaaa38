import { operators } from './operator-signatures.json';
import {
  CreateResourceTask, DagCluster, DagFile, DagFileProps, DeleteJobTask, EksClusterOptions, GkeClusterOptions, InstallKueueTask, JobTask, KueueJobTask,
  PatchJobTask, PodTask,
} from '../../src';
import { chart } from '../util';

const image = 'busybox:1';
const dag = (props: Partial<DagFileProps>, make = (c: any): any[] => [new PodTask(c, 'load', { image, renderAs: 'none', name: 'mine' })]) =>
  new DagFile({ dagId: 'd', tasks: make(chart({ namespace: 'team' })), ...props }).toPython();
/** The arguments of a call in a text, as they are written. */
const argumentsOf = (text: string, operator: string) => [...text.slice(text.indexOf(`= ${operator}(`)).split('\n    )')[0].matchAll(/^ {8}(\w+)=/gm)].map(match => match[1]);

const GKE: Required<GkeClusterOptions> = {
  location: 'europe-west3', clusterName: 'prod', projectId: 'p', gcpConnId: 'gcp', impersonationChain: ['a@p.iam.gserviceaccount.com'], useInternalIp: true, useDnsEndpoint: true,
};
const EKS: Required<EksClusterOptions> = { clusterName: 'prod', region: 'eu-central-1', awsConnId: 'aws' };

test('on GKE each task is the operator of GKE, with what the operator takes', () => {
  const text = dag({ cluster: DagCluster.gke(GKE), taskOptions: { deferrable: true } }, c => [
    new PodTask(c, 'pod', { image, renderAs: 'none' }), new JobTask(c, 'job', { image, renderAs: 'none' }), new KueueJobTask(c, 'queued', { image, renderAs: 'none', queueName: 'q' }),
    new DeleteJobTask(c, 'delete', { name: 'x', renderAs: 'none' }), new InstallKueueTask(c, 'install', { kueueVersion: 'v0.14.1' }),
    new CreateResourceTask(c, 'create', { yamlConf: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n', renderAs: 'none' }),
  ]);
  for (const operator of ['GKEStartPodOperator', 'GKEStartJobOperator', 'GKEStartKueueJobOperator', 'GKEDeleteJobOperator', 'GKEStartKueueInsideClusterOperator', 'GKECreateCustomResourceOperator'] as const) {
    expect(text).toContain(`from airflow.providers.google.cloud.operators.kubernetes_engine import ${operator}\n`);
    expect(argumentsOf(text, operator)).toEqual(expect.arrayContaining(['project_id', 'location', 'cluster_name', 'use_internal_ip', 'use_dns_endpoint', 'gcp_conn_id', 'impersonation_chain']));
    expect(operators[operator]).toEqual(expect.arrayContaining(['project_id', 'location', 'cluster_name', 'use_internal_ip', 'use_dns_endpoint', 'gcp_conn_id', 'impersonation_chain']));
  }
  expect(text).toContain('location="europe-west3"');
  expect(text).not.toContain('cncf');
});

test('on EKS a pod is EksPodOperator, which has another word for its name', () => {
  const text = dag({ cluster: DagCluster.eks(EKS) });
  expect(text).toContain('from airflow.providers.amazon.aws.operators.eks import EksPodOperator\n');
  const given = argumentsOf(text, 'EksPodOperator');
  expect(given).toEqual(expect.arrayContaining(['cluster_name', 'region', 'aws_conn_id', 'pod_name', 'on_finish_action']));
  expect(given).not.toContain('name');
  expect(given.filter(name => ![...operators.EksPodOperator, ...operators.KubernetesPodOperator, 'task_id'].includes(name))).toEqual([]);
  expect(text).toContain('pod_name="mine"');
});

test('a mapped task runs there, too', () => {
  expect(dag({ cluster: DagCluster.eks({ clusterName: 'prod' }) }, c => [new PodTask(c, 't', { image, renderAs: 'none', expand: { arguments: [['a'], ['b']] } })]))
    .toContain('EksPodOperator.partial(');
});

test.each<[string, () => unknown, string]>([
  ['no place', () => DagCluster.gke({ clusterName: 'x' } as any), "DagCluster.gke: 'location' must be a text, got undefined"],
  ['a name of Python', () => DagCluster.gke({ location: 'x', cluster_name: 'y' } as any), "DagCluster.gke: unknown prop 'cluster_name'; did you mean 'clusterName'?"],
  ['a number', () => DagCluster.eks({ clusterName: 'x', region: 5 as any }), "DagCluster.eks: 'region' must be a text, got 5"],
  ['a cluster that is a text', () => dag({ cluster: 'prod' as any }), "'cluster' must be a DagCluster, such as DagCluster.gke({ … }), got \"prod\""],
  ['a connection beside it', () => dag({ cluster: DagCluster.gke(GKE), taskOptions: { kubernetesConnId: 'k' } }), "'cluster' says where the task runs, and 'kubernetesConnId' again; remove one"],
  ['arguments of the trigger', () => dag({ cluster: DagCluster.eks(EKS), taskOptions: { triggerKwargs: {} } }), "EksPodOperator sets 'triggerKwargs' itself; remove it"],
  ['a Job on EKS', () => dag({ cluster: DagCluster.eks(EKS) }, c => [new JobTask(c, 't', { image, renderAs: 'none' })]),
    "task 't': there is no KubernetesJobOperator for EKS; put the task into a DagFile without 'cluster', with 'kubernetesConnId' in 'taskOptions'"],
  ['a patch on GKE', () => dag({ cluster: DagCluster.gke(GKE) }, c => [new PatchJobTask(c, 't', { name: 'x', body: { spec: { suspend: false } }, renderAs: 'none' })]),
    'there is no KubernetesPatchJobOperator for GKE'],
  ['names of a mapping on EKS', () => dag({ cluster: DagCluster.eks(EKS) }, c => [new PodTask(c, 't', { image, renderAs: 'none', expand: { name: ['a', 'b'] } })]),
    "EksPodOperator cannot be mapped over 'name'; leave it out"],
])('refused: %s', (_, make, message) => { expect(make).toThrow(message); });
