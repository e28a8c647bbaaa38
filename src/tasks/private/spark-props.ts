import { existsSync, readFileSync, statSync } from 'node:fs';
import { Yaml } from 'cdk8s';
import { DAG_TASK_OPTIONS } from './dag-task-option-names';
import { didYouMean } from '../../pod/closest';
import { credentialInArguments, credentialInVariable } from '../../pod/credentials';
import { snakeCase } from '../../pod/names';
import { isObject } from '../../pod/schema';
import { PropNames } from '../../private/known-props';
import { PropTypes, shown } from '../../private/prop-types';
import { SparkTaskProps } from '../spark-task-props';

/** Spark's options that name a Secret, or a file. */
const NAMES_SECRET = /^spark\.(kubernetes\.(driver|executor)\.(secretKeyRef|secrets)\.|kerberos\.renewal\.credentials$)/;

const PROPS: PropNames<SparkTaskProps> = {
  templateSpec: true,
  applicationFile: true,
  image: true,
  codePath: true,
  name: true,
  taskId: true,
  namespace: true,
  doXcomPush: true,
  xcomSidecarContainerImage: true,
  xcomSidecarContainerSecurityContext: true,
  hardening: true,
  startupTimeoutSeconds: true,
  deleteOnTermination: true,
  retries: true,
  dependsOn: true,
  renderAs: true,
};

export const SPARK_PROP_TYPES: PropTypes<SparkTaskProps> = {
  templateSpec: 'an object',
  applicationFile: 'a text',
  image: 'a text',
  codePath: 'a text',
  name: 'a text',
  taskId: 'a text',
  namespace: 'a text',
  doXcomPush: 'true or false',
  xcomSidecarContainerImage: 'a text',
  hardening: 'true or false',
  deleteOnTermination: 'true or false',
  dependsOn: 'a list',
};

/** Parameters that the operator takes, and what there is here in their place. */
const OTHER_WORDS: { [prop: string]: string } = {
  randomNameSuffix: 'the runner always adds a suffix, made from run, task and try, so that a second try is another application',
  successRunHistoryLimit: 'the operator does nothing with it',
  onFinishAction: "write 'deleteOnTermination'",
  isDeleteOperatorPod: "write 'deleteOnTermination'",
  xcomPush: "write 'doXcomPush'",
  baseContainerName: "the driver's container is always called 'spark-kubernetes-driver'",
  envVars: "write 'env_vars' into the section 'kubernetes' of the template",
  cmds: "write 'codePath', and 'arguments' into 'spec' of the template",
  podMutations: "the Spark operator makes the pods, which no mutation reaches; write what is meant into 'driver' and 'executor' of the template",
  containerResources: "write 'container_resources' of 'driver' and 'executor' into the template",
};
/** Keys of the template's section. */
const SECTION = ['envFrom', 'nodeSelector', 'affinity', 'tolerations', 'volumes', 'volumeMounts', 'configMapMounts', 'imagePullSecrets', 'fromEnvConfigMap', 'fromEnvSecret'];

/** Keys of an application's 'spec'. */
const SPEC = ['arguments', 'deps', 'driver', 'executor', 'hadoopConf', 'labels', 'mainApplicationFile', 'mainClass', 'mode', 'pythonVersion', 'sparkConf', 'sparkVersion', 'type'];

/** What is wrong with the names of the props; undefined where nothing is. */
export function unknownSparkProp(props: object): string | undefined {
  if (!isObject(props)) { return `expected an object with the members of SparkTaskProps, got ${shown(props)}`; }
  const unknown = Object.entries(props).find(([prop, value]) => value !== undefined && !Object.hasOwn(PROPS, prop));
  if (unknown === undefined) { return undefined; }
  const camel = unknown[0].replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
  const inDag = [camel === 'getLogs' ? 'logs' : camel, `${camel}Seconds`].find(option => Object.hasOwn(DAG_TASK_OPTIONS, option));
  const hint = Object.hasOwn(PROPS, camel) ? `; write '${camel}'`
    : Object.hasOwn(OTHER_WORDS, camel) ? `; ${OTHER_WORDS[camel]}`
      : SECTION.includes(camel) ? `; write '${snakeCase(camel)}' into the section 'kubernetes' of the template`
        : SPEC.includes(camel) ? `; write '${camel}' into 'spec' of the template`
          : inDag ? `; for a generated DAG write '${inDag}' into 'taskOptions' of DagFile` : didYouMean(camel, Object.keys(PROPS));
  return `unknown prop '${unknown[0]}'${hint || '; see SparkTaskProps for those that there are'}`;
}

/** The template of the props, and the name of the one that it comes from. @throws Error */
export function sparkTemplate({ applicationFile, templateSpec }: SparkTaskProps): { template: any; source: string } {
  if ((applicationFile === undefined) === (templateSpec === undefined)) {
    throw new Error(applicationFile === undefined
      ? "'templateSpec' and 'applicationFile' are both missing; give one of them"
      : "'templateSpec' and 'applicationFile' are both given, and the operator would ignore the first; give one");
  }
  if (applicationFile === undefined) { return { template: templateSpec, source: "'templateSpec'" }; }
  const path = applicationFile.trimEnd();
  if (!existsSync(path) || !statSync(path).isFile()) {
    throw new Error(`'applicationFile' must be the path of a YAML or JSON file, got ${shown(applicationFile)}, where there is none; `
      + 'a relative path counts from the working directory of the synth');
  }
  // YAML takes two braces for a map in a map, and says nothing.
  const bare = /^[ \t-]*[^'"#\s][^'"#\n]*:[ \t]+(\{\{|\{%).*$/m.exec(readFileSync(path, 'utf8'));
  if (bare) { throw new Error(`'applicationFile': put Jinja in quotes: ${bare[0].trim().slice(0, 80)}`); }
  const documents: any[] = Yaml.load(path);
  if (documents.length !== 1) {
    throw new Error(`'applicationFile' must hold one template, got ${documents.length === 0 ? 'an empty file' : `${documents.length} documents`} in '${path}'`);
  }
  return { template: documents[0], source: "'applicationFile'" };
}

/** Throws for a credential in the spec of an application: whoever may read applications or pods reads it. */
export function refuseSparkCredentials(spec: any): void {
  const fail = (where: string, what: string) => {
    throw new Error(`${where} holds ${what}, which everybody sees who may read pods; name a Secret: 'from_env_secret' in the section 'kubernetes' of the template, `
      + "or 'env' with 'valueFrom'; where it is none, set 'hardening: false'");
  };
  for (const part of ['driver', 'executor']) {
    for (const { name, value } of spec[part].env ?? []) {
      const what = credentialInVariable(name, value);
      if (what) { fail(`the variable '${name}' of the ${part}`, what); }
    }
  }
  const found = credentialInArguments(spec.arguments ?? []);
  if (found) { fail(`'spec.arguments[${found.index}]'`, found.what); }
  for (const key of ['sparkConf', 'hadoopConf']) {
    for (const [name, value] of Object.entries(spec[key] ?? {})) {
      if (NAMES_SECRET.test(name)) { continue; }
      const what = credentialInVariable(name.replace(/[.-]/g, '_'), value);
      if (what) { fail(`'spec.${key}' at '${name}'`, what); }
    }
  }
}
