import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { DagSourceBinding, DagSourceContext, IDagSource } from './dag-source';
import { DAGS_FOLDER } from './private/folder';
import { isObject } from '../pod/schema';
import { shown } from '../private/prop-types';

const MIB = 1024 * 1024;

/**
 * A few small DAGs as files of a ConfigMap. Each file is mounted by itself: Airflow 3 takes the links of a mounted ConfigMap for a loop and ends. A change of
 * the files replaces the pods that read them.
 */
export class ConfigMapDags implements IDagSource {
  /**
   * The `.py` files of a folder, without those of folders in it.
   *
   * @param path folder on the machine that synthesises, such as `join(__dirname, 'dags')`
   */
  public static fromFolder(path: string): ConfigMapDags {
    const names = readdirSync(path).filter(name => name.endsWith('.py')).sort();
    if (names.length === 0) { throw new Error(`'${path}' holds no file that ends in '.py'`); }
    return new ConfigMapDags(Object.fromEntries(names.map(name => [name, readFileSync(join(path, name), 'utf8')])));
  }

  private readonly files: { [name: string]: string };

  /** @param files file name → text; together at most 1 MiB, the most that a ConfigMap holds */
  constructor(files: { [name: string]: string }) {
    if (!isObject(files)) {
      throw new Error(`'files' must be an object of file name → text, such as { 'my_dag.py': '…' }, got ${shown(files)}`);
    }
    const names = Object.keys(files);
    if (names.length === 0) { throw new Error("'files' is empty; give file name → text, such as { 'my_dag.py': '…' }"); }
    const wrong = names.find(name => !/^[A-Za-z0-9_-][\w.-]{0,252}$/.test(name));
    if (wrong !== undefined) {
      throw new Error(`'files' must have names of letters, digits, '-', '_' and '.', got '${wrong}'; folders need another source of DAGs, such as GitSyncDags`);
    }
    const other = names.find(name => typeof files[name] !== 'string');
    if (other !== undefined) { throw new Error(`'files' must hold texts, got ${shown(files[other])} for '${other}'`); }
    const size = names.reduce((sum, name) => sum + Buffer.byteLength(name) + Buffer.byteLength(files[name]), 0);
    if (size > MIB) { throw new Error(`'files' are ${size} bytes, a ConfigMap holds at most ${MIB}; use GitSyncDags, DagBundles or the image for so many`); }
    this.files = { ...files };
  }

  public bind(scope: Construct, context: DagSourceContext): DagSourceBinding {
    const { identity } = context;
    const name = `${identity.name}-dags`;
    new ApiObject(scope, 'ConfigMap', {
      apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: identity.namespace, labels: identity.labels }, data: this.files,
    });
    return {
      dagsFolder: DAGS_FOLDER,
      volumes: [{ name: 'dags', configMap: { name } }],
      volumeMounts: Object.keys(this.files).map(file => ({ name: 'dags', mountPath: `${DAGS_FOLDER}/${file}`, subPath: file, readOnly: true })),
      initContainers: [],
      sidecars: [],
      peers: [],
      configMaps: { [name]: JSON.stringify(this.files) },
    };
  }
}
