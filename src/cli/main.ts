import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { DiffOptions } from './diff-command';
import { parseDuration } from './duration';
import { EXIT, Streams } from './exit';
import type { ListOptions } from './list-command';
import type { RenderCommandOptions } from './render-command';
import type { RunCommandOptions } from './run-command';
import { DEFAULT_AIRFLOW_VERSION, version } from '../runtime/version';

/** Runs a command line (without `node` and the program's name). Resolves with the exit code. */
export async function main(argv: string[], streams: Streams = process): Promise<number> {
  const lost = watchStreams(streams);
  const code = await execute(argv, streams);
  // Resolves when what was written before is out, or could not be.
  await new Promise<void>(resolve => streams.stdout.write('', () => resolve()));
  const error = lost();
  if (error) { streams.stderr.write(`error: the output could not be written: ${error.message}\n`); }
  return error && code === EXIT.OK ? EXIT.FAILED : code;
}

/**
 * A reader that leaves early (`| head`, a closed terminal) is no error, and no reason to abandon pods: what is written then is lost.
 *
 * @returns another error of stdout, once there was one
 */
function watchStreams({ stdout, stderr }: Streams): () => Error | undefined {
  let lost: Error | undefined;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'].includes(error.code ?? '')) { lost ??= error; }
  });
  stderr.on('error', () => {});
  return () => lost;
}

async function execute(argv: string[], streams: Streams): Promise<number> {
  let code: number = EXIT.OK;
  const program = new Command('cdk8s-airflow')
    .description('Runs the task pods that cdk8s-airflow synthesised, on a cluster or as local processes, and collects their XComs.')
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeOut: text => streams.stdout.write(text), writeErr: text => streams.stderr.write(text) });

  const common = (command: Command) => command
    .argument('<path>', "a file, or a directory with the files that 'cdk8s synth' wrote")
    .option('--task <name>', 'only this task and what it waits for; may be given several times', (name: string, names: string[] = []) => [...names, name]);
  const output = (choices: string[], text: string) => new Option('-o, --output <format>', text).choices(choices);
  const list = (text: string, texts: string[] = []) => [...texts, text];
  const templating = (command: Command) => command
    .option('--params <json|name=value>', 'params of templates, over all others; may be given several times; a VALUE that is JSON is a number, a list …, any other is text', list)
    .option('--conf <json>', 'the conf of the DAG run for templates (dag_run.conf), a JSON object over that of --context-file; as in Airflow, it lies over the params there')
    .option('--var <name=value>', 'an Airflow variable for templates; may be given several times', list)
    .option('--conn <id=uri>', 'an Airflow connection for templates, as URI or JSON; may be given several times', list)
    .option('--logical-date <date>', 'the logical date of templates (ds, ts …), ISO 8601 (default: none, and templates that name it are errors)')
    .option('--context-file <file>', 'a JSON file with what templates name: params, var {value, json}, conn, xcom {TASK: {KEY: …}}, dag_run {conf}, data_interval_start …');
  const namespace = '-n, --namespace <name>';

  templating(common(program.command('run').description('run the tasks in their order, follow their logs, print their XComs')))
    .option(namespace, "the namespace of tasks that name none (default: the context's)")
    .option('--context <name>', 'a context of the kubeconfig (default: its current context)')
    .option('--kubeconfig <file>', 'the kubeconfig (default: $KUBECONFIG, then ~/.kube/config, then the service account of the pod)')
    .addOption(new Option('--embedded', 'no cluster: run the containers as local processes; images and isolation are not applied').conflicts(['context', 'kubeconfig']))
    .option('--run-id <id>', 'identify the run: under the same id what was started is taken up, and what is done (a failure, too) is not repeated. '
      + "Known from the run's pods and from .cdk8s-airflow/ID.jsonl in the working directory: where both are gone, the tasks run again. "
      + '--embedded remembers nothing')
    .option('--dag-id <id>', "the DAG that the pods are of: Airflow's labels, templates that name it, mutations of some DAGs (default: none)")
    .addOption(new Option('--timeout <duration>', 'end the run after so long, for example 90s, 5m or 1h30m').argParser(duration))
    .option('--no-logs', "do not follow the tasks' logs")
    .addOption(output(['json', 'yaml'], 'print the result as one document (default: a table)'))
    .action(async (path: string, options: RunCommandOptions) => { code = await load<typeof import('./run-command')>('run-command').runCommand(path, options, streams); });

  common(program.command('list').description('print the tasks in their order; needs no cluster'))
    .addOption(output(['json', 'yaml', 'name'], 'print the tasks as one document, or their names only (default: a table)'))
    .action((path: string, options: ListOptions) => load<typeof import('./list-command')>('list-command').listCommand(path, options, streams));

  templating(common(program.command('render').description('print the pods that run would create, templates filled in but for XComs; needs no cluster')))
    .option(namespace, 'the namespace of tasks that name none (default: default)')
    .option('--run-id <id>', 'the run that the pods are for', 'dry-run')
    .option('--dag-id <id>', "print the pods as Airflow's KubernetesPodOperator in this DAG would create them, with Airflow's labels")
    .addOption(new Option('--map-index <number>', 'the index of a mapped task').argParser(whole))
    .addOption(new Option('--try-number <number>', 'the try').argParser(whole).default(1))
    .option('--airflow-version <version>', "Airflow's version: what templates may name, and a label", DEFAULT_AIRFLOW_VERSION)
    .addOption(output(['yaml', 'json', 'name'], 'the format').default('yaml'))
    .action((path: string, options: RenderCommandOptions) => load<typeof import('./render-command')>('render-command').renderCommand(path, options, streams));

  program.command('diff').description('print what changed between two sets of manifests and why, and the commands that apply it; needs no cluster')
    .argument('<old>', 'the manifests that were applied, a file or a directory')
    .argument('<new>', 'the manifests to apply')
    .addOption(output(['json', 'yaml'], 'print changes and steps as one document (default: a shell script, the changes as comments)'))
    .action((before: string, after: string, options: DiffOptions) => load<typeof import('./diff-command')>('diff-command').diffCommand(before, after, options, streams));

  try {
    if (argv.length === 0) {
      program.outputHelp({ error: true });
      return EXIT.USAGE;
    }
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) { return error.exitCode === 0 ? EXIT.OK : EXIT.USAGE; }
    return load<typeof import('./failure')>('failure').report(error, streams);
  }
}

/** Commands load the runtime, so they are loaded when one of them runs: `--help` and `--version` answer at once. */
function load<T>(name: string): T {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require(`./${name}`);
}

function whole(text: string): number {
  if (!/^\d+$/.test(text)) { throw new InvalidArgumentError('give a whole number'); }
  return Number(text);
}

function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
