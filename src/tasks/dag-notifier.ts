import { credentialInVariable } from '../pod/credentials';
import { assertImportPath, isPythonName, PythonCall, PythonValue } from '../pod/python';
import { isObject, toWire } from '../pod/schema';
import { checkStruct, struct } from '../private/known-props';
import { shown } from '../private/prop-types';

/** An e-mail about a task that failed. */
export interface EmailNotification {
  /** The addresses to which it goes. */
  readonly to: string[];

  /**
   * The address from which it comes.
   *
   * @default - `from_email` of the connection
   */
  readonly from?: string;

  /**
   * The subject. May hold Jinja.
   *
   * @default - DAG, task and run
   */
  readonly subject?: string;

  /**
   * Airflow's connection to the mail server, by its id.
   *
   * @default 'smtp_default'
   */
  readonly smtpConnId?: string;
}

/** Where a value holds a credential: what stands in an object goes by its key, what stands in a list by that of the list. */
function credentialInside(name: string, value: unknown, path: string): { readonly path: string; readonly what: string } | undefined {
  if (Array.isArray(value)) { return value.map((item, i) => credentialInside(name, item, `${path}[${i}]`)).find(found => found !== undefined); }
  if (isObject(value)) { return Object.entries(value).map(([key, item]) => credentialInside(key, item, `${path}.${key}`)).find(found => found !== undefined); }
  const what = credentialInVariable(name.replace(/[.-]/g, '_'), value);
  return what === undefined ? undefined : { path, what };
}

const EMAIL = struct<EmailNotification>('EmailNotification', { to: true, from: 'a text', subject: 'a text', smtpConnId: 'a text' });

/**
 * Tells somebody of a task that failed: a notifier of Airflow's.
 *
 * @see https://airflow.apache.org/docs/apache-airflow/stable/howto/notifications.html
 */
export class DagNotifier {
  /** An e-mail with the error, in which the pod's termination message stands. The image needs the provider smtp. */
  public static email(props: EmailNotification): DagNotifier {
    checkStruct(props, EMAIL, 'DagNotifier.email');
    const to: unknown = props.to;
    const wrong = Array.isArray(to) ? to.find(address => typeof address !== 'string' || !/^[^\s@]+@[^\s@]+$/.test(address)) : to;
    if (!Array.isArray(to) || to.length === 0 || wrong !== undefined) {
      throw new Error(`DagNotifier.email: 'to' must be a list of addresses such as ['team@example.com'], got ${shown(wrong ?? to)}`);
    }
    return new DagNotifier('airflow.providers.smtp.notifications.smtp.SmtpNotifier', {
      smtp_conn_id: props.smtpConnId ?? 'smtp_default',
      ...(props.from === undefined ? {} : { from_email: props.from }),
      to: props.to,
      subject: props.subject ?? 'Airflow: {{ ti.dag_id }} {{ ti.task_id }} failed ({{ ti.run_id }})',
      html_content: '<p>{{ ti.dag_id }}, {{ ti.task_id }}, {{ ti.run_id }}, try {{ ti.try_number }}</p>\n<pre>{{ exception | string | e }}</pre>',
    });
  }

  /**
   * Any other notifier, or a class that can be called in the same way.
   *
   * @param classpath where Python imports it, such as `airflow.providers.slack.notifications.slack_webhook.SlackWebhookNotifier`
   * @param args its arguments by their names in Python, as JSON; texts may hold Jinja where the notifier renders them. A credential is refused: name a connection
   */
  public static of(classpath: string, args: { [name: string]: any } = {}): DagNotifier {
    try {
      assertImportPath(classpath, 'classpath');
      const json = toWire('object', args, 'args') as { [name: string]: any };
      for (const [name, value] of Object.entries(json)) {
        if (!isPythonName(name)) { throw new Error(`'args' must have names of Python's arguments, got '${name}'`); }
        const { path, what } = credentialInside(name, value, `args.${name}`) ?? {};
        if (what) { throw new Error(`'${path}' holds ${what}, which everybody sees who may read the DAG; let the notifier read it from a connection of Airflow, by its id`); }
      }
      return new DagNotifier(classpath, json);
    } catch (error) {
      throw new Error(`DagNotifier.of: ${(error as Error).message}`, { cause: error });
    }
  }

  private constructor(private readonly classpath: string, private readonly args: { [name: string]: any }) {}

  /** @internal */
  public _python(imported: (path: string) => string): PythonValue {
    return new PythonCall(imported(this.classpath), this.args);
  }
}
