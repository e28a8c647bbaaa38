/** Plays the scenarios of test/testing/scenarios.ts on a real cluster and writes its answers to test/testing/recorded. See README.md. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import { Connection } from '../../src/runtime/connection';
import { Client } from '../../test/testing/client';
import { normalise } from '../../test/testing/normalise';
import { scenarios } from '../../test/testing/scenarios';

/** The admin's connection: a kubeconfig with certificates in it. */
function connection(): Connection {
  const file = process.env.KUBECONFIG;
  if (!file) { throw new Error('KUBECONFIG is not set; point it to a cluster that may be written to'); }
  const config = parse(fs.readFileSync(file, 'utf8'));
  const decode = (text: string) => Buffer.from(text, 'base64').toString();
  const { cluster } = config.clusters[0];
  const { user } = config.users[0];
  return {
    server: cluster.server,
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  };
}

async function main(): Promise<void> {
  const real = connection();
  const wanted = process.argv.slice(2);
  for (const name of wanted.length > 0 ? wanted : Object.keys(scenarios)) {
    const client = new Client(real);
    const namespace = `emb-${name}`;
    await client.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    // Pods are refused until the namespace has its service account.
    await client.watch(`/api/v1/namespaces/${namespace}/serviceaccounts?watch=true&timeoutSeconds=30`, event => event.object.metadata.name === 'default');
    const notes: { [name: string]: unknown } = {};
    try {
      await scenarios[name]({
        client,
        namespace,
        path: `/api/v1/namespaces/${namespace}`,
        note: (key, answer) => { notes[key] = normalise(answer, namespace); },
        as: headers => 'authorization' in headers ? new Client({ server: real.server, ca: real.ca }, headers) : new Client(real, headers),
      });
    } finally {
      await client.delete(`/api/v1/namespaces/${namespace}`);
    }
    const file = path.join(__dirname, '../../test/testing/recorded', `${name}.json`);
    const sorted = Object.fromEntries(Object.keys(notes).sort().map(key => [key, notes[key]]));
    fs.writeFileSync(file, `${JSON.stringify(sorted, null, 1)}\n`);
    console.log(`${path.relative(process.cwd(), file)}: ${Object.keys(notes).length} answers`);
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
