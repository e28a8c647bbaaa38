import { SecretKey, secretEnv } from '../../airflow/secret-ref';
import { toWire } from '../../pod/schema';
import { Component } from '../../private/component-graph';
import { container, emptyDir, TMP, volumesOf } from '../../private/pod-parts';
import { AirflowPodProps } from '../../tasks/airflow-pod-props';
import { containerResources, podSettings } from '../../tasks/private/airflow-pod';

export const REDIS_PORT = 6379;
/** The user of the official image. */
const REDIS_USER = 999;

// In a file and not among the arguments, which every process of the node may read.
const START = 'umask 077 && printf \'requirepass "%s"\\nsave ""\\ndir /data\\n\' "$REDIS_PASSWORD" > /tmp/redis.conf && exec redis-server /tmp/redis.conf';

/** The Redis of a deployment for development: what is in it ends with its pod. */
export function redisComponent(image: string, password: SecretKey, props: AirflowPodProps): Component {
  const parts = [TMP, emptyDir('data', '/data'), { env: [secretEnv('REDIS_PASSWORD', password), ...toWire('[]EnvVar', props.env ?? [], 'redis.env')] }];
  const probe = { tcpSocket: { port: REDIS_PORT }, periodSeconds: 10, timeoutSeconds: 5 };
  return {
    name: 'redis',
    workload: 'StatefulSet',
    containers: [container({
      name: 'redis',
      image,
      imagePullPolicy: 'IfNotPresent',
      command: ['sh', '-c', START],
      parts,
      resources: containerResources(props.resources, 'redis.resources') ?? { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
      runAsUser: REDIS_USER,
      more: {
        ports: [{ name: 'redis', containerPort: REDIS_PORT, protocol: 'TCP' }],
        livenessProbe: { ...probe, failureThreshold: 6 },
        readinessProbe: { ...probe, failureThreshold: 3 },
      },
    })],
    volumes: volumesOf(parts),
    ports: [{ name: 'redis', port: REDIS_PORT }],
    service: 'ClusterIP',
    flows: [],
    terminationGracePeriodSeconds: 30,
    pullSecrets: [],
    settings: podSettings(props, 'redis.'),
  };
}
