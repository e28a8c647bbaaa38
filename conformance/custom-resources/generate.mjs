#!/usr/bin/env node
// Writes src/pod/custom-schema-data.ts from the Go types of the Spark operator and of Kueue. See README.md beside this file.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const target = fileURLToPath(new URL('../../src/pod/custom-schema-data.ts', import.meta.url));
const known = new Set([...readFileSync(new URL('../../src/pod/schema-data.ts', import.meta.url), 'utf8').matchAll(/^ {2}(\w+): \{/gm)].map(match => match[1]));

/** Module, version, files, and the types that are asked for; whatever they reach is in the table. */
const SOURCES = {
  Spark: {
    label: 'Spark operator 2.3',
    module: 'github.com/kubeflow/spark-operator/v2@v2.3.0',
    files: ['api/v1beta2/sparkapplication_types.go'],
    roots: ['SparkApplicationSpec'],
  },
  Kueue: {
    label: 'Kueue 0.17, v1beta1',
    module: 'sigs.k8s.io/kueue@v0.17.0',
    files: ['clusterqueue', 'fairsharing', 'localqueue', 'resourceflavor', 'workload'].map(name => `apis/kueue/v1beta1/${name}_types.go`)
      .concat('apis/kueue/v1beta1/constants.go'),
    roots: ['ClusterQueueSpec', 'LocalQueueSpec', 'ResourceFlavorSpec'],
  },
  Core: { label: 'Kubernetes 1.34', module: 'k8s.io/api@v0.34.1', files: ['core/v1/types.go'], roots: ['Taint'] },
};

const SCALARS = { string: 'string', bool: 'boolean', int32: 'int32', int64: 'int64', float64: 'number' };
/** Go types of Kubernetes that are written as one word. */
const FOREIGN = {
  'resource.Quantity': 'Quantity', 'metav1.Time': 'Time', 'metav1.Duration': 'string', 'corev1.ResourceName': 'string', 'corev1.ServiceType': 'string',
  'corev1.ResourceList': '{}Quantity', 'corev1.Taint': 'Core.Taint',
};

const table = {};
const labels = {};

for (const [prefix, { label, module, files, roots }] of Object.entries(SOURCES)) {
  const { Dir: folder, Error: error } = JSON.parse(execFileSync('go', ['mod', 'download', '-json', module], { cwd: '/', env: { ...process.env, GOFLAGS: '-mod=mod' } }));
  if (!folder) { throw new Error(error); }
  const text = files.map(file => readFileSync(`${folder}/${file}`, 'utf8')).join('\n');
  const structs = new Map([...text.matchAll(/^type (\w+) struct \{\n([^]*?)^\}/gm)].map(match => [match[1], match[2]]));
  const aliases = new Map([...text.matchAll(/((?:^\/\/.*\n)*)^type (\w+) (string|int32|map\[\w+\]\w+)$/gm)].map(match => [match[2], { markers: match[1], type: match[3] }]));
  labels[prefix] = label;
  roots.forEach(root => add(root));

  function add(name) {
    const key = `${prefix}.${name}`;
    if (table[key]) { return key; }
    table[key] = {};
    Object.assign(table[key], fields(name));
    return key;
  }

  function fields(name) {
    if (!structs.has(name)) { throw new Error(`${prefix}: no struct '${name}'`); }
    const result = {};
    let markers = '';
    for (const line of structs.get(name).split('\n').map(each => each.trim())) {
      if (line === '' || line.startsWith('//')) { markers = line === '' ? '' : `${markers}\n${line}`; continue; }
      const [, type, json] = /^(?:\w+\s+)?(\S+)\s+`.*json:"([^"]*)"/.exec(line) ?? [];
      if (type === undefined) { throw new Error(`${prefix}.${name}: no rule for '${line}'`); }
      const [field, ...tags] = json.split(',');
      if (tags.includes('inline')) {
        Object.assign(result, fields(type));
      } else {
        const optional = tags.some(tag => /^omit/.test(tag)) || markers.includes('+optional');
        result[field] = write(type, markers) + (optional ? '' : '!');
      }
      markers = '';
    }
    return result;
  }

  function write(type, markers) {
    if (type.startsWith('*')) { return write(type.slice(1), markers); }
    if (type.startsWith('[]')) { return `[]${write(type.slice(2), '')}`; }
    const map = /^map\[\w+\](.+)$/.exec(type);
    if (map) { return `{}${write(map[1], '')}`; }
    const values = /\+kubebuilder:validation:Enum=\{?([^}\n]+)/.exec(markers)?.[1];
    if (values) { return `=${values.split(/[,;]/).map(value => value.replace(/"/g, '').trim()).filter(value => value !== '').join('|')}`; }
    if (Object.hasOwn(SCALARS, type)) { return SCALARS[type]; }
    if (Object.hasOwn(FOREIGN, type)) { return FOREIGN[type]; }
    if (aliases.has(type)) { return write(aliases.get(type).type, aliases.get(type).markers); }
    const foreign = /^(?:corev1|metav1|networkingv1)\.(\w+)$/.exec(type)?.[1];
    if (foreign) {
      if (!known.has(foreign)) { throw new Error(`${prefix}: '${type}' is not in src/pod/schema-data.ts`); }
      return foreign;
    }
    return structs.has(type) ? add(type) : fail(type);
  }

  function fail(type) { throw new Error(`${prefix}: no type '${type}' in ${files.join(', ')}`); }
}

const quote = text => `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;
const key = text => (/^[A-Za-z_$][\w$]*$/.test(text) ? text : quote(text));
const sorted = object => Object.keys(object).sort();
const lines = [
  '/* eslint-disable max-len */',
  '// Generated by conformance/custom-resources/generate.mjs from the Go types of the projects. Do not edit.',
  '',
  '/** Whose types the table below holds: prefix → project and version. */',
  `export const CUSTOM_SCHEMA_VERSIONS: { [prefix: string]: string } = { ${sorted(labels).map(prefix => `${prefix}: ${quote(labels[prefix])}`).join(', ')} };`,
  '',
  '/** Type → key → what it takes, as in schema-data.ts, whose types these name without a prefix. */',
  'export const CUSTOM_SCHEMA: { [type: string]: { [key: string]: string } } = {',
  ...sorted(table).map(name => `  ${key(name)}: {${sorted(table[name]).map(k => ` ${key(k)}: ${quote(table[name][k])}`).join(',')} },`),
  '};',
  '',
].join('\n');

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== lines) {
    console.error('src/pod/custom-schema-data.ts is not what these modules say; run conformance/custom-resources/generate.mjs');
    process.exit(1);
  }
} else {
  writeFileSync(target, lines);
}
console.log(`src/pod/custom-schema-data.ts: ${Object.keys(table).length} types, ${lines.length} bytes`);
