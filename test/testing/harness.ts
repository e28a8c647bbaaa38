import { Client } from './client';
import { Stage } from './scenarios';
import { EmbeddedCluster, EmbeddedClusterOptions } from '../../src/testing';

/** A cluster and a client for it. */
export interface Harness extends Stage {
  readonly cluster: EmbeddedCluster;
}

export async function harness(options: EmbeddedClusterOptions = {}): Promise<Harness> {
  const cluster = await EmbeddedCluster.start(options);
  const namespace = cluster.connection.namespace!;
  return {
    cluster,
    namespace,
    client: new Client(cluster.connection),
    path: `/api/v1/namespaces/${namespace}`,
    note: () => undefined,
    as: headers => new Client(cluster.connection, headers),
  };
}
