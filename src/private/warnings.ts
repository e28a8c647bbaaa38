import { Construct } from 'constructs';

/** The metadata type under which warnings are kept on a construct. */
export const WARNING_METADATA = 'cdk8s-airflow:warning';

/**
 * Keeps a warning on the construct and prints it at synth, once.
 * Node's warning channel keeps stdout clean and obeys `--no-warnings`.
 */
export function warnAtSynth(scope: Construct, message: string): void {
  scope.node.addMetadata(WARNING_METADATA, message, { stackTrace: false });
  let printed = false;
  scope.node.addValidation({
    validate: () => {
      if (!printed) { process.emitWarning(`[${scope.node.path}] ${message}`, { type: 'cdk8s-airflow' }); }
      printed = true;
      return [];
    },
  });
}
