/**
 * Counts the API requests of a run, as the API server's audit log saw them: in native mode, without and with logs.
 *
 * usage: AUDIT_LOG=… npx ts-node -T bench/requests.ts [TASKS]      needs KUBECONFIG and, for the images, localhost/busybox:1 on the nodes
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Testing } from 'cdk8s';
import { PodTask } from 'cdk8s-airflow';
import { run } from 'cdk8s-airflow/runtime';

const image = process.env.BENCH_IMAGE ?? 'localhost/busybox:1';
const auditLog = process.env.AUDIT_LOG;
const tasks = Number(process.argv[2] ?? 20);

interface Count { [request: string]: number }

/** Requests by verb and resource that a user agent sent; a watch, a log or an exec counts once. */
function requests(userAgent: string): Count {
  const seen = new Set<string>();
  const count: Count = {};
  // The last piece is empty, or a line that is still being written.
  for (const line of readFileSync(auditLog!, 'utf8').split('\n').slice(0, -1).filter(text => text.includes(userAgent))) {
    const event = JSON.parse(line);
    if (seen.has(event.auditID)) { continue; }
    seen.add(event.auditID);
    const { resource, subresource } = event.objectRef ?? { resource: event.requestURI.split('?')[0] };
    const name = `${event.verb} ${resource}${subresource ? `/${subresource}` : ''}`;
    count[name] = (count[name] ?? 0) + 1;
  }
  return count;
}

async function measure(namespace: string, logs: boolean): Promise<void> {
  const chart = Testing.chart();
  for (let i = 0; i < tasks; i++) {
    new PodTask(chart, `task-${i}`, {
      image, xcomSidecarContainerImage: image, doXcomPush: true, cmds: ['sh', '-c', `echo ${i} > /airflow/xcom/return.json`],
    });
  }
  const userAgent = `bench-requests/${process.pid}-${logs}`;
  const result = await run(Testing.synth(chart), { kubeconfig: process.env.KUBECONFIG, namespace, runId: userAgent, userAgent, logs });
  if (result.state !== 'success') { throw new Error(JSON.stringify(result, undefined, 2)); }
  const count = requests(userAgent);
  const perTask = Object.entries(count).filter(([, n]) => n >= tasks);
  const once = Object.entries(count).filter(([, n]) => n < tasks);
  const sum = (entries: [string, number][]) => entries.reduce((total, [, n]) => total + n, 0);
  const list = (entries: [string, number][]) => entries.map(([name, n]) => `${n} ${name}`).join(', ');
  console.log(`native, ${logs ? 'with' : 'without'} logs, ${tasks} tasks: ${(sum(perTask) / tasks).toFixed(2)} requests for each task (${list(perTask)}); ` +
    `${sum(once)} for the run (${list(once)})`);
}

async function main(): Promise<void> {
  if (!auditLog) { throw new Error("set AUDIT_LOG to the API server's audit log"); }
  const namespace = `bench-requests-${process.pid}`;
  execFileSync('kubectl', ['create', 'namespace', namespace], { stdio: 'ignore' });
  try {
    await measure(namespace, false);
    await measure(namespace, true);
  } finally {
    execFileSync('kubectl', ['delete', 'namespace', namespace, '--wait=false'], { stdio: 'ignore' });
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
