import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import {
  AirflowImage, AirflowKubernetesDeployment, ConfigMapDags, DagFile, GitSyncDags, MetadataDatabase, PodMutation, PodTask, SecretRef,
  WorkerPodOverride,
} from 'cdk8s-airflow';

const resources = { limits: { memory: '1Gi', cpu: '1' }, requests: { memory: '500Mi', cpu: '0.5' } };

/** A blog's introduction to KubernetesPodOperator: a script in Python, and the same with an XCom that another task prints. */
export class PythonScript extends Chart {
  public readonly dag: DagFile;

  constructor(scope: Construct, id: string) {
    super(scope, id, { namespace: 'insighter-prod' });
    new PodTask(this, 'run_python_script_alone', {
      image: 'python:3.10-slim', cmds: ['python', '-c'], arguments: ['print("Hello, World!")'], containerResources: resources, renderAs: 'PodTemplate',
    });
    const runPython = new PodTask(this, 'run_python_script', {
      image: 'python:3.10-slim',
      onFinishAction: 'delete_pod',
      // A redirection needs a shell, and the XCom is JSON.
      cmds: ['sh', '-c', 'python -c \'print("\\"Hello, World!\\"")\' >> /airflow/xcom/return.json'],
      doXcomPush: true,
      containerResources: resources,
      renderAs: 'PodTemplate',
    });
    const result = new PodTask(this, 'pod_task_xcom_result', {
      image: 'busybox:1.37', cmds: ['sh', '-c'], arguments: [`echo "${runPython.output}"`], renderAs: 'PodTemplate',
    });
    this.dag = new DagFile({
      dagId: 'example_kubernetes_python', startDate: '2020-02-02', tags: ['example'], tasks: [runPython, result], taskOptions: { logs: true },
    });
  }
}

/** The DAG of an article about KubernetesExecutor 2.0, with the executor_config that it imports. */
const COVID_DAG = `import json
import os
from datetime import datetime

import requests
from airflow.decorators import dag, task
from pod_overrides import new_config


@dag("k8s_executor_example", schedule="@daily", start_date=datetime(2021, 1, 1), catchup=False)
def taskflow():
    @task(executor_config=new_config)
    def get_testing_increase():
        url = "https://covidtracking.com/api/v1/states/"
        res = requests.get(url + "{0}/current.json".format(os.environ["STATE"]))
        return {"testing_increase": json.loads(res.text)["totalTestResultsIncrease"]}

    get_testing_increase()


dag = taskflow()
`;

export const NEW_CONFIG = new WorkerPodOverride({
  name: 'new_config',
  pod: { metadata: { labels: { purpose: 'pod-override-example' } }, spec: { containers: [{ name: 'base', env: [{ name: 'STATE', value: 'wa' }] }] } },
});

/** A `pod_mutation_hook` as data: it comes last, and holds for pods of both. */
export const MUTATION = new PodMutation({
  name: 'tolerate-spot', merge: { metadata: { labels: { mutated: 'yes' } } }, set: { 'spec.tolerations[-]': { key: 'spot', operator: 'Exists' } },
});

/** Airflow as the two articles about KubernetesExecutor run it: DAGs from git with a sync of their own, or with an override beside the DAG. */
export class KubernetesExecutorBlogs extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id, { namespace: 'airflow' });
    const database = MetadataDatabase.postgres({ host: 'postgres', password: SecretRef.existing('airflow-database', 'password') });
    new AirflowKubernetesDeployment(this, 'git', {
      database,
      image: AirflowImage.of('registry.example.com/airflow-worker:1.2'),
      dags: new GitSyncDags({
        repo: 'https://github.com/team/dags.git',
        ref: 'main',
        username: SecretRef.existing('git-credentials', 'username'),
        token: SecretRef.existing('git-credentials', 'password'),
      }),
      config: {
        kubernetes_executor: { delete_worker_pods: true },
        core: { parallelism: 32, max_active_tasks_per_dag: 16, max_active_runs_per_dag: 16 },
      },
    });
    new AirflowKubernetesDeployment(this, 'override', {
      database,
      namespace: 'airflow-override',
      podMutations: [MUTATION],
      dags: new ConfigMapDags({ 'taskflow.py': COVID_DAG, 'pod_overrides.py': WorkerPodOverride.toPythonModule([NEW_CONFIG]) }),
    });
  }
}
