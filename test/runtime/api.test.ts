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
