import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { KpoCase, normalised, podOf, taskOf } from './kpo';

/** A task's template file, and the pod that the real operator built of it with `do_xcom_push=True`. */
export interface RecordedTemplate {
  readonly asked: KpoCase;
  readonly file: string;
  readonly pod: any;
}

const pushing = (kpo: KpoCase): KpoCase => ({ ...kpo, kwargs: { ...kpo.kwargs, do_xcom_push: true } });

/** The case in which the operator gets the task's template file, and what a file cannot say. */
export function templateCase(kpo: KpoCase): KpoCase {
  const file = taskOf(pushing(kpo)).toPodTemplateFile();
  const { terminationMessagePolicy } = parse(file).spec.containers[0];
  return {
    id: `file of ${kpo.id}`,
    kwargs: {
      pod_template_file: 'task.yaml',
      do_xcom_push: true,
      termination_message_policy: terminationMessagePolicy,
      ...(kpo.kwargs.random_name_suffix === false ? { random_name_suffix: false } : {}),
      ...(kpo.kwargs.base_container_name ? { base_container_name: kpo.kwargs.base_container_name } : {}),
      ...(kpo.kwargs.xcom_sidecar_container_security_context
        ? { xcom_sidecar_container_security_context: kpo.kwargs.xcom_sidecar_container_security_context } : {}),
    },
    files: { 'task.yaml': file },
    ...(kpo.run ? { run: kpo.run } : {}),
  };
}

/** Whether the operator's pod is the one that PodTask makes of the same parameters. */
export function templateVerdict(kpo: KpoCase, pod: any): 'equal' | { ours: any; theirs: any } {
  const ours = podOf(pushing(kpo));
  const namespace = ours.metadata.namespace !== undefined;
  const suffix = kpo.kwargs.random_name_suffix !== false;
  const both = { ours: normalised(withTextQuantities(ours), { namespace, suffix: false }), theirs: normalised(pod, { namespace, suffix }) };
  return isDeepStrictEqual(both.ours, both.theirs) ? 'equal' : both;
}

/** The operator reads every quantity of a file as text, which is the same to Kubernetes. */
export function withTextQuantities(pod: any): any {
  const ofResources = (key: string, value: any) => ['limits', 'requests'].includes(key) && value !== null && typeof value === 'object'
    ? Object.fromEntries(Object.entries(value).map(([name, amount]) => [name, String(amount)])) : key === 'sizeLimit' ? String(value) : value;
  return JSON.parse(JSON.stringify(pod), ofResources);
}
