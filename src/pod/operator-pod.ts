import { hasJinja } from './jinja';
import { parsePodPath, podPathText, podTexts } from './pod-path';
import { BASE_CONTAINER } from './task-parameters';
import { taskPod } from './task-pod';
import { TaskPodOptions } from './task-pod-options';
import { XCOM_MOUNT_PATH, XCOM_SIDECAR_NAME, XCOM_VOLUME_NAME } from './xcom';

/**
 * The pod of a task as it is handed to KubernetesPodOperator, which adds volume, mount and sidecar of the XCom itself; metadata and spec.
 *
 * @param pushes true where the operator adds them
 * @throws Error where the task has a volume or mount of its own at their place: the operator would add a second one, which the API server refuses.
 */
export function operatorPod(options: TaskPodOptions, pushes: boolean): { metadata: any; spec: any } {
  const ofSidecar = (container: any) => container.name === XCOM_SIDECAR_NAME;
  const others = (containers: any[] | undefined) => containers?.filter(container => !ofSidecar(container));
  const { podOverride } = options;
  const pod = taskPod({
    ...options,
    doXcomPush: false,
    // A file is text: what has a name only in a run cannot wait for it there.
    lateBaseName: false,
    laterVolumes: pushes ? [XCOM_VOLUME_NAME] : [],
    podOverride: podOverride?.spec && {
      ...podOverride,
      spec: { ...podOverride.spec, containers: others(podOverride.spec.containers), initContainers: others(podOverride.spec.initContainers) },
    },
    unset: options.unset?.filter(path => parsePodPath(path)[2] !== XCOM_SIDECAR_NAME),
  });
  const own = [
    ...(pod.spec.volumes ?? []).filter((volume: any) => volume.name === XCOM_VOLUME_NAME).map(() => `the volume '${XCOM_VOLUME_NAME}'`),
    ...(pod.spec.containers[0].volumeMounts ?? []).filter((mount: any) => mount.mountPath.replace(/\/+$/, '') === XCOM_MOUNT_PATH)
      .map(() => `a mount at '${XCOM_MOUNT_PATH}'`),
    ...[...pod.spec.containers, ...pod.spec.initContainers ?? []].filter(ofSidecar).map(() => `a container '${XCOM_SIDECAR_NAME}'`),
  ];
  if (pushes && own.length > 0) {
    throw new Error(`the task has ${own[0]} of its own, and KubernetesPodOperator would add a second one, which Kubernetes refuses; rename or remove it`);
  }
  return pod;
}

/**
 * The pod of a task as the content of a `pod_template_file`: the container that runs the task is the first one and is called `base`.
 *
 * @throws Error for Jinja, which the operator does not render in a file; for a second container `base`; for parts of the XCom.
 */
export function templateFilePod(options: TaskPodOptions): { metadata: any; spec: any } {
  const { metadata, spec } = operatorPod(options, true);
  const jinja = podTexts({ metadata, spec }).find(({ text }) => hasJinja(text));
  if (jinja) {
    throw new Error(`a template file would hold Jinja at '${podPathText(jinja.path)}', where KubernetesPodOperator does not render it: `
      + `${jinja.text.slice(0, 80)}; put the task into a DagFile, or give the operator this parameter in the DAG`);
  }
  const [base, ...others] = spec.containers;
  if (others.some((container: any) => container.name === BASE_CONTAINER)) {
    throw new Error(`Airflow calls the first container of a template file '${BASE_CONTAINER}', and another one of the task is called so; rename that one`);
  }
  return { metadata, spec: { ...spec, containers: [{ ...base, name: BASE_CONTAINER }, ...others] } };
}
