import { commandOf } from './airflow-roles';
import { at, nameOf } from './manifests';
import { Check, Finding } from './violation';
import { credentialIn, credentialInVariable, isCredentialName } from '../../pod/credentials';

const REPAIR = 'put it into a Secret that something else makes, and refer to it';

/** No credential stands in a variable, a command, an annotation, a ConfigMap or a Secret of the manifests. */
export const noPlaintextCredentials: Check = manifests => [
  ...manifests.containers.flatMap(({ pod, container, path }) => {
    const object = nameOf(pod.object);
    const command = commandOf(container);
    const option = /--(?:password|requirepass|token|secret)(?:=|\s+)(?![$"'])\S/.test(command)
      || /\busers create\b.*\s-p\s+(?!\$)\S/.test(command) ? 'a password as an option' : undefined;
    return [
      ...(container.env ?? []).flatMap(({ name, value }: any): Finding[] => {
        const what = credentialInVariable(name, value);
        return what ? [{ object, path: `${path}.env[${name}]`, reason: `it holds ${what}`, repair: REPAIR }] : [];
      }),
      ...[credentialIn(command) ?? option].filter(Boolean).map((what): Finding => ({ object, path: `${path}.args`, reason: `they hold ${what}, which everybody sees who lists processes`, repair: `${REPAIR} by a variable` })),
    ];
  }),
  ...manifests.objects.flatMap(object => annotationsOf(object).flatMap(({ path, annotations }) => Object.entries(annotations)
    .filter(([, value]) => credentialIn(String(value)))
    .map(([key, value]): Finding => ({ object: nameOf(object), path: `${path}['${key}']`, reason: `it holds ${credentialIn(String(value))}`, repair: REPAIR })))),
  ...manifests.all('ConfigMap').flatMap(object => Object.entries<string>(object.data ?? {}).flatMap(([key, text]) => {
    const option = key.endsWith('.cfg') && text.split('\n').find(line => isCredentialName(/^(\w+)\s*=\s*\S/.exec(line)?.[1] ?? ''));
    const what = credentialIn(text) ?? (option ? `a value for '${option.split('=')[0].trim()}'` : undefined);
    return what ? [{ object: nameOf(object), path: `data['${key}']`, reason: `it holds ${what}`, repair: REPAIR }] : [];
  })),
  ...manifests.all('Secret').filter(secret => Object.keys({ ...secret.data, ...secret.stringData }).length > 0).map((secret): Finding => ({
    object: nameOf(secret),
    path: secret.data ? 'data' : 'stringData',
    reason: 'the manifest holds the value, and base64 hides nothing',
    repair: "let something else make it (an ExternalSecret, a Job, kubectl); 'except' leaves this invariant out for throw-away environments",
  })),
];

function annotationsOf(object: any): { path: string; annotations: { [key: string]: string } }[] {
  const places: [string, any][] = [['', object], ['spec.template', object.spec?.template], ['spec.jobTemplate.spec.template', object.spec?.jobTemplate?.spec?.template]];
  return places.filter(([, place]) => place?.metadata?.annotations)
    .map(([path, place]) => ({ path: at(path, 'metadata.annotations'), annotations: place.metadata.annotations }));
}
