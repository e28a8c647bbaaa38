import { AirflowVersion } from '../../src/airflow/version';

test('a version knows its numbers and prints as written', () => {
  const version = AirflowVersion.of('3.1.8');
  expect([version.version, version.major, version.minor, version.patch, `${version}`]).toEqual(['3.1.8', 3, 1, 8, '3.1.8']);
});

test('the constants are the newest patch releases', () => {
  expect(AirflowVersion.V3_3.version).toBe('3.3.2');
  expect(AirflowVersion.V2_11.version).toBe('2.11.2');
});

test.each(['3.3', 'v3.3.2', '3.3.2rc1', 'latest', '', ' 3.3.2'])("'%s' is no version", text => {
  expect(() => AirflowVersion.of(text)).toThrow(`Airflow version must be three numbers such as '3.3.2', got '${text}'`.replace(/'([^']*)'$/, '"$1"'));
});

test('something that is no text is no version', () => {
  expect(() => AirflowVersion.of(undefined as any)).toThrow('got undefined');
});

test.each(['2.10.5', '3.4.0', '4.0.0', '1.10.15'])('%s is not supported, and the message says what is', text => {
  expect(() => AirflowVersion.of(text)).toThrow(
    `Airflow version '${text}' is not supported; supported: 2.11.x, 3.0.x, 3.1.x, 3.2.x, 3.3.x; for a newer image use the newest of these and set the image`);
});

test('versions are compared by number', () => {
  const version = AirflowVersion.of('3.1.8');
  expect(['3.1.8', '3.1', '3', '2.11.2', '3.1.7', '3.0.10'].filter(v => !version._isAtLeast(v))).toEqual([]);
  expect(['3.1.9', '3.2', '3.1.10', '4'].filter(v => version._isAtLeast(v))).toEqual([]);
});

test('each version has its features', () => {
  const features = (version: string) => Object.entries(AirflowVersion.of(version)._features).filter(([, on]) => on).map(([name]) => name).sort();
  expect(features('2.11.2')).toEqual(['fabByDefault', 'hybridExecutors', 'webserver']);
  const three = ['apiServer', 'dagBundles', 'executionApi', 'jwt', 'separateDagProcessor'];
  expect(features('3.0.1')).toEqual(three);
  expect(features('3.0.2')).toEqual([...three, 'apiSecretKey'].sort());
  expect(features('3.1.0')).toEqual([...three, 'apiSecretKey', 'asyncDatabase'].sort());
  expect(features('3.3.2')).toEqual([...three, 'apiSecretKey', 'asyncDatabase', 'multiTeam'].sort());
});
