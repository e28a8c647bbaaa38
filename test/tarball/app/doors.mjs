// The three doors open for ES modules, with named imports.
import { AirflowKubernetesDeployment, PodTask } from 'cdk8s-airflow';
import { run } from 'cdk8s-airflow/runtime';
import { EmbeddedCluster } from 'cdk8s-airflow/testing';

for (const door of [AirflowKubernetesDeployment, PodTask, run, EmbeddedCluster]) {
  if (typeof door !== 'function') { throw new Error(`not a function: ${door}`); }
}
