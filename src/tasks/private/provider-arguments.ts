import { AirflowVersion } from '../../airflow/version';
import { PythonCall } from '../../pod/python';

/** Arguments of the operators that older providers refuse when they read the DAG: the prop, and the minor version 10.x that brought it. */
const SINCE: { readonly [argument: string]: readonly [prop: string, minor: number] } = {
  on_kill_action: ['onKillAction', 15],
  durable: ['reattachOnRestart', 20],
  log_events_on_startup: ['logEventsOnStartup', 25],
  xcom_sidecar_container_security_context: ['xcomSidecarContainerSecurityContext', 20],
};

/** Why the provider of Kubernetes would refuse what an operator is given; undefined where it would not. */
export function unknownToProvider({ args }: PythonCall, version: AirflowVersion, provider?: string): string | undefined {
  const has = provider ?? (version._isAtLeast('3.3') ? '10.22.0' : '10.14.0');
  const [major, minor] = has.split('.').map(Number);
  for (const [argument, value] of Object.entries(args)) {
    const [prop, since] = (value !== undefined && Object.hasOwn(SINCE, argument) && SINCE[argument]) || [];
    if (since !== undefined && (major - 10 || minor - since) < 0) {
      return `'${prop}' needs version 10.${since}.0 or newer of the provider of Kubernetes, ${provider ? "and 'kubernetesProvider' says" : `and Airflow ${version} is taken to have`} `
        + `${has}; remove it${provider ? '' : ", or set 'kubernetesProvider' to the version in your image"}`;
    }
  }
  return undefined;
}
