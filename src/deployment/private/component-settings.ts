import { toWire } from '../../pod/schema';
import { Component, PodSettings, Wire } from '../../private/component-graph';
import { refuseChartWord } from '../../private/known-props';
import { shown } from '../../private/prop-types';
import { podSettings } from '../../tasks/private/airflow-pod';
import { ApiServerProps, HorizontalAutoscaling } from '../api-server-props';
import { ComponentProps } from '../component-props';

/** As many as the API server counts. */
const MAX_REPLICAS = 2 ** 31 - 1;

/** Of each Job. A finished one stays: were it gone, applying the same manifests would run it again, whatever applies them. */
export const JOB_SPEC: Wire = { backoffLimit: 10 };

/** The upper bound for the message to somebody who is above it. */
export function atMost(number: number): string {
  return number > MAX_REPLICAS ? ` and at most ${MAX_REPLICAS}` : '';
}

/** A user's settings of a component as wire JSON. `path` is the prop that holds them: `scheduler`. */
export function componentSettings(props: ComponentProps, path: string): PodSettings {
  const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
  const given = probes.flatMap(name => props[name] === undefined ? [] : [[name, toWire('Probe', props[name], `${path}.${name}`)]]);
  Object.keys(props.podDisruptionBudget ?? {}).forEach(key => refuseChartWord(key, `${path}.podDisruptionBudget`, 'PodDisruptionBudgetSpec'));
  const budget: Wire | undefined = toWire('PodDisruptionBudgetSpec', props.podDisruptionBudget, `${path}.podDisruptionBudget`);
  if (budget && (budget.selector || (budget.maxUnavailable === undefined) === (budget.minAvailable === undefined))) {
    throw new Error(`'${path}.podDisruptionBudget' must hold one of 'maxUnavailable' and 'minAvailable', and no 'selector', got ${shown(budget)}`);
  }
  return {
    ...podSettings(props, `${path}.`),
    ...(given.length > 0 ? { probes: Object.fromEntries(given) } : {}),
    ...(budget ? { disruptionBudget: budget } : {}),
  };
}

/** Spec fields of the workload: the component's own and the user's. */
export function workloadSettings(kind: Component['workload'], own: Wire | undefined, props: ComponentProps, path: string): Wire | undefined {
  const field = kind === 'StatefulSet' ? 'updateStrategy' : 'strategy';
  const strategy = toWire(kind === 'StatefulSet' ? 'StatefulSetUpdateStrategy' : 'DeploymentStrategy', props.strategy, `${path}.strategy`);
  const { type = 'RollingUpdate', rollingUpdate } = strategy ?? {};
  if (rollingUpdate !== undefined && type !== 'RollingUpdate') {
    throw new Error(`'${path}.strategy.rollingUpdate' belongs to type 'RollingUpdate', got '${type}'; remove one`);
  }
  if (rollingUpdate && [rollingUpdate.maxSurge, rollingUpdate.maxUnavailable].every(amount => /^0+%?$/.test(String(amount)))) {
    throw new Error(`'${path}.strategy.rollingUpdate' must let one pod come or go: 'maxSurge' or 'maxUnavailable' above 0, got ${shown(rollingUpdate)}`);
  }
  const revisionHistoryLimit = toWire('int32', props.revisionHistoryLimit, `${path}.revisionHistoryLimit`);
  if (revisionHistoryLimit < 0) { throw new Error(`'${path}.revisionHistoryLimit' must be at least 0, got ${revisionHistoryLimit}`); }
  return strategy === undefined && revisionHistoryLimit === undefined ? own : {
    ...own,
    ...(strategy === undefined ? {} : { [field]: strategy }),
    ...(revisionHistoryLimit === undefined ? {} : { revisionHistoryLimit }),
  };
}

/** The number of pods, or who chooses it. */
export function scaling(props: ApiServerProps, path: string): Pick<Component, 'replicas' | 'autoscaling'> {
  const { replicas, autoscaling } = props;
  if (replicas !== undefined && (!Number.isInteger(replicas) || replicas < 0 || replicas > MAX_REPLICAS)) {
    throw new Error(`'${path}.replicas' must be a whole number of at least 0${atMost(replicas)}, got ${shown(replicas)}`);
  }
  if (autoscaling === undefined) { return { replicas }; }
  if (replicas !== undefined) { throw new Error(`'${path}.replicas' and '${path}.autoscaling' both choose the number of pods; remove one of them`); }
  return { autoscaling: autoscalerSpec(autoscaling, `${path}.autoscaling`) };
}

function autoscalerSpec(props: HorizontalAutoscaling, path: string): Wire {
  const { minReplicas = 1, maxReplicas } = props;
  if (!Number.isInteger(minReplicas) || minReplicas < 1) { throw new Error(`'${path}.minReplicas' must be a whole number of at least 1, got ${shown(minReplicas)}`); }
  if (!Number.isInteger(maxReplicas) || maxReplicas < minReplicas || maxReplicas > MAX_REPLICAS) {
    throw new Error(`'${path}.maxReplicas' must be a whole number of at least 'minReplicas' (${minReplicas})${atMost(maxReplicas)}, got ${shown(maxReplicas)}`);
  }
  const percent: number | undefined = toWire('int32', props.targetCpuUtilization, `${path}.targetCpuUtilization`);
  if (percent !== undefined && percent < 1) { throw new Error(`'${path}.targetCpuUtilization' must be at least 1 percent, got ${percent}`); }
  const cpu = percent ?? (props.metrics ? undefined : 50);
  const metrics: Wire[] = toWire('[]MetricSpec', props.metrics ?? [], `${path}.metrics`);
  const behavior = toWire('HorizontalPodAutoscalerBehavior', props.behavior, `${path}.behavior`);
  return {
    minReplicas,
    maxReplicas,
    metrics: [
      ...(cpu === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpu } } }]),
      ...metrics,
    ],
    ...(behavior ? { behavior } : {}),
  };
}
