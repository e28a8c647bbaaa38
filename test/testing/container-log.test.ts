import { ContainerLog, LogQuery } from '../../src/testing/container-log';

const query = (given: Partial<LogQuery> = {}): LogQuery => ({ follow: false, timestamps: false, ...given });

async function read(log: ContainerLog, given?: Partial<LogQuery>, signal = new AbortController().signal): Promise<string> {
  let text = '';
  for await (const chunk of log.read(query(given), signal)) { text += chunk; }
  return text;
}

test('lines of both streams come whole, in the order in which they ended', async () => {
  const log = new ContainerLog();
  log.write('stdout', Buffer.from('one '));
  log.write('stderr', Buffer.from('error\n'));
  log.write('stdout', Buffer.from('line\nrest'));
  log.end();
  expect(await read(log)).toBe('error\none line\nrest');
});

test('a character that is split between two chunks arrives whole', async () => {
  const log = new ContainerLog();
  const bytes = Buffer.from('é€\n');
  log.write('stdout', bytes.subarray(0, 3));
  log.write('stdout', bytes.subarray(3));
  expect(await read(log)).toBe('é€\n');
});

test('a long line is one line with one time stamp, and counts as one for tailLines', async () => {
  const log = new ContainerLog();
  log.write('stdout', Buffer.from(`first\n${'x'.repeat(40_000)}\nlast\n`));
  const lines = (await read(log, { timestamps: true })).split('\n');
  expect(lines.map(line => line.length)).toEqual([31 + 5, 31 + 40_000, 31 + 4, 0]);
  expect((await read(log, { tailLines: 2 })).length).toBe(40_000 + 1 + 5);
});

test('times are unique and rise', async () => {
  const log = new ContainerLog();
  log.write('stdout', Buffer.from('\n'.repeat(1000)));
  const times = (await read(log, { timestamps: true })).trim().split(/\s*\n/);
  expect(new Set(times).size).toBe(1000);
  expect([...times].sort()).toEqual(times);
});

test('follow gives what comes later, and ends with the container', async () => {
  const log = new ContainerLog();
  log.write('stdout', Buffer.from('a\n'));
  const following = read(log, { follow: true });
  await new Promise(setImmediate);
  log.write('stdout', Buffer.from('b\n'));
  await new Promise(setImmediate);
  log.write('stdout', Buffer.from('c'));
  log.end();
  expect(await following).toBe('a\nb\nc');
});

test('follow ends with its client', async () => {
  const client = new AbortController();
  const following = read(new ContainerLog(), { follow: true }, client.signal);
  client.abort();
  expect(await following).toBe('');
});

test('a log that outgrows its limit loses its beginning, and a follower goes on', async () => {
  const log = new ContainerLog();
  const following = read(log, { follow: true });
  const line = Buffer.from(`${'x'.repeat(1023)}\n`);
  for (let i = 0; i < 11 * 1024; i++) { log.write('stdout', line); }
  log.write('stdout', Buffer.from('end\n'));
  log.end();
  const text = await following;
  expect(text.length).toBeLessThan(11 * 1024 * 1024);
  expect(text.endsWith('end\n')).toBe(true);
});
