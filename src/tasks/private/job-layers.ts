import { readTemplate, withoutJinja, withoutStatus } from './pod-template';
import { PodLayer } from '../../pod/merge';
import { toWire } from '../../pod/schema';
import { JobTaskProps } from '../job-task-props';

/** The Jobs below the parameters of a task, lowest first. */
export function jobLayers({ jobTemplateFile, fullJobSpec }: JobTaskProps): PodLayer[] {
  const layer = (prop: string, job: any): PodLayer => {
    const policy = job.spec?.template?.spec?.restartPolicy ?? 'Never';
    if (policy !== 'Never') {
      throw new Error(`'${prop}' sets 'restartPolicy' to '${policy}', but KubernetesJobOperator makes it 'Never'; leave it out: 'backoffLimit' counts failed pods`);
    }
    return { source: `'${prop}'`, pod: job };
  };
  return [
    ...(jobTemplateFile === undefined ? [] : [layer('jobTemplateFile', readTemplate('jobTemplateFile', jobTemplateFile, 'Job'))]),
    ...(fullJobSpec === undefined ? [] : [
      layer('fullJobSpec', withoutJinja('fullJobSpec', toWire('Job', withoutStatus('fullJobSpec', fullJobSpec, 'Job'), 'fullJobSpec', { partial: true, none: true }), 'Job')),
    ]),
  ];
}
