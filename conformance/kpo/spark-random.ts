import { Dice, Parts } from './generate';
import { resources, template } from './spark-cases';
import { SparkCase } from '../../test/tasks/spark';

/** Templates that a seed decides. */
export function randomSparkCases(seed: number, count: number): SparkCase[] {
  const dice = new Dice(seed);
  const parts = new Parts(dice);
  const amounts = () => resources(
    { request: dice.of<any>(null, 1, '2', '3.0'), limit: dice.of<any>(null, 1, '1500m') },
    { request: dice.of(null, '1Gi'), limit: dice.chance(0.05) ? dice.of('800Mi', '1g') : dice.of(null, '2Gi', '1.5G', '700m') },
    { name: dice.of(null, 'nvidia.com/gpu'), quantity: dice.of<any>(0, 1, '2') },
  );
  const pod = () => ({
    ...dice.fields({
      container_resources: amounts,
      cores: () => dice.of(1, 2),
      memory: () => '1g',
      serviceAccount: () => 'spark',
      env: parts.env,
      labels: parts.labels,
      javaOptions: () => '-Dx=y',
      hostNetwork: parts.bool,
      securityContext: parts.containerContext,
      sidecars: () => [parts.container('extra')],
    }),
  });
  return Array.from({ length: count }, (_, i) => {
    const section = dice.chance(0.6) ? dice.fields({
      env_vars: parts.envMap,
      env_from: parts.envFrom,
      image_pull_secrets: () => dice.chance(0.1) ? 'a,b' : '',
      node_selector: parts.nodeSelector,
      affinity: parts.affinity,
      tolerations: parts.tolerations,
      config_map_mounts: () => ({ settings: '/etc/settings' }),
      volumes: parts.volumes,
      volume_mounts: () => parts.mounts(),
      from_env_config_map: () => dice.some(['a', 'b'], 1),
      from_env_secret: () => ['s'],
    }) : undefined;
    const [driver, executor] = [pod(), pod()] as any[];
    // The operator takes both or fails.
    if ('container_resources' in driver !== 'container_resources' in executor) { delete driver.container_resources; delete executor.container_resources; }
    if (section) { delete driver.labels; delete executor.labels; }
    const spec = {
      driver,
      executor: { ...executor, instances: 2 },
      labels: section && dice.chance(0.5) ? parts.labels() : {},
      ...dice.fields({
        sparkConf: () => ({ 'spark.ui.port': '4045' }),
        arguments: parts.words,
        timeToLiveSeconds: () => 60,
        dynamicAllocation: () => ({ enabled: true, minExecutors: dice.of(1, 2), maxExecutors: dice.of(2, 4) }),
        nodeSelector: parts.nodeSelector,
      }),
    };
    const kwargs = {
      template_spec: template(spec, section),
      image: 'spark:3',
      code_path: 'local:///app.py',
      ...dice.fields({ name: () => dice.of('job', 'My_Job', 'x'.repeat(60)), namespace: () => 'team', reattach_on_restart: parts.bool }),
    };
    return { id: `seed ${seed} #${i}`, kwargs };
  });
}
