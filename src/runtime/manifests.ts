import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ManifestError } from './errors';
import { Manifest } from '../pod/manifest';

/** A manifest and where it came from, for messages. */
export interface SourcedManifest {
  readonly manifest: Manifest;
  readonly source: string;
}

/**
 * The manifests of a file, a directory (its *.yaml, *.yml and *.json, not those of its sub-directories), or of YAML text: a string that holds a
 * newline is text, any other is a path.
 *
 * @throws ManifestError for a path without manifests and for text that is no YAML.
 */
export function loadManifests(input: string | Manifest[]): SourcedManifest[] {
  if (typeof input !== 'string') {
    return input.flatMap((manifest, i) => items(manifest, `manifest ${i + 1}`));
  }
  if (input.includes('\n')) { return parseManifests(input, 'the YAML text'); }
  if (!existsSync(input)) {
    throw new ManifestError(`there is no file or directory '${input}'`, "give the directory that 'cdk8s synth' wrote (usually 'dist') or one of its files");
  }
  if (!statSync(input).isDirectory()) { return parseManifests(read(input), input); }
  const files = readdirSync(input).filter(name => /\.(ya?ml|json)$/.test(name)).sort();
  if (files.length === 0) { throw new ManifestError(`directory '${input}' holds no *.yaml, *.yml or *.json file`, "run 'cdk8s synth' first"); }
  return files.flatMap(name => parseManifests(read(join(input, name)), join(input, name)));
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ManifestError(`'${file}' cannot be read: ${(error as Error).message}`);
  }
}

/** The manifests of YAML text. @param source where it came from, for messages. @throws ManifestError */
export function parseManifests(text: string, source: string): SourcedManifest[] {
  // YAML as kubectl reads it: 1.1, but a date stays a string.
  const documents = parseAllDocuments(text, { version: '1.1', customTags: tags => tags.filter(tag => typeof tag === 'string' || !/timestamp|binary/.test(tag.tag)) });
  return (Array.isArray(documents) ? documents : []).flatMap((document, i) => {
    const where = documents.length > 1 ? `${source}, document ${i + 1}` : source;
    if (document.errors.length > 0) { throw new ManifestError(`${where} is not valid YAML: ${document.errors[0].message.split('\n')[0]}`); }
    let value: any;
    try { value = document.toJS({ maxAliasCount: 100 }); } catch (error) { throw new ManifestError(`${where} cannot be read: ${(error as Error).message}`); }
    return value === null || value === undefined ? [] : items(value, where);
  });
}

function items(value: any, source: string): SourcedManifest[] {
  if (value === null || typeof value !== 'object' || typeof value.kind !== 'string' || typeof value.apiVersion !== 'string') {
    throw new ManifestError(`${source} is no Kubernetes manifest: it needs 'apiVersion' and 'kind'`, "each has both, such as those that 'cdk8s synth' writes");
  }
  if (value.kind === 'List' && Array.isArray(value.items)) {
    return value.items.flatMap((item: any, i: number) => items(item, `${source}, item ${i + 1}`));
  }
  return [{ manifest: { ...value, metadata: value.metadata ?? {} }, source }];
}
