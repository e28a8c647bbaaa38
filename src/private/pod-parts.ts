import { Parts, Wire } from './component-graph';
import { hardenContainerContext, hardenPodContext } from '../pod/hardening';

/** Where clients of the Kubernetes API look for their credentials. */
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * What automounting would give every container of a pod, for one container: the token, the cluster's certificate authority, the namespace.
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#launch-a-pod-using-service-account-token-projection
 */
export const KUBERNETES_TOKEN: Parts = {
  volumeMounts: [{ name: 'kubernetes-token', mountPath: TOKEN_PATH, readOnly: true }],
  volumes: [{
    name: 'kubernetes-token',
    projected: {
      sources: [
        { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        // With the default that the API server would fill in, so that applying it again changes nothing.
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
    },
  }],
};

/** An empty folder. */
export function emptyDir(name: string, mountPath: string): Parts {
  return { volumeMounts: [{ name, mountPath }], volumes: [{ name, emptyDir: {} }] };
}

/** Without a writable `/tmp` no Python program, Airflow first, starts on a read-only root. */
export const TMP = emptyDir('tmp', '/tmp');

/** Where Airflow writes its log files: the volume called `logs`, or a folder of it. */
export function logFolder(volume: Wire, subPath?: string): Parts {
  return { volumeMounts: [{ name: 'logs', mountPath: '/opt/airflow/logs', ...(subPath === undefined ? {} : { subPath }) }], volumes: [volume] };
}

/** What {@link container} makes a container of. */
export interface ContainerOptions {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy: string;
  readonly command?: string[];
  readonly args?: string[];
  readonly parts: Parts[];
  readonly resources: Wire;
  readonly runAsUser?: number;
  /** Fields of the security context that win over ours. */
  readonly securityContext?: Wire;
  /** Further fields, such as probes and ports. */
  readonly more?: Wire;
}

/** A container that satisfies Pod Security `restricted`, with a read-only root. */
export function container(options: ContainerOptions): Wire {
  const env = options.parts.flatMap(part => part.env ?? []);
  const mounts = options.parts.flatMap(part => part.volumeMounts ?? []);
  return {
    name: options.name,
    image: options.image,
    imagePullPolicy: options.imagePullPolicy,
    ...(options.command ? { command: options.command } : {}),
    ...(options.args ? { args: options.args } : {}),
    ...(env.length > 0 ? { env } : {}),
    ...options.more,
    resources: options.resources,
    securityContext: hardenContainerContext({
      ...(options.runAsUser === undefined ? {} : { runAsUser: options.runAsUser }), readOnlyRootFilesystem: true, ...options.securityContext,
    }),
    volumeMounts: mounts,
  };
}

/** Text for `command` and `args`, where Kubernetes replaces `$(NAME)` and makes one dollar of two. */
export function argument(text: string): string {
  return text.replace(/\$/g, () => '$$');
}

/** The security context of every pod: Airflow's user, and group 0 on its volumes. */
export function podSecurityContext(): Wire {
  return hardenPodContext();
}

/** The volumes of some parts, each name once. */
export function volumesOf(parts: Parts[]): Wire[] {
  const volumes = new Map<string, Wire>();
  for (const volume of parts.flatMap(part => part.volumes ?? [])) { volumes.set(volume.name, volume); }
  return [...volumes.values()];
}
