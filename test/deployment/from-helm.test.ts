import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JsonPatch } from 'cdk8s';
import { Deployed } from './deploy';
import * as api from '../../src';
import { CHART_WORDS } from '../../src/private/chart-words';

const page = readFileSync(join(__dirname, '../../docs/from-helm.md'), 'utf8');

/** The top-level keys of the official chart's values, 1.22.0. */
const KEYS = `fullnameOverride nameOverride useStandardNaming revisionHistoryLimit uid gid securityContext securityContexts containerLifecycleHooks airflowHome
  defaultAirflowRepository defaultAirflowTag defaultAirflowDigest airflowVersion images nodeSelector affinity tolerations topologySpreadConstraints schedulerName
  labels enableServiceLinks imagePullSecrets ingress networkPolicies airflowPodAnnotations airflowConfigAnnotations airflowLocalSettings rbac executor
  allowPodLaunching allowJobLaunching env volumes volumeMounts secret enableBuiltInSecretEnvVars priorityClasses extraSecrets extraConfigMaps extraEnv
  extraEnvFrom data fernetKey fernetKeySecretName fernetKeySecretAnnotations apiSecretKey apiSecretAnnotations apiSecretKeySecretName jwtSecret
  jwtSecretAnnotations jwtSecretName webserverSecretKey webserverSecretAnnotations webserverSecretKeySecretName kerberos registry elasticsearch opensearch ports
  quotas limits postgresql config multiNamespaceMode podTemplate dags logs scheduler webserver apiServer dagProcessor triggerer workers flower statsd
  otelCollector pgbouncer redis migrateDatabaseJob createUserJob cleanup databaseCleanup`.split(/\s+/);

/** The first column of the tables: the values that the page speaks of. */
const said = page.split('\n').filter(line => line.startsWith('| `')).map(line => line.split(' | ')[0]).join(' ');

test.each(KEYS)('the page says where %s lives', key => { expect(said).toMatch(new RegExp(`\`${key}[.\`]`)); });

test.each(KEYS)('as a prop, %s is ours or answered', key => {
  let message = '';
  try { new Deployed({ [key]: {} }); } catch (error) { message = (error as Error).message; }
  expect(/unknown prop/.test(message) && CHART_WORDS.AirflowKubernetesDeploymentProps[key] === undefined).toBe(false);
});

test('classes and factories that the page names exist', () => {
  const known: any = { ...api, Chart: true, App: true, ApiObject: { of: true }, JsonPatch };
  const names = [...page.matchAll(/\b([A-Z]\w+)\.(\w+)\(|\b(?:new )([A-Z]\w+)\(/g)].map(([, type, member, made]) => [type ?? made, member]);
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter(([type, member]) => !(member ? known[type]?.[member] : known[type]))).toEqual([]);
});
