import { SecretKey, SecretRef } from './secret-ref';
import { Parts } from '../private/component-graph';

/** The files by which a client and a server know each other: the authority, the client's certificate and its key. */
export interface TlsFiles {
  readonly ca?: SecretKey;
  readonly certificate?: SecretKey;
  readonly key?: SecretKey;
}

const NAMES = { ca: 'ca.crt', certificate: 'tls.crt', key: 'tls.key' } as const;

/** Their paths, of those that there are. */
export function tlsPaths(folder: string, files: TlsFiles): { [file in keyof TlsFiles]: string } {
  return Object.fromEntries(present(files).map(([file]) => [file, `${folder}/${NAMES[file]}`]));
}

/** The files in a folder of a pod. Several Secrets become one volume; a key that others may read would be refused by libpq. */
export function tlsParts(volume: string, folder: string, files: TlsFiles): Parts {
  const sources = present(files).map(([file, { name, key }]) => ({ secret: { name, items: [{ key, path: NAMES[file] }] } }));
  if (sources.length === 0) { return {}; }
  return {
    volumeMounts: [{ name: volume, mountPath: folder, readOnly: true }],
    volumes: [{ name: volume, projected: { defaultMode: 0o440, sources } }],
  };
}

function present(files: TlsFiles): [keyof TlsFiles, SecretKey][] {
  return (Object.keys(NAMES) as (keyof TlsFiles)[]).flatMap(file => (files[file] ? [[file, files[file]]] : []));
}

/** Throws where something that has to be a reference is a literal. */
export function assertSecret(prop: string, value: unknown, example = 'airflow-database'): void {
  if (!(value instanceof SecretRef) && (value === null || typeof value !== 'object' || !('bind' in value))) {
    throw new Error(`'${prop}' must be a SecretRef, such as SecretRef.existing('${example}', '${prop.split('.').pop()}'); a literal would be readable in the manifest`);
  }
}

/** Throws where a certificate has no key, or a key no certificate. */
export function assertPair(certificate: string, key: string, props: { readonly [prop: string]: any }): void {
  for (const [one, other] of [[certificate, key], [key, certificate]]) {
    if (props[one] !== undefined && props[other] === undefined) { throw new Error(`'${one}' needs '${other}', a SecretRef as well`); }
  }
}
