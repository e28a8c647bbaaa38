import { kubectl } from './kubectl';
import { TestController } from './test-controller';
import { hardenContainerContext, hardenPodContext } from '../../src/pod/hardening';
import { SPARK_DRIVER_CONTAINER } from '../../src/pod/spark-application';
import { SPARK_APPLICATION } from '../../src/runtime/spark-kind';

/**
 * Plays the Spark operator in a namespace: a driver's pod for each application, whose one argument is a line of shell in place of a program, and the states
 * that the operator gives an application as that pod goes on.
 */
export class SparkController extends TestController {
  /** States that were given, in their order. */
  public readonly states: string[] = [];
  private readonly seen = new Set<string>();
  private readonly ended = new Set<string>();

  constructor(namespace: string) {
    super(namespace, 'spark-controller');
    this.watch(SPARK_APPLICATION, '', { seen: application => this.submit(application) });
    this.watch({ apiVersion: 'v1', kind: 'Pod', plural: 'pods' }, 'spark-role=driver', { seen: pod => this.follow(pod) });
  }

  private submit(application: any): void {
    const { name, uid, labels } = application.metadata;
    if (this.seen.has(uid) || application.metadata.deletionTimestamp) { return; }
    this.seen.add(uid);
    const { spec } = application;
    if (labels?.refuse) { return this.say(name, 'FAILED', { errorMessage: `failed to run spark-submit for SparkApplication ${name}` }); }
    const { env, volumeMounts, sidecars = [] } = spec.driver;
    kubectl(['create', '-n', this.namespace, '-f', '-'], JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${name}-driver`,
        labels: { ...spec.driver.labels, 'spark-role': 'driver', 'sparkoperator.k8s.io/app-name': name },
        ownerReferences: [{ apiVersion: application.apiVersion, kind: application.kind, name, uid, controller: true }],
      },
      spec: {
        restartPolicy: 'Never',
        securityContext: hardenPodContext(),
        volumes: spec.volumes,
        containers: [
          { name: SPARK_DRIVER_CONTAINER, image: spec.image, command: ['sh', '-c', spec.arguments[0]], env, volumeMounts, securityContext: hardenContainerContext() },
          ...sidecars,
        ],
      },
    }));
    this.say(name, 'SUBMITTED');
  }

  private follow(pod: any): void {
    const name = pod.metadata.labels['sparkoperator.k8s.io/app-name'];
    const state = pod.status?.containerStatuses?.find((status: any) => status.name === SPARK_DRIVER_CONTAINER)?.state;
    const next = state?.terminated ? (state.terminated.exitCode === 0 ? 'COMPLETED' : 'FAILED') : state?.running ? 'RUNNING' : undefined;
    const key = `${name} ${next === 'RUNNING' ? next : 'end'}`;
    if (next === undefined || this.ended.has(key) || pod.metadata.deletionTimestamp) { return; }
    this.ended.add(key);
    const { exitCode, reason } = state.terminated ?? {};
    this.say(name, next, next === 'FAILED' ? { errorMessage: `driver container failed with ExitCode: ${exitCode}, Reason: ${reason}` } : {});
  }

  private say(name: string, state: string, more: any = {}): void {
    this.states.push(state);
    const status = { applicationState: { state, ...more }, driverInfo: { podName: `${name}-driver` } };
    kubectl(['patch', 'sparkapplication', name, '-n', this.namespace, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]);
  }
}
