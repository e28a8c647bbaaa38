import { entriesOf, isTrue, ReadEntry } from './configuration';
import { DeploymentContext } from './deployment-context';
import { isPublicUrl } from '../../airflow/server-address';
import { Component } from '../../private/component-graph';
import { AirflowKubernetesDeploymentProps } from '../airflow-kubernetes-deployment-props';

/** Something that a component connects to where airflow.cfg, or a variable, says so by itself. */
interface Setting {
  readonly section: string;
  readonly key: string;
  readonly holds: (value: string | null) => boolean;
  /** Whom it makes connect. */
  readonly who: (component: Component, airflow3: boolean) => boolean;
  /** The prop that opens the way to it. */
  readonly prop?: 'logs' | 'secretsBackend';
}

const isUi = ({ name }: Component) => name === 'api-server' || name === 'webserver';
const runsDags = ({ flows }: Component) => flows.some(({ kind }) => kind === 'anywhere');
const controls = (component: Component) => isUi(component) || /^(scheduler|triggerer|dag-processor.*)$/.test(component.name);
const isSaid = (value: string | null) => value !== '';

const SETTINGS: Setting[] = [
  { section: 'logging', key: 'remote_logging', holds: isTrue, who: component => isUi(component) || (runsDags(component) && !component.name.startsWith('dag-processor')), prop: 'logs' },
  // Tasks of Airflow 3 ask the API server.
  { section: 'secrets', key: 'backend', holds: isSaid, who: (component, airflow3) => controls(component) || (!airflow3 && runsDags(component)), prop: 'secretsBackend' },
  { section: 'sentry', key: 'sentry_on', holds: isTrue, who: component => controls(component) || runsDags(component) },
  { section: 'openlineage', key: 'transport', holds: isSaid, who: component => component.name === 'scheduler' || runsDags(component) },
];

/** What is to be said where settings name servers that no prop does, so that the network policies keep them closed. */
export function closedServers(context: DeploymentContext, components: Component[], props: AirflowKubernetesDeploymentProps): string[] {
  const { taskEgress, extraEgress, extraIngress } = props.networkPolicies ?? {};
  const closed = components.filter(component => !extraEgress?.[component.name] && (taskEgress === 'deny' || !runsDags(component)));
  const read = (component: Component): ReadEntry => entriesOf(context.airflowCfg, component.containers[0].env);
  const servers = SETTINGS.filter(({ prop }) => prop === undefined || props[prop] === undefined).flatMap(({ section, key, holds, who, prop }) => {
    const names = closed.filter(component => who(component, context.airflow3)).filter(component => {
      const value = read(component)(section, key);
      return value !== undefined && holds(value);
    }).map(({ name }) => `'${name}'`);
    return names.length === 0 ? [] : [`network policies: '[${section}] ${key}' is set, and its server is closed to ${names.join(', ')}; `
      + `${prop === undefined ? 'open it' : `use '${prop}', or open it`} in 'networkPolicies.extraEgress'`];
  });
  const ui = components.find(isUi)!;
  const section = context.airflow3 ? 'api' : 'webserver';
  const baseUrl = read(ui)(section, 'base_url');
  const outside = baseUrl && isPublicUrl(baseUrl, `${context.owner.name}-${ui.name}`, context.owner.namespace);
  return [
    ...servers,
    ...(outside && !ui.exposed && !extraIngress?.[ui.name] ? [`network policies: '[${section}] base_url' is '${baseUrl}', and nothing from outside reaches '${ui.name}'; `
      + "use 'exposure', or let in what is in front of it by 'networkPolicies.extraIngress'"] : []),
  ];
}
