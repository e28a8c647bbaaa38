import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { PodTask } from 'cdk8s-airflow';
import type { PodCallbacks } from 'cdk8s-airflow/runtime';

/**
 * The callback of the documentation: a Service for each pod, which goes with its pod. `run(dist, { callbacks: [SERVICE_OF_POD] })` calls it; in a DAG it is
 * a class of Python, which `callbacks` of `taskOptions` names.
 */
export const SERVICE_OF_POD = {
  onPodCreation: async ({ pod: { apiVersion, kind, metadata: { name, namespace, labels, uid } }, client }) => {
    await client.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: name!, namespace, labels, ownerReferences: [{ apiVersion, kind, name: name!, uid, controller: true, blockOwnerDeletion: true }],
      },
      spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 80 }] },
    });
  },
} satisfies PodCallbacks;

/** What the callback needs of the cluster: `extraRules` of `podLaunching` give it to the tasks of an Airflow. */
export const SERVICE_RULES = [{ apiGroups: [''], resources: ['services'], verbs: ['create'] }];

/** The task of that example. */
export class Callback extends Chart {
  constructor(scope: Construct, id: string, image = 'alpine') {
    super(scope, id);
    new PodTask(this, 'test_callback', {
      image, cmds: ['/bin/sh'], arguments: ['-c', 'echo hello world'], name: 'test-callback', labels: { app: 'test-callback' }, renderAs: 'PodTemplate',
    });
  }
}
