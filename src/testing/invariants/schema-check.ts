import { at, nameOf } from './manifests';
import { Check, Finding } from './violation';
import { toWire, typeOfKind } from '../../pod/schema';

/** Every key and value is one of Kubernetes 1.34. Custom resources are not looked into. */
export const kubernetesSchema: Check = ({ objects, pods }) => [
  ...objects.flatMap((object): Finding[] => {
    const type = typeOfKind(object.apiVersion, object.kind);
    return type === undefined ? [] : problems(type, object, nameOf(object), '');
  }),
  // What Airflow makes of a file is not seen by whoever applies the manifests.
  ...pods.filter(pod => pod.object.kind === 'ConfigMap').flatMap(pod => [
    ...problems('PodSpec', pod.spec, nameOf(pod.object), at(pod.path, 'spec')),
    ...problems('ObjectMeta', pod.metadata, nameOf(pod.object), at(pod.path, 'metadata')),
  ]),
];

function problems(type: string, value: any, object: string, path: string): Finding[] {
  const repair = 'write it as the Kubernetes API reference does';
  try {
    const wire = toWire(type, value, path);
    return JSON.stringify(wire) === JSON.stringify(value) ? [] : [{ object, path, reason: 'it holds values that are written otherwise on the wire', repair }];
  } catch (error) {
    return [{ object, path, reason: (error as Error).message, repair }];
  }
}
