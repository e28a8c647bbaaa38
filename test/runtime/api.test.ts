import { EventEmitter } from 'node:events';
import { KubernetesApi } from '../../src/runtime/api';

/** A socket that is connecting: as `ws` does it, giving it up is an error and an end. */
class ConnectingSocket extends EventEmitter {
  public readyState = 0;
  public terminate(): void {
    if (this.readyState > 0) { return; }
    this.readyState = 2;
    process.nextTick(() => { this.emit('error', new Error('closed before the connection was established')); this.emit('close', 1006); });
  }
}

test('an exec that is aborted before it begins is refused with the reason', async () => {
  const api = new KubernetesApi({ webSocket: () => new ConnectingSocket(), authorized: (attempt: () => unknown) => attempt() } as any);
  const exec = api.exec('n', 'p', 'c', ['true'], { signal: AbortSignal.abort(new Error('stop')), maxBytes: 10 });
  await expect(exec).rejects.toThrow('stop');
  await new Promise(resolve => setImmediate(resolve));
});

test.each(['', '.', '..', 'a/status', 'a%2Fb', undefined])('a name that would be the path of something else is refused: %j', async name => {
  const json = jest.fn();
  const api = new KubernetesApi({ json } as any);
  const jobs = { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs' };
  const calls = [
    async () => api.deleteObject(jobs, 'n', name!, {}), async () => api.getObject(jobs, 'n', name!), async () => api.patchObject(jobs, 'n', name!, {}), async () => api.deletePod('n', name!, 'u'),
    async () => api.listPods(name!, '', {}), async () => api.createObject(jobs, name!, { apiVersion: 'batch/v1', kind: 'Job', metadata: {} }),
  ];
  for (const call of calls) { await expect(call()).rejects.toThrow('is no name of an object or a namespace'); }
  expect(json).not.toHaveBeenCalled();
});
