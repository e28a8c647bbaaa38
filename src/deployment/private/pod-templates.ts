import { ApiObject, JsonPatch, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { DeploymentIdentity } from '../../airflow/deployment-identity';
import { Parts } from '../../private/component-graph';

/** Where pod template files are mounted, wherever Airflow opens them. */
export const POD_TEMPLATE_FOLDER = '/opt/airflow/pod_templates';

/** The most that a ConfigMap holds, in bytes. */
const CONFIG_MAP_BYTES = 1024 * 1024;

/** The folder with the pod template files of a deployment. */
export function podTemplateFolder(deployment: string): Required<Pick<Parts, 'volumes' | 'volumeMounts'>> {
  return {
    volumeMounts: [{ name: 'pod-template', mountPath: POD_TEMPLATE_FOLDER, readOnly: true }],
    volumes: [{ name: 'pod-template', configMap: { name: `${deployment}-pod-template` } }],
  };
}

/** The pod template files of a deployment: one ConfigMap, written when all files are known. It is mounted as a folder, so that running pods see changes. */
export class PodTemplates {
  private readonly files = new Map<string, () => string>();

  /**
   * @param elsewhere further namespaces of task pods
   * @param whenUsed mounts the folder where Airflow opens the files that are added to the deployment's own
   */
  constructor(
    private readonly scope: Construct, private readonly identity: DeploymentIdentity,
    private readonly elsewhere: string[], private readonly whenUsed: () => void,
  ) {}

  /** Adds the deployment's own file, which only the scheduler opens. */
  public own(name: string, text: () => string): void {
    this.configMap('PodTemplate', this.identity.namespace);
    this.files.set(name, text);
  }

  /** Adds a file that tasks name; gives its path. */
  public add(name: string, text: () => string): string {
    if (this.files.has(name)) { throw new Error(`two pod template files are called '${name}'; give one of them another 'name'`); }
    [this.identity.namespace, ...this.elsewhere].forEach((namespace, i) => this.configMap(i === 0 ? 'PodTemplate' : `PodTemplate-${namespace}`, namespace));
    this.files.set(name, text);
    this.whenUsed();
    return `${POD_TEMPLATE_FOLDER}/${name}`;
  }

  private configMap(id: string, namespace: string): void {
    if (this.scope.node.tryFindChild(id)) { return; }
    new ApiObject(this.scope, id, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${this.identity.name}-pod-template`, namespace, labels: this.identity.labels },
      data: Lazy.any({ produce: () => this.data() }),
    });
  }

  private data(): { [file: string]: string } {
    const data = Object.fromEntries([...this.files].map(([name, text]) => [name, text()]));
    const size = Object.entries(data).reduce((sum, [name, text]) => sum + Buffer.byteLength(name) + Buffer.byteLength(text), 0);
    if (size > CONFIG_MAP_BYTES) {
      throw new Error(`[${this.scope.node.path}] the pod template files are ${size} bytes, a ConfigMap holds at most ${CONFIG_MAP_BYTES}; add fewer of them`);
    }
    return data;
  }
}

/** Mounts the folder in the main container of a workload that exists; once. */
export function mountPodTemplates(workload: ApiObject, deployment: string): void {
  const { volumes: [volume], volumeMounts: [mount] } = podTemplateFolder(deployment);
  const { spec } = workload.toJson().spec.template;
  if (spec.volumes.some(({ name }: any) => name === volume.name)) { return; }
  workload.addJsonPatch(
    JsonPatch.add('/spec/template/spec/volumes/-', volume),
    JsonPatch.add('/spec/template/spec/containers/0/volumeMounts/-', mount),
  );
}
