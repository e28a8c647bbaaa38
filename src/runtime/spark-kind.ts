import { ownTexts } from './job-kind';
import type { ObjectEnd, ObjectKind } from './object-kind';
import { Manifest } from '../pod/manifest';
import { SPARK_API_VERSION, SPARK_APPLICATION_NAME, SPARK_DRIVER_CONTAINER, SPARK_KIND } from '../pod/spark-application';

/** States before the Spark operator has submitted anything. */
const NEW = ['', 'NEW'];

/**
 * The Spark operator's SparkApplication: its state is the truth, and its driver's pod speaks for it.
 *
 * @see https://www.kubeflow.org/docs/components/spark-operator/reference/api-docs/
 */
export const SPARK_APPLICATION: ObjectKind = {
  apiVersion: SPARK_API_VERSION,
  kind: SPARK_KIND,
  plural: 'sparkapplications',
  controller: 'the Spark operator',
  problem: ({ spec }) => spec?.driver === undefined || spec.executor === undefined ? "has no 'driver' or no 'executor' in 'spec'"
    : spec.mainApplicationFile === undefined ? "has no 'mainApplicationFile'" : undefined,
  image: ({ spec }) => spec.driver.image ?? spec.image,
  mapTexts: (application, render) => ({ ...ownTexts(application, render), spec: mapAll(application.spec, 'spec', render) }),
  withPodLabels: (application, labels) => onPods(application, ({ labels: own, ...pod }) => ({ ...pod, labels: { ...own, ...labels } })),
  ofOperator: (application, { kubernetes_pod_operator: isOperator, airflow_version: _, airflow_kpo_in_cluster: __, ...labels }) => {
    const all = isOperator === undefined ? labels : { ...labels, spark_kubernetes_operator: isOperator };
    const name = { name: SPARK_APPLICATION_NAME, value: application.metadata.name };
    return onPods(application, ({ env = [], labels: own, ...pod }) => ({
      ...pod,
      ...(Object.keys({ ...own, ...all }).length > 0 ? { labels: { ...own, ...all } } : {}),
      env: env.some((variable: any) => variable.name === SPARK_APPLICATION_NAME) ? env : [...env, name],
    }));
  },
  // It has none: `timeToLiveSeconds` counts from its end.
  withBackstop: application => application,
  reading: ({ status }) => {
    const { state = '', errorMessage } = status?.applicationState ?? {};
    return { accepted: !NEW.includes(state), idle: null, end: ending(state, errorMessage) };
  },
  isTaskPod: (pod, application) => pod.metadata.labels?.['spark-role'] === 'driver' && isOf(pod, application),
  baseContainer: () => SPARK_DRIVER_CONTAINER,
  succeededPods: ({ status }) => status?.applicationState?.state === 'COMPLETED' ? 1 : 0,
  xcoms: () => ({}),
};

/**
 * `SUBMISSION_FAILED`, `FAILING` and `PENDING_RERUN` are on the way to another attempt or to `FAILED`, as `restartPolicy` says. `UNKNOWN` is what the
 * operator says while it does not see the driver's node.
 */
function ending(state: string, message: string | undefined): ObjectEnd | null {
  if (state === 'COMPLETED') { return { failure: null, reason: null, message: null }; }
  if (state !== 'FAILED') { return null; }
  // What was never submitted has no pod that could say more.
  const failure = /spark-submit|submission/i.test(message ?? '') ? 'config' : 'unknown';
  return { failure, reason: 'SparkApplicationFailed', message: message || 'the Spark operator gives no reason' };
}

/** The application with driver and executor changed. */
function onPods(application: Manifest, change: (pod: any) => any): Manifest {
  const { driver, executor } = application.spec;
  return { ...application, spec: { ...application.spec, driver: change(driver), executor: change(executor) } };
}

/** The operator that submits the application names its pods so; Spark itself makes them, without an owner. */
function isOf(pod: Manifest, application: Manifest): boolean {
  const { labels, name, ownerReferences } = pod.metadata;
  return labels?.['sparkoperator.k8s.io/app-name'] === application.metadata.name
    || name === (application.status?.driverInfo?.podName ?? `${application.metadata.name}-driver`)
    || (ownerReferences?.some((owner: any) => owner.uid === application.metadata.uid) ?? false);
}

/** The template is rendered whole. */
function mapAll(value: any, path: string, render: (text: string, path: string) => string): any {
  if (typeof value === 'string') { return render(value, path); }
  if (Array.isArray(value)) { return value.map((item, i) => mapAll(item, `${path}[${i}]`, render)); }
  if (value === null || typeof value !== 'object') { return value; }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapAll(item, `${path}.${key}`, render)]));
}
