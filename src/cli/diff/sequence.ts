import { Change } from './changes';
import { holdsData, identify, kubectlName, ObjectId, podOf } from './objects';
import { Manifest } from '../../pod/manifest';

/** A step and its commands, for a POSIX shell. */
export interface Step {
  readonly title: string;
  readonly commands: string[];
}

const INSTANCE = 'app.kubernetes.io/instance';
const COMPONENT = 'app.kubernetes.io/component';
const VERSION = 'app.kubernetes.io/version';
/** Components whose Jobs come before Airflow of a new version. */
const FIRST = ['secret-bootstrap', 'migration'];

/**
 * How to bring a cluster from the old manifests to the new ones, which `path` holds. Where an Airflow's version changes, nothing of the old one is left when the
 * database is migrated. Empty where nothing is to be done.
 */
export function sequenceOf(before: Manifest[], after: Manifest[], changes: Change[], path: string): Step[] {
  if (changes.length === 0) { return []; }
  const file = quote(path);
  const upgraded = upgrades(before, after);
  const recreated = changes.filter(({ effect }) => effect === 'recreated');
  const removed = changes.filter(({ change, object }) => change === 'removed' && !holdsData(object));
  const autoscaled = upgraded.length > 0 ? [] : changes.filter(losesReplicas).map(({ object }) => object);
  const oldJobs = changes.filter(({ change }) => change === 'replaced').map(({ before: job }) => identify(job!));
  return [
    ...upgraded.flatMap(upgrade => [...stop(upgrade), ...goBack(upgrade)]),
    ...upgraded.length > 0 ? [{
      title: 'what the migration needs, and the migration',
      commands: [
        `kubectl apply -f ${file} -l '!${COMPONENT}'`,
        ...upgraded.flatMap(upgrade => migrate(upgrade, file)),
      ],
    }] : [],
    ...recreated.length > 0 ? [{
      title: 'what cannot be changed is made anew',
      commands: recreated.map(({ object }) => (object.kind === 'PersistentVolumeClaim'
        ? `# ${kubectlName(object)} holds data: make another claim, or copy the data before you delete it`
        : `${kubectl(object)} delete ${kubectlName(object)}${object.kind === 'StatefulSet' ? ' --cascade=orphan' : ''} --ignore-not-found`)),
    }] : [],
    ...autoscaled.length > 0 ? [{
      title: 'the number of pods stays until the autoscaler chooses it: apply would set one that it has set before, and that is gone, to 1',
      commands: autoscaled.map(object =>
        `${kubectl(object)} apply view-last-applied ${kubectlName(object)} -o yaml | sed '/^  replicas: /d' | ${kubectl(object)} apply set-last-applied -f -`),
    }] : [],
    // kubectl ends with an error where there is nothing to apply.
    ...after.length > 0 ? [{ title: 'everything', commands: [`kubectl apply -f ${file}`, ...upgraded.flatMap(resume)] }] : [],
    ...removed.length + oldJobs.length > 0 ? [{
      title: 'what is no longer there: apply does not remove it',
      commands: [...byNamespace([...removed.map(({ object }) => object), ...oldJobs])]
        .map(([namespace, objects]) => `${kubectl({ namespace })} delete ${objects.map(kubectlName).join(' ')} --ignore-not-found`),
    }] : [],
  ];
}

/** A deployment whose version changes. */
interface Upgrade {
  readonly instance: string;
  readonly namespace?: string;
  readonly versions: [string, string];
  /** Where its task pods may be beside that namespace. */
  readonly workerNamespaces: string[];
  readonly before: Manifest[];
  readonly after: Manifest[];
}

function upgrades(before: Manifest[], after: Manifest[]): Upgrade[] {
  const migration = (manifests: Manifest[]) => manifests.filter(({ kind, metadata }) => kind === 'Job' && metadata.labels?.[COMPONENT] === 'migration');
  return migration(after).flatMap(({ metadata: { labels, namespace } }) => {
    const same = ({ metadata }: Manifest) => metadata.labels?.[INSTANCE] === labels![INSTANCE] && metadata.namespace === namespace;
    const old = migration(before).find(same)?.metadata.labels?.[VERSION];
    const version = labels![VERSION];
    const versions: [string, string] = [old ?? version, version];
    return versions[0] === version ? []
      : [{
        instance: labels![INSTANCE],
        namespace,
        versions,
        workerNamespaces: grantedNamespaces(before, labels![INSTANCE], namespace),
        before: before.filter(same),
        after: after.filter(same),
      }];
  });
}

/** The other namespaces in which a deployment may do something: another one of its name may have task pods of its own elsewhere. */
function grantedNamespaces(manifests: Manifest[], instance: string, namespace: string | undefined): string[] {
  const bindings = manifests.filter(({ kind, metadata, subjects = [] }) => kind === 'RoleBinding' && metadata.labels?.[INSTANCE] === instance
    && metadata.namespace !== namespace && subjects.some((subject: any) => subject.namespace === namespace));
  return [...new Set(bindings.map(({ metadata }) => metadata.namespace!))];
}

/** What an autoscaler takes over. */
function losesReplicas({ before, after }: Change): boolean {
  return before?.spec?.replicas > 1 && after !== undefined && after.spec.replicas === undefined;
}

/** Nothing of the old version holds the database, or a task, any more. */
function stop({ instance, namespace, versions, workerNamespaces, before }: Upgrade): Step[] {
  const run = kubectl({ namespace });
  const airflow = before.filter(runsAirflow);
  const named = (kinds: string[]) => airflow.filter(({ kind }) => kinds.includes(kind)).map(identify);
  const workloads = named(['Deployment', 'StatefulSet']);
  const cronJobs = named(['CronJob']);
  const components = (kinds: string[]) => airflow.filter(({ kind }) => kinds.includes(kind)).map(({ metadata }) => metadata.labels![COMPONENT]);
  const select = (list: string[]) => `-l '${INSTANCE}=${instance},${COMPONENT} in (${[...new Set(list)].sort().join(', ')})'`;
  const grace = Math.max(...airflow.map(manifest => podOf(manifest)?.spec?.terminationGracePeriodSeconds ?? 30));
  const scalers = before.filter(({ kind }) => kind === 'ScaledObject').map(identify);
  return [
    {
      title: `stop Airflow ${versions[0]}; make a copy of the database before you go on, because there is no way back without it`,
      commands: [
        ...cronJobs.map(object => `${run} patch ${kubectlName(object)} -p '{"spec":{"suspend":true}}'`),
        ...scalers.map(object => `${run} annotate ${kubectlName(object)} autoscaling.keda.sh/paused-replicas=0 --overwrite`),
        `${run} scale ${workloads.map(kubectlName).join(' ')} --replicas=0`,
      ],
    },
    {
      title: 'tasks that still run in pods of their own end here: they are lost, and Airflow retries them as their DAGs say',
      commands: [
        `${run} wait pod ${select(components(['Deployment', 'StatefulSet']))} --for=delete --timeout=${grace + 60}s`,
        `${run} delete job ${select(components(['Job', 'CronJob']))} --ignore-not-found`,
        ...[namespace, ...workerNamespaces].map(where => `${kubectl({ namespace: where })} delete pod ${select(['worker'])} --ignore-not-found`),
      ],
    },
  ];
}

/** Migrations only go forward: one of an older Airflow fails on the database of a newer one. */
function goBack({ versions: [from, to] }: Upgrade): Step[] {
  const [old, now] = [from, to].map(version => version.split('.').map(Number));
  const at = old.findIndex((part, i) => part !== now[i]);
  return !(old[at] > now[at]) ? [] : [{
    title: `this is a downgrade: Airflow ${to} cannot use the database of ${from}, and its migration, which follows, would fail`,
    commands: [
      `# bring back the copy of the database from before the upgrade, or run 'airflow db downgrade --to-version ${to}' with the image of Airflow ${from}`,
      // Ends a script, and not the shell of a person.
      `: "\${DATABASE_RESTORED:?set it when the database is one of Airflow ${to}, and go on from here}"`,
    ],
  }];
}

/** With the servers that do not run Airflow: the migration may reach its database through one of them. */
function migrate({ instance, namespace, after }: Upgrade, file: string): string[] {
  const run = kubectl({ namespace });
  const servers = after.filter(manifest => manifest.metadata.labels?.[COMPONENT] && isServer(manifest) && !runsAirflow(manifest));
  const first = [...FIRST, ...servers.map(({ metadata }) => metadata.labels![COMPONENT])].sort();
  const job = kubectlName(identify(after.find(({ kind, metadata }) => kind === 'Job' && metadata.labels?.[COMPONENT] === 'migration')!));
  const failed = `${run} get ${job} -o jsonpath='{.status.conditions[?(@.type=="Failed")].message}'`;
  return [
    `kubectl apply -f ${file} -l '${INSTANCE}=${instance},${COMPONENT} in (${first.join(', ')})'`,
    ...servers.map(identify).map(server => `${run} rollout status ${kubectlName(server)} --timeout=15m`),
    // kubectl waits for one condition alone. The log is shown meanwhile, because it goes with the pod of a Job that failed.
    `minutes=60; until ${run} wait ${job} --for=condition=Complete --timeout=1m; do ${run} logs ${job} --tail=20 || true; `
      + `failed=$(${failed}); [ -z "$failed" ] && [ $((minutes -= 1)) -gt 0 ] || { echo "$failed"; exit 1; }; done`,
  ];
}

/** What apply does not undo: fields that the manifests leave out. */
function resume({ namespace, before, after }: Upgrade): string[] {
  const run = kubectl({ namespace });
  const names = new Set(before.map(manifest => kubectlName(identify(manifest))));
  const kept = after.filter(manifest => runsAirflow(manifest) && names.has(kubectlName(identify(manifest))));
  const workloads = kept.filter(isServer);
  const scaled = workloads.filter(({ spec }) => spec.replicas === undefined).map(identify);
  const scalers = after.filter(({ kind, metadata }) => kind === 'ScaledObject' && names.has(`scaledobject.keda.sh/${metadata.name}`)).map(identify);
  return [
    ...kept.filter(({ kind }) => kind === 'CronJob').map(identify).map(object => `${run} patch ${kubectlName(object)} -p '{"spec":{"suspend":false}}'`),
    ...scalers.map(object => `${run} annotate ${kubectlName(object)} autoscaling.keda.sh/paused-replicas-`),
    ...scaled.length > 0 ? [`${run} scale ${scaled.map(kubectlName).join(' ')} --replicas=1`] : [],
    ...after.filter(manifest => runsAirflow(manifest) && isServer(manifest)).map(identify)
      .map(object => `${run} rollout status ${kubectlName(object)} --timeout=15m`),
  ];
}

function isServer({ kind }: Manifest): boolean {
  return kind === 'Deployment' || kind === 'StatefulSet';
}

/** Whether a workload runs Airflow, and not what is beside it. */
function runsAirflow(manifest: Manifest): boolean {
  const containers: any[] = podOf(manifest)?.spec?.containers ?? [];
  return manifest.metadata.labels?.[COMPONENT] !== undefined
    && containers.some(({ volumeMounts = [] }) => volumeMounts.some(({ mountPath }: any) => mountPath === '/opt/airflow/airflow.cfg'));
}

function byNamespace(objects: ObjectId[]): Map<string | undefined, ObjectId[]> {
  const found = new Map<string | undefined, ObjectId[]>();
  for (const object of objects) { found.set(object.namespace, [...found.get(object.namespace) ?? [], object]); }
  return found;
}

function kubectl({ namespace }: Pick<ObjectId, 'namespace'>): string {
  return namespace === undefined ? 'kubectl' : `kubectl -n ${namespace}`;
}

function quote(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`;
}
