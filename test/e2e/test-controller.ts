import { connection } from './kubectl';
import { ApiResource, KubernetesApi } from '../../src/runtime/api';
import { Transport } from '../../src/runtime/transport';
import { ObjectWatch, WatchHandler } from '../../src/runtime/watch';

/**
 * A controller of a test: it is told of the objects of some kinds in a namespace, from its start to its stop. A watch that broke off while kubectl held up this
 * process begins again by itself.
 */
export abstract class TestController {
  private readonly transport: Transport;
  private readonly watches: ObjectWatch<any>[] = [];

  constructor(protected readonly namespace: string, userAgent: string) {
    this.transport = new Transport(connection(), { userAgent });
  }

  public async start(): Promise<void> {
    await Promise.all(this.watches.map(watch => watch.start()));
  }

  public async stop(): Promise<void> {
    await Promise.all(this.watches.map(watch => watch.stop()));
    this.transport.close();
  }

  protected watch(resource: ApiResource, selector: string, handler: Pick<WatchHandler<any>, 'seen'> & Partial<WatchHandler<any>>): void {
    const api = new KubernetesApi(this.transport);
    this.watches.push(new ObjectWatch<any>({
      resource: resource.plural,
      list: (...args) => api.listObjects(resource, ...args),
      watch: (...args) => api.watchObjects(resource, ...args),
    }, this.namespace, selector, { gone: () => {}, trouble: () => {}, ...handler }));
  }
}
