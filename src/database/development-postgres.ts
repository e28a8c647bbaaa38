import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { MetadataDatabaseContext } from './metadata-database-binding';
import { SecretKey, SecretRef, secretEnv } from '../airflow/secret-ref';
import { toWire } from '../pod/schema';
import { Wire } from '../private/component-graph';
import { selectorLabels } from '../private/identity';
import { container, emptyDir, TMP, volumesOf } from '../private/pod-parts';

/** A PostgreSQL for trying things out. */
export interface DevelopmentPostgresProps {
  /** The password that it gets at its first start. */
  readonly password: SecretRef;

  /**
   * Size of a claim of the cluster's default StorageClass for its data.
   *
   * @default - none: the data ends with the pod
   */
  readonly storage?: string;
}

const DATA = '/var/lib/postgresql/data';
/** The user of the official image. */
const USER = 999;

/** What it is called as a component. */
export const DEVELOPMENT_POSTGRES = 'postgres';

/** The name of its objects. */
export function developmentPostgresName(context: MetadataDatabaseContext): string {
  return `${context.name}-${DEVELOPMENT_POSTGRES}`;
}

/** Emits the server: one pod, which satisfies Pod Security `restricted`, reached by Airflow's components, and whom `networkPolicies.extraIngress` lets in. */
export function developmentPostgres(scope: Construct, context: MetadataDatabaseContext, password: SecretKey, storage?: string): void {
  const name = developmentPostgresName(context);
  const selector = selectorLabels(context.name, DEVELOPMENT_POSTGRES);
  const metadata = { name, namespace: context.namespace, labels: { ...context.labels, ...selector } };
  const data = storage === undefined ? emptyDir('data', DATA)
    : { volumeMounts: [{ name: 'data', mountPath: DATA }], volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }] };
  const parts = [data, emptyDir('run', '/var/run/postgresql'), TMP, {
    env: [
      { name: 'POSTGRES_USER', value: 'airflow' },
      { name: 'POSTGRES_DB', value: 'airflow' },
      secretEnv('POSTGRES_PASSWORD', password),
      { name: 'PGDATA', value: `${DATA}/pgdata` },
    ],
  }];
  if (storage !== undefined) {
    new ApiObject(scope, 'Claim', {
      apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
    });
  }
  new ApiObject(scope, 'ServiceAccount', { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false });
  new ApiObject(scope, 'Service', {
    apiVersion: 'v1', kind: 'Service', metadata, spec: { type: 'ClusterIP', selector, ports: [{ name: 'postgres', port: 5432, targetPort: 5432, protocol: 'TCP' }] },
  });
  if (context.closedTo) { new ApiObject(scope, 'NetworkPolicy', policy(context, context.closedTo, metadata, selector) as any); }
  new ApiObject(scope, 'Deployment', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: metadata.labels },
        spec: {
          serviceAccountName: name,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          ...(context.imagePullSecrets?.length ? { imagePullSecrets: context.imagePullSecrets.map(secret => ({ name: secret })) } : {}),
          securityContext: { runAsNonRoot: true, runAsUser: USER, fsGroup: USER, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [container({
            name: 'postgres',
            image: context.images.postgres!,
            imagePullPolicy: 'IfNotPresent',
            parts,
            resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
            more: {
              ports: [{ name: 'postgres', containerPort: 5432, protocol: 'TCP' }],
              readinessProbe: { exec: { command: ['pg_isready', '-h', '127.0.0.1', '-U', 'airflow'] }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
            },
          })],
          volumes: volumesOf(parts),
        },
      },
    },
  });
}

function policy(context: MetadataDatabaseContext, closedTo: string[], metadata: Wire, selector: Wire): Wire {
  const labels = { 'app.kubernetes.io/name': 'airflow', 'app.kubernetes.io/instance': context.name };
  const tasks = { matchLabels: { ...labels, 'app.kubernetes.io/component': 'worker' } };
  const from = context.pgbouncer ? { matchLabels: { ...labels, 'app.kubernetes.io/component': 'pgbouncer' } } : {
    matchLabels: labels,
    ...(closedTo.length > 0 ? { matchExpressions: [{ key: 'app.kubernetes.io/component', operator: 'NotIn', values: closedTo }] } : {}),
  };
  const more = toWire('[]NetworkPolicyIngressRule', context.extraIngress?.[DEVELOPMENT_POSTGRES], `networkPolicies.extraIngress.${DEVELOPMENT_POSTGRES}`) ?? [];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata,
    spec: {
      podSelector: { matchLabels: selector },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{
        ports: [{ protocol: 'TCP', port: 5432 }],
        from: [
          { podSelector: from },
          ...(context.pgbouncer ? [] : context.taskNamespaces ?? []).map(namespace => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } }, podSelector: tasks })),
          // The namespace and the label of its operator, in KEDA's own instructions.
          ...(context.keda ? [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'keda' } }, podSelector: { matchLabels: { app: 'keda-operator' } } }] : []),
        ],
      }, ...more],
    },
  };
}
