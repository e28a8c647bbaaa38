import { CONFIG_VERSIONS, tableOf } from '../../src/airflow/config-data';
import { CONFIG_READERS, configReadBy } from '../../src/airflow/config-readers';

test('names only sections and keys that some version of Airflow has', () => {
  const known = new Set(CONFIG_VERSIONS.map(tableOf).flatMap(({ sections }) => Object.entries(sections)
    .flatMap(([section, keys]) => [section, ...Object.keys(keys).map(key => `${section}.${key}`)])));
  expect(Object.keys(CONFIG_READERS).filter(name => !known.has(name))).toEqual([]);
});

test('a key stands before its section, and what is unknown is read by all', () => {
  const config = { api: { workers: '4', base_url: 'https://a' }, mine: { a: '1' }, triggerer: { capacity: '5' } };
  expect(configReadBy(config, ['triggerer'])).toEqual({ api: { base_url: 'https://a' }, mine: { a: '1' }, triggerer: { capacity: '5' } });
  expect(configReadBy(config, ['ui', 'tasks'])).toEqual({ api: config.api, mine: config.mine });
  expect(configReadBy(config, undefined)).toEqual(config);
});

test('the section of a team has the readers of its section', () => {
  const config = { 'team_a=celery': { worker_concurrency: '4' } };
  expect(configReadBy(config, ['scheduler'])).toEqual(config);
  expect(configReadBy(config, ['triggerer'])).toEqual({});
});
