import { Yaml } from 'cdk8s';
import { componentSettings } from './component-settings';
import { STATSD_MAPPINGS } from './statsd-mappings';
import { toWire } from '../../pod/schema';
import { Component, Wire } from '../../private/component-graph';
import { container, volumesOf } from '../../private/pod-parts';
import { shown } from '../../private/prop-types';
import { containerResources } from '../../tasks/private/airflow-pod';
import { StatsdProps } from '../monitoring-props';

/** Where Airflow sends its metrics. */
export const STATSD_PORT = 9125;
/** Where Prometheus reads them. */
const SCRAPE_PORT = 9102;
export const SCRAPE_PORT_NAME = 'statsd-scrape';
const USER = 65534;
const FOLDER = '/etc/statsd-exporter';
export const MAPPINGS_FILE = 'mappings.yml';

/** The StatsD exporter of a deployment; `configMap` holds its mappings. */
export function statsdComponent(image: string, configMap: string, props: StatsdProps): Component {
  const path = 'monitoring.statsd';
  const scrapedFrom: Wire[] = toWire('[]NetworkPolicyPeer', props.scrapedFrom ?? [{ namespaceSelector: {} }], `${path}.scrapedFrom`);
  const parts = [{
    volumeMounts: [{ name: 'mappings', mountPath: `${FOLDER}/${MAPPINGS_FILE}`, subPath: MAPPINGS_FILE, readOnly: true }],
    volumes: [{ name: 'mappings', configMap: { name: configMap } }],
    env: toWire('[]EnvVar', props.env, `${path}.env`),
  }];
  const probe = { httpGet: { path: '/metrics', port: SCRAPE_PORT }, periodSeconds: 10, timeoutSeconds: 5 };
  return {
    name: 'statsd',
    workload: 'Deployment',
    containers: [container({
      name: 'statsd',
      image,
      imagePullPolicy: 'IfNotPresent',
      args: ['--statsd.cache-size=1000', '--statsd.cache-type=lru', `--statsd.mapping-config=${FOLDER}/${MAPPINGS_FILE}`],
      parts,
      resources: containerResources(props.resources, `${path}.resources`)
        ?? { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
      runAsUser: USER,
      more: {
        ports: [
          { name: 'statsd-ingest', containerPort: STATSD_PORT, protocol: 'UDP' },
          { name: SCRAPE_PORT_NAME, containerPort: SCRAPE_PORT, protocol: 'TCP' },
        ],
        livenessProbe: { ...probe, failureThreshold: 6 },
        readinessProbe: { ...probe, failureThreshold: 3 },
      },
    })],
    volumes: volumesOf(parts),
    ports: [
      { name: 'statsd-ingest', port: STATSD_PORT, protocol: 'UDP' },
      { name: SCRAPE_PORT_NAME, port: SCRAPE_PORT, from: scrapedFrom },
    ],
    service: 'ClusterIP',
    flows: [],
    terminationGracePeriodSeconds: 30,
    // Two exporters beside each other would each have some of the counts.
    workloadSpec: { strategy: { type: 'Recreate' } },
    pullSecrets: [],
    settings: componentSettings(props, path),
  };
}

/** The file without mappings of the user's, once it was written. */
let own: string | undefined;

/** The mappings as a file of the exporter. */
export function statsdMappings({ extraMappings, overrideMappings }: StatsdProps): string {
  for (const [prop, given] of Object.entries({ extraMappings, overrideMappings })) {
    given?.forEach((mapping, i) => {
      for (const key of ['match', 'name']) {
        if (typeof mapping?.[key] !== 'string' || mapping[key] === '') {
          throw new Error(`'monitoring.statsd.${prop}[${i}].${key}' must be a text, got ${shown(mapping?.[key])}`);
        }
      }
    });
  }
  if (extraMappings && overrideMappings) {
    throw new Error("'monitoring.statsd' has 'extraMappings' and 'overrideMappings', which replaces all others; put them there, or remove one");
  }
  return extraMappings || overrideMappings ? Yaml.stringify({ mappings: overrideMappings ?? [...extraMappings ?? [], ...STATSD_MAPPINGS] })
    : own ??= Yaml.stringify({ mappings: STATSD_MAPPINGS });
}
