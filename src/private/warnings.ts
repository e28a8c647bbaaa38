import { Construct } from 'constructs';

/** The metadata type under which warnings are kept on a construct. */
export const WARNING_METADATA = 'cdk8s-airflow:warning';

/**
 * Keeps a warning on the construct and prints it at synth, once.
 * Node's warning channel keeps stdout clean and obeys `--no-warnings`.
 */
export function warnAtSynth(scope: Construct, message: string): void {
  scope.node.addMetadata(WARNING_METADATA, message, { stackTrace: false });
  printOnce(scope, () => [message]);
}

/** The same for what can only be seen when the app is complete. */
export function warnWhenComplete(scope: Construct, find: () => string[]): void {
  printOnce(scope, () => {
    const messages = find();
    messages.forEach(message => scope.node.addMetadata(WARNING_METADATA, message, { stackTrace: false }));
    return messages;
  });
}

function printOnce(scope: Construct, messages: () => string[]): void {
  let printed = false;
  scope.node.addValidation({
    validate: () => {
      if (!printed) { messages().forEach(message => process.emitWarning(`[${scope.node.path}] ${message}`, { type: 'cdk8s-airflow' })); }
      printed = true;
      return [];
    },
  });
}
