import * as fs from 'node:fs';
import * as path from 'node:path';
import { Client } from './client';
import { normalise } from './normalise';
import { scenarios } from './scenarios';
import { EmbeddedCluster, forbidden } from '../../src/testing';

/** conformance/embedded/record.ts wrote them with a real cluster. */
const recordings = path.join(__dirname, 'recorded');

describe.each(Object.keys(scenarios))('the answers of scenario %s', name => {
  const recorded = JSON.parse(fs.readFileSync(path.join(recordings, `${name}.json`), 'utf8'));
  const notes: { [name: string]: unknown } = {};

  beforeAll(async () => {
    const namespace = `emb-${name}`;
    // An image that no test may pull, because there is no registry.
    const cluster = await EmbeddedCluster.start({ namespace, namespaces: [], images: image => image.startsWith('localhost/') });
    const user = (given: any) => given['impersonate-user'];
    cluster.intercept(request => user(request.headers) && forbidden(request, user(request.headers)));
    try {
      await scenarios[name]({
        client: new Client(cluster.connection),
        namespace,
        path: `/api/v1/namespaces/${namespace}`,
        note: (key, answer) => { notes[key] = normalise(JSON.parse(JSON.stringify(answer ?? null)), namespace); },
        as: headers => new Client('authorization' in headers ? { ...cluster.connection, token: undefined } : cluster.connection, headers),
      });
    } finally {
      await cluster.stop();
    }
  });

  it.each(Object.keys(recorded))('%s: as the real API server', key => {
    expect(notes[key]).toEqual(recorded[key]);
  });

  it('are all compared', () => {
    expect(Object.keys(notes).sort()).toEqual(Object.keys(recorded).sort());
  });
});
