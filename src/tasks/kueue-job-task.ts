import { Construct } from 'constructs';
import { DagTaskOptions } from './dag-task-options';
import { JobTask } from './job-task';
import { JobTaskProps } from './job-task-props';
import { jobOperatorArgs } from './private/dag-job-operator';
import type { PythonNames } from './private/dag-python';
import { JOB_TASK_PROPS } from './private/known-props';
import { TaskReader } from './private/task-reader';
import { AirflowVersion } from '../airflow/version';
import { hasJinja } from '../pod/jinja';
import { QUEUE_NAME } from '../pod/kueue';
import { assertMetadataMap } from '../pod/metadata-maps';
import { throwProblems } from '../pod/problems';
import { PythonCall } from '../pod/python';
import { named } from '../pod/rules/words';
import { shown } from '../private/prop-types';
import { warnAtSynth } from '../private/warnings';

/**
 * The parameters of a {@link KueueJobTask}: those of a {@link JobTask}, and the queue. A WorkloadPriorityClass is named by the label
 * `kueue.x-k8s.io/priority-class`.
 */
export interface KueueJobTaskProps extends JobTaskProps {
  /** Name of the LocalQueue in the Job's namespace. May hold Jinja. */
  readonly queueName: string;
}

/**
 * A task that is a Job in a queue of Kueue: KubernetesStartKueueJobOperator's Job, suspended until Kueue admits it.
 *
 * @see https://kueue.sigs.k8s.io/docs/tasks/run/jobs/
 */
export class KueueJobTask extends JobTask {
  private readonly queueName: string;

  constructor(scope: Construct, id: string, props: KueueJobTaskProps) {
    super(scope, id, suspended(scope, id, props));
    this.queueName = props.queueName;
    if (this._bestEffort) {
      warnAtSynth(this, `task '${this.taskId}' asks for no resources, so that it counts for nothing in the quota of its queue; give it 'containerResources'`);
    }
  }

  /** @internal */
  public _operator(options: DagTaskOptions, version: AirflowVersion, names: PythonNames, dagId: string): PythonCall {
    const { labels, annotations, suspend: _, ...args } = jobOperatorArgs(this, options, version, names, dagId);
    const less = (map: any) => {
      const { [QUEUE_NAME]: __, ...others } = map ?? {};
      return Object.keys(others).length === 0 ? undefined : others;
    };
    return new PythonCall(names.imported('airflow.providers.cncf.kubernetes.operators.kueue.KubernetesStartKueueJobOperator'), {
      ...args, queue_name: this.queueName, labels: less(labels), annotations: less(annotations),
    });
  }
}

/** As the operator sets it: label and annotation, which its pods have, too. */
function suspended({ node }: Construct, id: string, { queueName, ...props }: KueueJobTaskProps): JobTaskProps {
  const read = new TaskReader(`${node.path}/${id}`);
  if (props.suspend === false) { read.fail("'suspend' must not be false: Kueue starts the Job when it admits it; leave it out"); }
  read.knownProps({ ...props, queueName }, { ...JOB_TASK_PROPS, queueName: true }, 'KueueJobTaskProps');
  if (typeof queueName !== 'string' || queueName === '') { read.fail(`'queueName' must be the name of a LocalQueue, got ${shown(queueName)}`); }
  if (!hasJinja(queueName)) {
    read.guarded(() => {
      throwProblems(named('queueName', queueName, 'name'));
      assertMetadataMap({ [QUEUE_NAME]: queueName }, 'queueName');
    });
  }
  const queue = { [QUEUE_NAME]: queueName };
  return { ...props, suspend: true, labels: { ...props.labels, ...queue }, annotations: { ...props.annotations, ...queue } };
}
