import { badRequest, Cause } from './status';
import { Manifest } from '../pod/manifest';
import { parseQuantity } from '../pod/quantity';

const LABEL = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character "
  + "(e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
  + "alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_NAME = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
  + "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
  + "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
/** What the kubelet of the embedded cluster can make a folder of. */
const VOLUMES = ['emptyDir', 'secret', 'configMap', 'projected', 'downwardAPI'];

const required = (field: string, why = ''): Cause => ({ reason: 'FieldValueRequired', message: `Required value${why && `: ${why}`}`, field });
const invalidValue = (field: string, value: unknown, why: string): Cause =>
  ({ reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${why}`, field });
const duplicate = (field: string, value: unknown): Cause => ({ reason: 'FieldValueDuplicate', message: `Duplicate value: ${JSON.stringify(value)}`, field });

/** What is wrong with any object's metadata. */
export function metadataCauses({ metadata }: Manifest): Cause[] {
  const causes: Cause[] = [];
  if (!metadata.name) {
    causes.push(required('metadata.name', 'name or generateName is required'));
  } else if (metadata.name.length > 253 || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(metadata.name)) {
    causes.push(invalidValue('metadata.name', metadata.name, metadata.name.length > 253 ? 'must be no more than 253 bytes' : SUBDOMAIN));
  }
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    const name = key.slice(key.indexOf('/') + 1);
    if (!/^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/.test(name)) { causes.push(invalidValue('metadata.labels', key, LABEL_NAME)); }
    if (value.length > 63) {
      causes.push(invalidValue('metadata.labels', value, 'must be no more than 63 bytes'));
    } else if (!/^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value)) {
      causes.push(invalidValue('metadata.labels', value, LABEL_VALUE));
    }
  }
  return causes;
}

/** What cannot be read as a Pod at all, with the API server's words for the mistakes that YAML makes easy. */
export function checkTypes(pod: Manifest): void {
  const cannot = (got: string, field: string) =>
    badRequest(`Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal ${got} into Go struct field ${field} of type string`);
  const typeOf = (value: unknown) => typeof value === 'boolean' ? 'bool' : Array.isArray(value) ? 'array' : typeof value;
  for (const list of ['containers', 'initContainers']) {
    for (const container of pod.spec?.[list] ?? []) {
      for (const { value } of container.env ?? []) {
        if (value !== undefined && value !== null && typeof value !== 'string') { throw cannot(typeOf(value), `EnvVar.spec.${list}.env.value`); }
      }
      for (const words of ['command', 'args']) {
        const wrong = (container[words] ?? []).find((word: unknown) => typeof word !== 'string');
        if (wrong !== undefined) { throw cannot(typeOf(wrong), `Container.spec.${list}.${words}`); }
      }
    }
  }
  for (const map of ['labels', 'annotations']) {
    const wrong = Object.values(pod.metadata[map] ?? {}).find(value => typeof value !== 'string');
    if (wrong !== undefined) { throw cannot(typeOf(wrong), `ObjectMeta.metadata.${map}`); }
  }
}

/** What is wrong with a pod's spec: the mistakes that people make most, not all that the API server knows. */
export function podCauses(pod: Manifest): Cause[] {
  const { spec } = pod;
  const causes = [...metadataCauses(pod), ...(spec.volumes ?? []).flatMap(volumeCauses)];
  const volumes = new Set<string>((spec.volumes ?? []).map((volume: any) => volume.name));
  if (spec.containers.length === 0) { causes.push(required('spec.containers')); }
  const seen = new Map<string, string>();
  // Names of the main containers win: the duplicate is the init container.
  for (const list of ['containers', 'initContainers']) {
    (spec[list] ?? []).forEach((container: any, index: number) => {
      const field = `spec.${list}[${index}]`;
      if (seen.has(container.name)) { causes.push(duplicate(`${field}.name`, container.name)); }
      if (container.name) { seen.set(container.name, field); }
      causes.push(...containerCauses(container, field, volumes));
    });
  }
  causes.push(...oneOf('spec.restartPolicy', spec.restartPolicy, ['Always', 'OnFailure', 'Never']));
  return causes;
}

function volumeCauses(volume: any, index: number, all: any[]): Cause[] {
  const field = `spec.volumes[${index}]`;
  const causes: Cause[] = all.findIndex(other => other.name === volume.name) < index ? [duplicate(`${field}.name`, volume.name)] : [];
  const foreign = Object.keys(volume).filter(type => type !== 'name' && !VOLUMES.includes(type));
  return [...causes, ...foreign.map((type): Cause => ({
    reason: 'FieldValueForbidden',
    message: `Forbidden: the embedded cluster has no volumes of this type, only ${VOLUMES.join(', ')}; run this pod on a real cluster`,
    field: `${field}.${type}`,
  }))];
}

function containerCauses(container: any, field: string, volumes: Set<string>): Cause[] {
  const causes: Cause[] = [];
  if (!container.name) {
    causes.push(required(`${field}.name`));
  } else if (container.name.length > 63 || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(container.name)) {
    causes.push(invalidValue(`${field}.name`, container.name, container.name.length > 63 ? 'must be no more than 63 bytes' : LABEL));
  }
  if (!container.image) { causes.push(required(`${field}.image`)); }
  (container.env ?? []).forEach((variable: any, index: number) => {
    if (!variable.name) { causes.push(required(`${field}.env[${index}].name`)); }
  });
  const { limits = {}, requests = {} } = container.resources;
  for (const [name, request] of Object.entries<string>(requests)) {
    if (limits[name] !== undefined && parseQuantity(request)! > parseQuantity(limits[name])!) {
      causes.push(invalidValue(`${field}.resources.requests`, request, `must be less than or equal to ${name} limit of ${limits[name]}`));
    }
  }
  const paths = new Set<string>();
  (container.volumeMounts ?? []).forEach((mount: any, index: number) => {
    if (!volumes.has(mount.name)) {
      causes.push({ reason: 'FieldValueNotFound', message: `Not found: ${JSON.stringify(mount.name)}`, field: `${field}.volumeMounts[${index}].name` });
    }
    if (!mount.mountPath) { causes.push(required(`${field}.volumeMounts[${index}].mountPath`)); }
    if (paths.has(mount.mountPath)) { causes.push(invalidValue(`${field}.volumeMounts[${index}].mountPath`, mount.mountPath, 'must be unique')); }
    paths.add(mount.mountPath);
  });
  return [...causes, ...oneOf(`${field}.imagePullPolicy`, container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never'])];
}

function oneOf(field: string, value: string, allowed: string[]): Cause[] {
  if (allowed.includes(value)) { return []; }
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${allowed.map(a => JSON.stringify(a)).join(', ')}`;
  return [{ reason: 'FieldValueNotSupported', message, field }];
}
