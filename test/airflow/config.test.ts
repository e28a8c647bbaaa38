import * as fc from 'fast-check';
import { AirflowConfigText, checkConfig, configTable, renderAirflowCfg } from '../../src/airflow/config';
import { CONFIG_VERSIONS, tableOf } from '../../src/airflow/config-data';
import { AirflowVersion } from '../../src/airflow/version';

const V3 = AirflowVersion.V3_3;
const V2 = AirflowVersion.V2_11;

function problem(version: AirflowVersion, config: any, customConfigSections?: string[]): string {
  try {
    checkConfig(version, config, 'config', { customConfigSections });
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('accepted');
}

describe('values become the text that Airflow reads', () => {
  test.each<[string, any, string]>([
    ['a boolean', { core: { load_examples: false } }, 'False'],
    ['a boolean that a text may replace', { api: { expose_config: true } }, 'True'],
    ['its text', { api: { expose_config: 'non-sensitive-only' } }, 'non-sensitive-only'],
    ['an integer', { core: { parallelism: 64 } }, '64'],
    ['a float', { workers: { execution_api_timeout: 0.5 } }, '0.5'],
    ['a string', { core: { executor: 'LocalExecutor,KubernetesExecutor' } }, 'LocalExecutor,KubernetesExecutor'],
    ['an empty string', { core: { default_impersonation: '' } }, ''],
    ['one of a set', { logging: { logging_level: 'DEBUG' } }, 'DEBUG'],
    ['a list where Airflow reads JSON', { dag_processor: { dag_bundle_config_list: [{ name: 'a', kwargs: { n: 1 } }] } }, '[{"name":"a","kwargs":{"n":1}}]'],
    ['an object where Airflow reads JSON', { kubernetes_executor: { delete_option_kwargs: { grace_period_seconds: 10 } } }, '{"grace_period_seconds":10}'],
    ['JSON as text', { dag_processor: { dag_bundle_config_list: '[ {"name": "a"} ]' } }, '[ {"name": "a"} ]'],
    ['a per cent sign, not yet escaped', { logging: { log_format: '[%(asctime)s] 5%' } }, '[%(asctime)s] 5%'],
    ['any key of a section that Airflow hands on', { celery_broker_transport_options: { visibility_timeout: '300' } }, '300'],
    ['a new key of such a section', { sentry: { traces_sample_rate: 0.1 } }, '0.1'],
    ['an object in such a section', { celery_broker_transport_options: { queue_order: { a: 1 } } }, '{"a":1}'],
    ['a provider\'s section with a dot', { 'common.io': { xcom_objectstorage_path: 's3://b/x' } }, 's3://b/x'],
  ])('%s', (_, config, text) => {
    const [[section, keys]] = Object.entries<any>(config);
    expect(checkConfig(V3, config, 'config')[section][Object.keys(keys)[0]]).toBe(text);
  });

  test('undefined is left out, as a key and as a section', () => {
    expect(checkConfig(V3, { core: { parallelism: undefined }, api: undefined as any }, 'config')).toEqual({});
  });
});

describe('problems', () => {
  test.each<[string, AirflowVersion, any, string]>([
    ['unknown key, near one', V3, { core: { paralelism: 1 } },
      "config.core.paralelism: unknown key 'paralelism' of [core] in Airflow 3.3.2; did you mean 'parallelism'?"],
    ['unknown key that another section has', V3, { core: { sql_alchemy_pool_timeout_x: 1, keytab: 'a' } }, "config.core.keytab: unknown key 'keytab' of [core] in Airflow 3.3.2; it belongs to [kerberos]"],
    ['unknown key of a provider', V3, { fab: { zzz: 1 } },
      "unknown key 'zzz' of [fab] in Airflow 3.3.2; if your apache-airflow-providers-fab has it, name the section in 'customConfigSections'"],
    ['unknown section, near one', V3, { scheduller: { x: 1 } }, "config.scheduller: unknown section 'scheduller' in Airflow 3.3.2; did you mean 'scheduler'?"],
    ['unknown section', V3, { my_plugin: { x: 1 } },
      "config.my_plugin: unknown section 'my_plugin' in Airflow 3.3.2; name it in 'customConfigSections' if a plugin or provider of yours reads it"],
    ['the section of old charts', V3, { kubernetes: { x: 1 } }, "unknown section 'kubernetes' in Airflow 3.3.2; it has been called 'kubernetes_executor' since Airflow 2.5"],
    ['section of a newer version', V2, { dag_processor: { refresh_interval: 5 } }, "unknown section 'dag_processor' in Airflow 2.11.2; Airflow 3.0 brought it"],
    ['key of a newer version', V2, { api: { base_url: 'x' } }, "unknown key 'base_url' of [api] in Airflow 2.11.2; Airflow 3.0 brought it"],
    ['key of a newer patch', AirflowVersion.of('3.2.1'), { api: { dag_cache_size: 1 } }, "'dag_cache_size' came with Airflow 3.2.2, the version here is 3.2.1"],
    ['renamed', V3, { triggerer: { default_capacity: 5 } }, 'config.triggerer.default_capacity: renamed to [triggerer] capacity in Airflow 3.0; write it there'],
    ['moved from a section that is gone', V3, { webserver: { base_url: 'x' } }, 'config.webserver.base_url: renamed to [api] base_url in Airflow 3.0; write it there'],
    ['moved twice', V3, { webserver: { page_size: 1 } }, 'renamed to [api] fallback_page_limit'],
    ['an old section on 2.11', V2, { kubernetes: { namespace: 'a' } }, 'renamed to [kubernetes_executor] namespace in Airflow 2.5.0'],
    ['removed, with advice', V3, { core: { check_slas: true } }, 'config.core.check_slas: removed in Airflow 3.0; leave it out (The SLA feature is removed'],
    ['removed', V3, { scheduler: { standalone_dag_processor: true } }, 'config.scheduler.standalone_dag_processor: removed in Airflow 3.0; leave it out'],
    ['sensitive', V3, { core: { fernet_key: 'x' } },
      'config.core.fernet_key: [core] fernet_key is sensitive and airflow.cfg is a ConfigMap; give the deployment \'fernetKey\''],
    ['sensitive, without a prop', V3, { sentry: { sentry_dsn: 'x' } },
      "config.sentry.sentry_dsn: [sentry] sentry_dsn is sensitive and airflow.cfg is a ConfigMap; give it as a variable: { name: 'AIRFLOW__SENTRY__SENTRY_DSN', valueFrom: { secretKeyRef: { name: '…', key: '…' } } }"],
    ['sensitive, whatever its type', V3, { secrets: { backend_kwargs: {} } }, '[secrets] backend_kwargs is sensitive'],
    ['a way round', V3, { database: { sql_alchemy_conn_cmd: 'cat /x' } },
      "'sql_alchemy_conn_cmd' is how Airflow finds the sensitive option 'sql_alchemy_conn'; give 'sql_alchemy_conn' to the deployment as a secret reference instead"],
    ['text for an integer', V3, { core: { parallelism: '64' } }, "config.core.parallelism: expected an integer, got '64'; write it without quotes"],
    ['a fraction for an integer', V3, { core: { parallelism: 1.5 } }, 'expected an integer, got the number 1.5'],
    ['text for a boolean', V3, { core: { load_examples: 'True' } }, "expected true or false, got 'True'; write it without quotes"],
    ['a number for a string', V3, { core: { executor: 5 } }, "expected a string, got the number 5; quote it: '5'"],
    ['a list for a string', V3, { core: { executor: ['LocalExecutor'] } }, 'expected a string, got a list; write the text that Airflow reads'],
    ['not of the set', V3, { logging: { logging_level: 'DEBGU' } },
      "expected one of 'CRITICAL', 'FATAL', 'ERROR', 'WARN', 'WARNING', 'INFO', 'DEBUG', got 'DEBGU'; did you mean 'DEBUG'?"],
    ['null', V3, { core: { parallelism: null } }, 'expected a value, got null; leave the key out for the default'],
    ['broken JSON', V3, { dag_processor: { dag_bundle_config_list: '[{' } }, "expected JSON, got '[{' ("],
    ['JSON that cannot be', V3, { dag_processor: { dag_bundle_config_list: [NaN] } }, 'expected JSON, got a value that JSON cannot say: holds the number NaN'],
    ['two lines', V3, { core: { hostname_callable: 'a\nb' } }, 'a value must be one line'],
    ['blanks around', V3, { core: { hostname_callable: ' a' } }, "got ' a' with blanks around it, which airflow.cfg loses; remove them"],
    ['an escape of one\'s own', V3, { logging: { log_format: '%%(asctime)s' } }, "got '%%'; write a single '%': it is escaped for airflow.cfg here"],
    ['a section that is no object', V3, { core: 'x' }, "config.core: expected an object of key and value, got 'x'"],
    ['no object at all', V3, [], 'config: expected an object of sections, got a list'],
    ['a key that breaks the file', V3, { sentry: { 'a\n[core]': 'x' } }, "a key must not hold '=', ':', line ends or blanks around it"],
    ['a name of the language', V3, { core: JSON.parse('{"__proto__": 1}') }, "unknown key '__proto__' of [core]"],
    ['a section of the language', V3, JSON.parse('{"constructor": {"a": 1}}'), "unknown section 'constructor'"],
  ])('%s', (_, version, config, message) => {
    expect(problem(version, config)).toContain(message);
  });

  test('a section that breaks the file is refused even where it is custom', () => {
    expect(problem(V3, { 'a]\n[core': { x: 1 } }, ['a]\n[core'])).toContain("a section's name must not hold brackets");
  });

  test('all are reported at once', () => {
    expect(problem(V3, { core: { parallelism: '1', fernet_key: 'x' }, nope: { a: 1 } }).split('\n').map(l => l.split(':')[0]))
      .toEqual(['3 problems', '  - config.core.parallelism', '  - config.core.fernet_key', '  - config.nope']);
  });
});

describe('versions', () => {
  test('an option under its old name is right before the patch that renamed it', () => {
    const early = AirflowVersion.of('3.0.1');
    expect(problem(early, { webserver: { secret_key: 'x' } })).toContain('[webserver] secret_key is sensitive');
    expect(checkConfig(early, { webserver: { enable_swagger_ui: true } }, 'config')).toEqual({ webserver: { enable_swagger_ui: 'True' } });
    expect(problem(AirflowVersion.of('3.0.2'), { webserver: { enable_swagger_ui: true } })).toContain('renamed to [api] enable_swagger_ui in Airflow 3.0.2');
  });

  test('2.11 keeps what 3 dropped', () => {
    expect(checkConfig(V2, { webserver: { base_url: 'http://a' }, scheduler: { standalone_dag_processor: true } }, 'config'))
      .toEqual({ webserver: { base_url: 'http://a' }, scheduler: { standalone_dag_processor: 'True' } });
  });

  test('sections of a team are checked like the section itself, where there are teams', () => {
    expect(checkConfig(V3, { 'team_a=celery': { worker_concurrency: 4 } }, 'config')).toEqual({ 'team_a=celery': { worker_concurrency: '4' } });
    expect(problem(V3, { 'team_a=celery': { broker_url: 'x' } })).toContain('[team_a=celery] broker_url is sensitive');
    expect(problem(V3, { 'team_a=celery': { worker_concurency: 4 } })).toContain("did you mean 'worker_concurrency'?");
    expect(problem(AirflowVersion.of('3.1.0'), { 'team_a=celery': { worker_concurrency: 4 } })).toContain("unknown section 'team_a=celery'");
  });

  test('every supported version has a table', () => {
    expect(CONFIG_VERSIONS.map(version => configTable(AirflowVersion.of(`${version}.9`)).version)).toEqual(['2.11', '3.0', '3.1', '3.2', '3.3']);
  });

  test.each(CONFIG_VERSIONS.map(tableOf))('the table of $version is whole', table => {
    const names = new Set(Object.entries(table.sections).flatMap(([section, keys]) => Object.keys(keys).map(key => `${section}.${key}`)));
    expect(names.size).toBeGreaterThan(450);
    expect(Object.entries(table.renamed).filter(([old, [now]]) => names.has(old) || !names.has(now))).toEqual([]);
    expect(Object.keys(table.removed).filter(old => names.has(old) || old in table.renamed)).toEqual([]);
    const words = Object.values(table.sections).flatMap(keys => Object.values(keys));
    const allowed = /^(=.+|sensitive|(string|boolean|integer|float|json)(\|string)?)( since \d+\.\d+\.\d+)?$/;
    expect(words.filter(word => !allowed.test(word))).toEqual([]);
    for (const secret of ['core.fernet_key', 'database.sql_alchemy_conn', 'celery.broker_url', 'celery.result_backend', 'secrets.backend_kwargs']) {
      const [section, key] = secret.split('.');
      expect([secret, table.sections[section][key]]).toEqual([secret, 'sensitive']);
    }
  });
});

test('a custom section takes any key and keeps the checks of the known ones', () => {
  expect(checkConfig(V3, { my_plugin: { a: true, b: 5, c: 'x', d: [1] }, fab: { brand_new: 'x', enable_proxy_fix: true } }, 'config',
    { customConfigSections: ['my_plugin', 'fab'] }))
    .toEqual({ my_plugin: { a: 'True', b: '5', c: 'x', d: '[1]' }, fab: { brand_new: 'x', enable_proxy_fix: 'True' } });
  expect(problem(V3, { fab: { enable_proxy_fix: 'yes' } }, ['fab'])).toContain('expected true or false');
});

describe('airflow.cfg', () => {
  test('is sorted, escaped and free of empty sections', () => {
    expect(renderAirflowCfg({ logging: { log_format: '[%(asctime)s]' }, core: { parallelism: '5', executor: 'A', plugins_folder: '' }, api: {} })).toBe([
      '[core]',
      'executor = A',
      'parallelism = 5',
      'plugins_folder =',
      '',
      '[logging]',
      'log_format = [%%(asctime)s]',
      '',
    ].join('\n'));
    expect(renderAirflowCfg({})).toBe('');
  });

  /** What Python's ConfigParser makes of a file: enough of it for files without continuation lines. */
  function read(text: string): AirflowConfigText {
    const result: AirflowConfigText = {};
    let section = '';
    for (const row of text.split('\n')) {
      if (row === '' || /^\s*[#;]/.test(row)) { continue; }
      const header = /^\[(.+)\]$/.exec(row);
      if (header) {
        section = header[1];
        result[section] = {};
        continue;
      }
      const option = /^([^\s].*?)\s*[=:]\s*(.*)$/.exec(row)!;
      result[section][option[1]] = option[2].replace(/%%/g, '%');
    }
    return result;
  }

  test('whatever is accepted comes back out of the file, in any order of writing', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab%()s =:;#[]{}"\'é\\$~,\n'), maxLength: 6 }).map(t => t.trim());
    let accepted = 0;
    fc.assert(fc.property(fc.dictionary(fc.stringMatching(/^[ab][ab=:;#[\] ]{0,3}$/), text, { minKeys: 1, maxKeys: 2 }), text, (custom, format) => {
      const config = { sentry: custom, logging: { log_format: format } };
      let checked;
      try {
        checked = checkConfig(V3, config, 'config');
      } catch {
        return;
      }
      accepted++;
      const file = renderAirflowCfg(checked);
      expect(read(file)).toEqual(checked);
      const backwards = (object: object) => Object.fromEntries(Object.entries(object).reverse());
      const reversed = backwards(Object.fromEntries(Object.entries(checked).map(([section, keys]) => [section, backwards(keys)])));
      expect(renderAirflowCfg(reversed)).toBe(file);
    }), { numRuns: 1000 });
    expect(accepted).toBeGreaterThan(50);
  });
});

test('options with which Airflow does nothing where they are 0 are at least 1', () => {
  const refused = (version: AirflowVersion, section: string, key: string) => {
    for (const value of [0, -1]) {
      expect(() => checkConfig(version, { [section]: { [key]: value } }, 'config')).toThrow(`config.${section}.${key}: expected a number of at least 1, got ${value}; leave it out for the default`);
    }
    expect(checkConfig(version, { [section]: { [key]: 1 } }, 'config')).toEqual({ [section]: { [key]: '1' } });
  };
  refused(V3, 'api', 'workers');
  refused(V2, 'webserver', 'workers');
  refused(V3, 'core', 'parallelism');
  refused(V3, 'dag_processor', 'parsing_processes');
  refused(V2, 'scheduler', 'parsing_processes');
  refused(V3, 'triggerer', 'capacity');
  refused(V2, 'triggerer', 'default_capacity');
  refused(V3, 'kubernetes_executor', 'worker_pods_creation_batch_size');
  refused(V3, 'core', 'max_active_tasks_per_dag');
  expect(checkConfig(V2, { core: { parallelism: 0 } }, 'config').core.parallelism).toBe('0');
});
