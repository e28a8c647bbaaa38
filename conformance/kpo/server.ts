import { ApiError } from '../../src/runtime/errors';
import { fromKubeconfig } from '../../src/runtime/kubeconfig';
import { Transport } from '../../src/runtime/transport';

const NAMESPACE = 'kpo-conformance';

/** Asks a real API server, in the current context of KUBECONFIG, whether it would take a pod; nothing is created but a namespace. */
export class Server {
  public static async connect(): Promise<Server> {
    const server = new Server(new Transport(await fromKubeconfig(), { userAgent: 'cdk8s-airflow-conformance' }));
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
    await server.post('/api/v1/namespaces', 'namespaces', namespace, {}).catch(error => { if (error.status !== 409) { throw error; } });
    return server;
  }

  private constructor(private readonly transport: Transport) {}

  /** Why it refuses the pod; undefined where it takes it. */
  public async refusal(pod: any): Promise<string | undefined> {
    try {
      await this.post(`/api/v1/namespaces/${NAMESPACE}/pods`, 'pods', judged(pod), { dryRun: 'All' });
      return undefined;
    } catch (error) {
      if (!(error instanceof ApiError)) { throw error; }
      return error.message;
    }
  }

  public async close(): Promise<void> {
    await this.transport.json({ verb: 'delete', resource: 'namespaces', method: 'DELETE', path: `/api/v1/namespaces/${NAMESPACE}` });
    this.transport.close();
  }

  private post(path: string, resource: string, body: any, query: { [name: string]: string }): Promise<any> {
    return this.transport.json({ verb: 'create', resource, namespace: NAMESPACE, method: 'POST', path, query, body });
  }
}

/** The pod as if Jinja were rendered, without what another object of the cluster would have to be there for. */
function judged(pod: any): any {
  const { metadata, spec: { serviceAccountName: _, priorityClassName: __, runtimeClassName: ___, ...spec }, ...rest } = JSON.parse(
    JSON.stringify(pod).replace(/\{\{ *params\.(?:cpu|memory) *\}\}/g, '1').replace(/\{\{.*?\}\}/g, 'x1'),
  );
  return { apiVersion: 'v1', kind: 'Pod', ...rest, metadata: { ...metadata, namespace: NAMESPACE }, spec };
}
