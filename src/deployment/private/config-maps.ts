import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { DeploymentIdentity } from '../../airflow/deployment-identity';
import { Component, Parts } from '../../private/component-graph';
import { specHash } from '../../private/hash';

/** One file of a ConfigMap in Airflow's home, or in a folder of it. */
export function mountedFile(volume: string, configMap: string, file: string, folder?: string): Parts {
  return {
    volumeMounts: [{ name: volume, mountPath: ['/opt/airflow', ...(folder === undefined ? [] : [folder]), file].join('/'), subPath: file, readOnly: true }],
    volumes: [{ name: volume, configMap: { name: configMap } }],
  };
}

/** The ConfigMaps of a deployment whose files components mount one by one. */
export class ConfigMaps {
  /** What is in them, for the hash of the components that read them. */
  public readonly contents: { [configMap: string]: string };

  /** @param others what is in ConfigMaps that are made elsewhere */
  constructor(private readonly scope: Construct, private readonly identity: DeploymentIdentity, others: { [configMap: string]: string } = {}) {
    this.contents = { ...others };
  }

  public add(id: string, name: string, data: { [file: string]: string }): ApiObject {
    const { namespace, labels } = this.identity;
    this.contents[name] = JSON.stringify(data);
    return new ApiObject(this.scope, id, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels }, data });
  }
}

/**
 * The annotation that replaces a component's pods when a file that they read has changed: a single file of a ConfigMap is not updated in a running pod.
 * A whole ConfigMap as a folder is (KubernetesExecutor opens its template for each task), a Job has ended, and that of a CronJob starts anew.
 *
 * @param files ConfigMap → what the component reads of it
 */
export function configHash(component: Component, files: { [configMap: string]: string }): { [key: string]: string } {
  if (component.workload === 'Job' || component.workload === 'CronJob') { return {}; }
  const mounts = component.containers.flatMap(item => item.volumeMounts ?? []);
  const texts = component.volumes
    .filter(volume => volume.configMap?.name in files && mounts.some(mount => mount.name === volume.name && mount.subPath !== undefined))
    .map(volume => files[volume.configMap.name]);
  return texts.length === 0 ? {} : { 'cdk8s-airflow/config-hash': specHash(texts) };
}
