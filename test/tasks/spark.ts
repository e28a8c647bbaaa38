import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Chart } from 'cdk8s';
import { podHash } from './kpo';
import { SparkTask } from '../../src';
import { toWire } from '../../src/pod/schema';
import { TASK_ANNOTATION } from '../../src/pod/task-annotation';
import { chart, synth } from '../util';

/** An application asked of SparkKubernetesOperator, and in the same words of SparkTask. */
export interface SparkCase {
  readonly id: string;
  /** Its parameters under their own names. */
  readonly kwargs: { [parameter: string]: any };
  /** True where `env_vars` are the client's models, as a list of them must be. */
  readonly models?: boolean;
  /** The file that `application_file` names. */
  readonly files?: { [name: string]: string };
  /** Why SparkTask differs here, where it does on purpose. */
  readonly deviation?: string;
}

/** What the real operator made of a case: the normalised application, or why there is none that the API server takes. */
export interface RecordedSpark extends SparkCase {
  readonly application?: any;
  /** In place of the application, where a record must be short. */
  readonly hash?: string;
  readonly refused?: string;
}

const camel = (text: string) => text.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

/** The task of the operator's parameters. */
export function sparkTaskOf(asked: SparkCase): SparkTask {
  // It decides about the labels of a run, which are another matter here.
  const { reattach_on_restart: _, ...kwargs } = asked.kwargs;
  const props: any = Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [camel(key), value]));
  for (const [name, text] of Object.entries(asked.files ?? {})) {
    props.applicationFile = join(mkdtempSync(join(tmpdir(), 'spark-')), name);
    writeFileSync(props.applicationFile, text);
  }
  return new SparkTask(chart(), 'task', { hardening: false, ...props });
}

/** What is sent, without what means nothing: empty values, the suffix of the name, the identity of a run, fields that the custom resource does not have. */
export function normalisedApplication(application: any, asked: { readonly namespace: boolean; readonly suffix: boolean }): any {
  const { apiGroup: _, version: __, spec, metadata, ...rest } = application;
  const { labels: ___, ...fields } = spec;
  const { namespace, annotations, ...others } = metadata;
  const { [TASK_ANNOTATION]: ____, ...ownAnnotations } = annotations ?? {};
  const part = ({ labels = {}, env = [], ...own }: any) => {
    const { dag_id: a, task_id: b, run_id: c, try_number: d, spark_kubernetes_operator: e, ...ownLabels } = labels;
    const isOverruled = (name: string, i: number) => env.slice(i + 1).some((later: any) => later.name === name);
    const variables = env.filter(({ name, value }: any, i: number) => !(name === 'SPARK_APPLICATION_NAME' && value === metadata.name) && !isOverruled(name, i));
    return { ...own, labels: ownLabels, env: variables };
  };
  const { spec: pruned, ...object } = prune({
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'SparkApplication',
    ...rest,
    metadata: {
      ...others,
      annotations: ownAnnotations,
      ...(asked.namespace ? { namespace } : {}),
      name: asked.suffix ? metadata.name.slice(0, -9) : metadata.name,
    },
    spec: { ...fields, driver: part(fields.driver), executor: part(fields.executor) },
  });
  return { ...object, spec: { driver: {}, executor: {}, ...pruned } };
}

function prune(value: any): any {
  if (Array.isArray(value)) { return value.map(prune); }
  if (value === null || typeof value !== 'object') { return value; }
  const empty = (item: any) => item === null || item === undefined || item === '' || (typeof item === 'object' && Object.keys(item).length === 0);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, prune(item)]).filter(([, item]) => !empty(item)));
}

const askedOf = ({ kwargs }: SparkCase) => ({ namespace: kwargs.namespace !== undefined });

/** The result of the real operator, ready to be recorded. */
export function recordedSpark(asked: SparkCase, result: { application?: any; error?: string }): RecordedSpark {
  if (result.error !== undefined) { return { ...asked, refused: result.error.slice(0, 150) }; }
  const application = normalisedApplication(result.application, { ...askedOf(asked), suffix: true });
  try {
    // A fraction for a quantity is refused, too, and SparkTask writes it as a text.
    if (!isDeepStrictEqual(toWire('Spark.SparkApplicationSpec', application.spec, 'spec'), application.spec)) { return { ...asked, refused: 'a quantity that is a fraction' }; }
  } catch (error) {
    // What it does not know the API server drops.
    const refused = (error as Error).message.split('\n').filter(line => /expected|missing/.test(line));
    if (refused.length > 0) { return { ...asked, refused: refused[0].slice(0, 150) }; }
  }
  return { ...asked, application };
}

/**
 * How SparkTask's application compares: `equal`; `refused` where neither gives one; `mended` where the operator gives none that the API server takes and
 * SparkTask one that it does; `documented` where the case says why it differs; anything else is the difference.
 */
export function sparkVerdict(recorded: RecordedSpark): 'equal' | 'refused' | 'mended' | 'documented' | { ours: any; theirs: any } {
  let ours: any;
  try {
    ours = normalisedApplication(synth(Chart.of(sparkTaskOf(recorded)))[0], { ...askedOf(recorded), suffix: false });
  } catch (error) {
    if (recorded.refused !== undefined) { return 'refused'; }
    return recorded.deviation === undefined ? { ours: (error as Error).message, theirs: recorded.application } : 'documented';
  }
  if (recorded.refused !== undefined) { return 'mended'; }
  if (recorded.hash !== undefined ? podHash(ours) === recorded.hash : isDeepStrictEqual(ours, recorded.application)) { return 'equal'; }
  return recorded.deviation === undefined ? { ours, theirs: recorded.application } : 'documented';
}
