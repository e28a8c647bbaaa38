import { DAG_TASK_OPTIONS } from './dag-task-option-names';
import { didYouMean } from '../../pod/closest';
import { SCHEMA } from '../../pod/schema-data';
import { PropNames } from '../../private/known-props';
import { JobTaskProps } from '../job-task-props';
import { PodTaskProps } from '../pod-task-props';

export const POD_TASK_PROPS: PropNames<PodTaskProps> = {
  image: true,
  name: true,
  randomNameSuffix: true,
  taskId: true,
  baseContainerName: true,
  cmds: true,
  arguments: true,
  envVars: true,
  envFrom: true,
  configmaps: true,
  podRuntimeInfoEnvs: true,
  secrets: true,
  volumes: true,
  volumeMounts: true,
  initContainers: true,
  ports: true,
  containerResources: true,
  labels: true,
  annotations: true,
  namespace: true,
  serviceAccountName: true,
  automountServiceAccountToken: true,
  podTemplateFile: true,
  podTemplateDict: true,
  fullPodSpec: true,
  podOverride: true,
  unset: true,
  podMutations: true,
  doXcomPush: true,
  xcomMode: true,
  xcomSidecarContainerImage: true,
  xcomSidecarContainerSecurityContext: true,
  nodeSelector: true,
  tolerations: true,
  affinity: true,
  securityContext: true,
  containerSecurityContext: true,
  hardening: true,
  imagePullSecrets: true,
  imagePullPolicy: true,
  terminationMessagePolicy: true,
  activeDeadlineSeconds: true,
  terminationGracePeriod: true,
  runtimeClassName: true,
  priorityClassName: true,
  schedulername: true,
  hostnetwork: true,
  hostAliases: true,
  hostname: true,
  subdomain: true,
  dnspolicy: true,
  dnsConfig: true,
  startupTimeoutSeconds: true,
  onFinishAction: true,
  retries: true,
  dependsOn: true,
  renderAs: true,
  expand: true,
  expandKwargs: true,
};

const { expand, expandKwargs, ...WITHOUT_MAPPING } = POD_TASK_PROPS;

export const JOB_TASK_PROPS: PropNames<JobTaskProps> = {
  ...WITHOUT_MAPPING,
  jobTemplateFile: true,
  fullJobSpec: true,
  backoffLimit: true,
  completionMode: true,
  completions: true,
  manualSelector: true,
  parallelism: true,
  selector: true,
  suspend: true,
  ttlSecondsAfterFinished: true,
  waitUntilJobComplete: true,
  jobPollInterval: true,
  onKillPropagationPolicy: true,
  discoverPodsRetryNumber: true,
  unwrapSingle: true,
};

/** What people of KubernetesPodOperator, kubectl and older releases of the provider write. */
const OTHER_WORDS: { [prop: string]: string } = {
  command: "write 'cmds'",
  args: "write 'arguments'",
  env: "write 'envVars'",
  resources: "write 'containerResources'",
  k8sResources: "write 'containerResources'",
  nodeSelectors: "write 'nodeSelector'",
  hostNetwork: "write 'hostnetwork'",
  dnsPolicy: "write 'dnspolicy'",
  schedulerName: "write 'schedulername'",
  restartPolicy: "the pod of a task runs once; use 'retries'",
  xcomPush: "write 'doXcomPush'",
  isDeleteOperatorPod: "write onFinishAction: 'delete_pod' or 'keep_pod'",
  executionTimeout: "write 'activeDeadlineSeconds', or give '--timeout' to 'cdk8s-airflow run'",
  retryDelay: 'a further try begins at once',
  skipOnExitCode: 'the runner skips no task by its exit code: let the program end with 0',
  callbacks: "give functions to 'callbacks' of run()",
  progressCallback: "give 'progressCallback' to 'callbacks' of run()",
  pool: 'scheduling is left to Airflow',
  queue: 'scheduling is left to Airflow',
  triggerRule: 'a task starts when all that it waits for ended with success; other rules are left to Airflow',
  email: "write 'onFailure: [DagNotifier.email(…)]' of DagFile; the runner tells it by its exit code and 'onEvent' of run()",
  emailOnFailure: "write 'onFailure: [DagNotifier.email(…)]' of DagFile",
  emailOnRetry: "write 'onFailure: [DagNotifier.email(…)]' of DagFile",
  onFailureCallback: "write 'onFailure' of DagFile",
  dag: "give the task to 'tasks' of DagFile",
  params: "give '--params' to 'cdk8s-airflow run'; for a generated DAG write 'params' of DagFile",
  expand: 'only a PodTask can be mapped',
  expandKwargs: 'only a PodTask can be mapped',
  scheduleTimeoutSeconds: "'startupTimeoutSeconds' holds for scheduling, and again for the start",
};

/** Parameters of the operator that say how it works, not what its pod is. */
const OF_THE_RUNNER: { [reason: string]: string[] } = {
  "the connection is the runner's: see --context and KUBECONFIG of 'cdk8s-airflow run'": ['kubernetesConnId', 'inCluster', 'configFile', 'clusterContext'],
  'the runner watches the pod and polls nothing': ['startupCheckIntervalSeconds', 'baseContainerStatusPollingInterval', 'pollInterval', 'deferrable', 'triggerKwargs'],
  "logs are the runner's matter, not the manifest's": [
    'getLogs', 'containerLogs', 'initContainerLogs', 'loggingInterval', 'logFormatter', 'containerNameLogPrefixEnabled', 'logEventsOnFailure', 'logEventsOnStartup', 'logPodSpecOnFailure',
  ],
  'a runner with the same --run-id always takes over the pods of a run': ['reattachOnRestart', 'durable'],
};

/** What is wrong with the names of the props, which only TypeScript checks; undefined where nothing is. */
export function unknownProp(props: object, names: PropNames<any>, type: string): string | undefined {
  const unknown = Object.entries(props).find(([prop, value]) => value !== undefined && !Object.hasOwn(names, prop));
  if (unknown === undefined) { return undefined; }
  const camel = unknown[0].replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
  const ofTheRunner = Object.keys(OF_THE_RUNNER).find(text => OF_THE_RUNNER[text].includes(camel));
  const inDag = [camel === 'getLogs' ? 'logs' : camel, `${camel}Seconds`].find(option => Object.hasOwn(DAG_TASK_OPTIONS, option));
  const reason = [Object.hasOwn(OTHER_WORDS, camel) ? OTHER_WORDS[camel] : ofTheRunner, inDag && `for a generated DAG write '${inDag}' into 'taskOptions' of DagFile`]
    .filter(Boolean).join('; ');
  const hint = Object.hasOwn(names, camel) ? `; write '${camel}'`
    : reason !== '' ? `; ${reason}` : didYouMean(camel, Object.keys(names)) || fieldHint(camel, names);
  return `unknown prop '${unknown[0]}'${hint || `; see ${type} for those that there are`}`;
}

/** Where a field of Kubernetes stands that is no parameter of the operator. */
function fieldHint(prop: string, names: PropNames<any>): string {
  const ofJob = Object.hasOwn(names, 'fullJobSpec') && Object.hasOwn(SCHEMA.JobSpec, prop);
  if (ofJob) { return "; it is no parameter of the operator: write it into 'spec' of 'fullJobSpec'"; }
  if (!Object.hasOwn(names, 'podOverride')) { return ''; }
  if (Object.hasOwn(SCHEMA.PodSpec, prop)) { return "; it is no parameter of the operator: write it into 'spec' of 'podOverride' or 'fullPodSpec'"; }
  return Object.hasOwn(SCHEMA.Container, prop) ? "; it is no parameter of the operator: write it into the container of 'podOverride' or 'fullPodSpec'" : '';
}
