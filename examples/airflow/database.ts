import { ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';

export interface DevPostgresProps {
  readonly namespace: string;
  readonly image: string;
  /** Name of an existing Secret with the key `password`. */
  readonly secretName: string;
  /** The deployment whose components may connect. */
  readonly clients: string;
  /**
   * True where its task pods may connect as well: Airflow 2.
   *
   * @default false
   */
  readonly taskPods?: boolean;
}

/** A PostgreSQL for trying things out: one pod, no volume, its data ends with it. */
export class DevPostgres extends Chart {
  constructor(scope: Construct, id: string, props: DevPostgresProps) {
    super(scope, id, { namespace: props.namespace });
    const name = 'postgres';
    const labels = { app: name };
    const folder = (volume: string, mountPath: string) => ({ name: volume, mountPath });

    new ApiObject(this, 'Service', {
      apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: labels, ports: [{ port: 5432 }] },
    });
    new ApiObject(this, 'NetworkPolicy', {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name },
      spec: {
        podSelector: { matchLabels: labels },
        policyTypes: ['Ingress'],
        ingress: [{
          ports: [{ protocol: 'TCP', port: 5432 }],
          from: [{
            podSelector: {
              matchLabels: { 'app.kubernetes.io/instance': props.clients },
              ...(props.taskPods ? {} : { matchExpressions: [{ key: 'app.kubernetes.io/component', operator: 'NotIn', values: ['worker'] }] }),
            },
          }],
        }],
      },
    });
    new ApiObject(this, 'Deployment', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        replicas: 1,
        strategy: { type: 'Recreate' },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: { runAsNonRoot: true, runAsUser: 999, fsGroup: 999, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [{
              name,
              image: props.image,
              imagePullPolicy: 'IfNotPresent',
              env: [
                { name: 'POSTGRES_USER', value: 'airflow' },
                { name: 'POSTGRES_DB', value: 'airflow' },
                { name: 'POSTGRES_PASSWORD', valueFrom: { secretKeyRef: { name: props.secretName, key: 'password' } } },
                { name: 'PGDATA', value: '/var/lib/postgresql/data/pgdata' },
              ],
              ports: [{ containerPort: 5432 }],
              readinessProbe: { exec: { command: ['pg_isready', '-h', '127.0.0.1', '-U', 'airflow'] }, periodSeconds: 5, timeoutSeconds: 5 },
              resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
              securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
              volumeMounts: [folder('data', '/var/lib/postgresql/data'), folder('run', '/var/run/postgresql'), folder('tmp', '/tmp')],
            }],
            volumes: ['data', 'run', 'tmp'].map(volume => ({ name: volume, emptyDir: {} })),
          },
        },
      },
    });
  }
}
