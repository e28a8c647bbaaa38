import { mountedFile } from './config-maps';
import { Parts } from '../../private/component-graph';

const MIB = 1024 * 1024;

/** Python files of the user that every Airflow process reads at its start. */
export interface PythonFiles {
  /** ConfigMap → file → text. */
  readonly configMaps: { [configMap: string]: { [file: string]: string } };
  readonly parts: Parts[];
}

/** `airflow_local_settings.py`, with our own parts at its end, and plugins, each file mounted by itself where Airflow looks for it. */
export function pythonFiles(
  name: string, airflowLocalSettings?: string, plugins?: { [file: string]: string }, ...own: (string | undefined)[]
): PythonFiles {
  const configMaps: { [configMap: string]: { [file: string]: string } } = {};
  const parts: Parts[] = [];
  if (airflowLocalSettings !== undefined) {
    if (typeof airflowLocalSettings !== 'string' || airflowLocalSettings.trim() === '') {
      throw new Error("'airflowLocalSettings' must be the text of airflow_local_settings.py, such as readFileSync(…, 'utf8'), got "
        + (airflowLocalSettings === null || typeof airflowLocalSettings === 'string' ? 'nothing' : `the ${typeof airflowLocalSettings}`));
    }
  }
  const settings = [airflowLocalSettings, ...own].filter(text => text !== undefined);
  if (settings.length > 0) {
    const configMap = `${name}-local-settings`;
    configMaps[configMap] = { 'airflow_local_settings.py': settings.join('\n') };
    parts.push(mountedFile('local-settings', configMap, 'airflow_local_settings.py', 'config'));
  }
  if (plugins !== undefined) {
    const files = Object.keys(plugins);
    if (files.length === 0) { throw new Error("'plugins' is empty; leave it out, or give file name → text, such as { 'my_plugin.py': '…' }"); }
    const wrong = files.find(file => !/^[A-Za-z_]\w{0,200}\.py$/.test(file) || typeof plugins[file] !== 'string');
    if (wrong !== undefined) {
      throw new Error(`'plugins' must hold Python modules, name → text, such as { 'my_plugin.py': '…' }, got '${wrong}'; folders and packages belong into the image`);
    }
    const configMap = `${name}-plugins`;
    configMaps[configMap] = { ...plugins };
    parts.push({
      volumeMounts: files.map(file => ({ name: 'plugins', mountPath: `/opt/airflow/plugins/${file}`, subPath: file, readOnly: true })),
      volumes: [{ name: 'plugins', configMap: { name: configMap } }],
    });
  }
  for (const data of Object.values(configMaps)) {
    const size = Object.entries(data).reduce((sum, [file, text]) => sum + Buffer.byteLength(file) + Buffer.byteLength(text), 0);
    if (size > MIB) { throw new Error(`'${Object.keys(data).join(', ')}' are ${size} bytes, a ConfigMap holds at most ${MIB}; put them into the image`); }
  }
  return { configMaps, parts };
}
