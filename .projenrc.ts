import { cdk8s, javascript } from 'projen';

const project = new cdk8s.ConstructLibraryCdk8s({
  name: 'cdk8s-airflow',
  description: 'Apache Airflow on Kubernetes as typed cdk8s constructs, with a small runtime that runs the synthesised task pods and collects their XCom',
  author: 'cdk8s-airflow contributors',
  authorAddress: 'cdk8s-airflow@users.noreply.github.com',
  authorOrganization: true,
  repositoryUrl: 'https://github.com/cdk8s-airflow/cdk8s-airflow.git',
  license: 'Apache-2.0',
  keywords: ['cdk8s', 'cdk', 'kubernetes', 'k8s', 'constructs', 'airflow', 'apache-airflow', 'kubernetespodoperator', 'xcom'],
  stability: 'experimental',
  defaultReleaseBranch: 'main',
  projenrcTs: true,
  packageManager: javascript.NodePackageManager.NPM,
  minNodeVersion: '20.19.0',

  cdk8sVersion: '2.70.0',
  constructsVersion: '10.3.0',
  jsiiVersion: '~6.0.0',
  typescriptVersion: '~6.0.3',
  peerDeps: ['cdk8s-plus-28@^2.5.6'],
  // Constructs load none of these; jsii wants whatever is not a jsii library to travel inside the tarball.
  bundledDeps: ['commander@^14', 'minijinja-js@^2.11', 'node-forge@^1.3', 'ws@^8.18', 'yaml@^2.7'],
  devDeps: [
    'cdk8s-plus-28@2.5.6',
    '@kubernetes/client-node@~1.4.0',
    '@types/node@^20',
    '@types/node-forge@^1',
    '@types/ws@^8',
    'ajv@^8',
    'fast-check@^4',
  ],

  // Nothing is published from here yet, and the repository carries its own CI script (.ci/run).
  github: false,
  release: false,
  depsUpgrade: false,
  docgen: true,
  eslint: true,
  eslintOptions: { dirs: ['src'], devdirs: ['test', 'examples', 'bench', 'conformance', 'projenrc'] },
  sampleCode: false,
  jestOptions: {
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    jestConfig: {
      testMatch: ['<rootDir>/@(test|examples)/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/', '<rootDir>/test/tarball/'],
      // Examples and tests import the package by its name, as users do.
      moduleNameMapper: {
        '^cdk8s-airflow$': '<rootDir>/src',
        '^cdk8s-airflow/runtime$': '<rootDir>/src/runtime',
        '^cdk8s-airflow/testing$': '<rootDir>/src/testing',
      },
      globalSetup: '<rootDir>/test/temporary-folders.ts',
      collectCoverage: false,
      // Some tests synthesise for seconds, and all cores are busy with others.
      maxWorkers: '100%',
      // For what hangs: a machine that is slow or busy is not the test's fault.
      testTimeout: 120_000,
    },
  },
});

// client-node reads a kubeconfig and nothing else: `npm install --omit=optional` must leave synth and the embedded cluster working.
project.package.addField('optionalDependencies', { '@kubernetes/client-node': '~1.4.0' });
project.package.addField('bin', { 'cdk8s-airflow': 'bin/cdk8s-airflow' });
project.package.addField('exports', {
  '.': { types: './lib/index.d.ts', default: './lib/index.js' },
  './runtime': { types: './lib/runtime/index.d.ts', default: './lib/runtime/index.js' },
  './testing': { types: './lib/testing/index.d.ts', default: './lib/testing/index.js' },
  './schema/*': './schema/*',
  './package.json': './package.json',
  './.jsii': './.jsii',
  './.warnings.jsii.js': './.warnings.jsii.js',
});
// Named for jsii-pacmak, which makes the Python package (conformance/python); as `publishToPypi` it would be part of every build, and need Python.
project.tryFindObjectFile('package.json')!.addOverride('jsii.targets', { python: { distName: 'cdk8s-airflow', module: 'cdk8s_airflow' } });
// `cdk8s init typescript-app` resolves modules as node10, which does not read `exports`.
project.package.addField('typesVersions', {
  '*': { runtime: ['lib/runtime/index.d.ts'], testing: ['lib/testing/index.d.ts'] },
});
// unrs-resolver 1.13 has no complete set of platform bindings, so `npm ci` finds every lock file out of date.
project.package.addPackageResolutions('unrs-resolver@1.12.2');

const silence = 'JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION';
project.tasks.addEnvironment(silence, '20');

// jsii never cleans lib/: a removed file would stay in the tarball.
project.preCompileTask.exec('rm -rf lib');

// A quarter of the tarball would be source maps.
const tsconfig = project.tryFindObjectFile('tsconfig.json')!;
tsconfig.addOverride('compilerOptions.inlineSourceMap', false);
tsconfig.addOverride('compilerOptions.inlineSources', false);

// Tests and examples are compiled against the sources, under the names that users import.
const tests = project.tsconfigDev.file;
tests.addOverride('include', ['**/*.ts', '../examples/**/*.ts', '../bench/**/*.ts', '../conformance/**/*.ts']);
tests.addOverride('compilerOptions.paths', {
  'cdk8s-airflow': ['../src/index.ts'],
  'cdk8s-airflow/runtime': ['../src/runtime/index.ts'],
  'cdk8s-airflow/testing': ['../src/testing/index.ts'],
});

// ts-jest only transpiles tests (isolatedModules), so they are type-checked here.
project.testTask.prependExec('tsc --noEmit -p test/tsconfig.json');

project.addTask('quickstart', {
  description: 'Synthesises examples/quickstart and runs its tasks on the embedded cluster',
  steps: [
    { spawn: 'compile' },
    { exec: 'ts-node -T main.ts', cwd: 'examples/quickstart' },
    { exec: 'bin/cdk8s-airflow run examples/quickstart/dist --embedded' },
  ],
});

// By file instead of by the nearest tsconfig.json: examples, bench and conformance are compiled by test/tsconfig.json.
const eslintrc = project.tryFindObjectFile('.eslintrc.json')!;
eslintrc.addOverride('parserOptions.projectService', undefined);
eslintrc.addOverride('parserOptions.project', ['./tsconfig.json', './test/tsconfig.json', './projenrc/tsconfig.json']);
project.eslint?.addRules({
  'import/no-extraneous-dependencies': ['error', {
    devDependencies: ['**/test/**', '**/examples/**', '**/bench/**', '**/conformance/**', '.projenrc.ts', 'projenrc/**/*.ts'],
    optionalDependencies: true,
    peerDependencies: true,
    bundledDependencies: true,
  }],
});

/** The layers, lowest first: a folder imports from those it names and from itself, from nothing else of src. */
const layers: Record<string, string[]> = {
  pod: [],
  airflow: ['pod', 'private'],
  private: ['pod'],
  security: ['pod', 'airflow', 'private'],
  dags: ['pod', 'airflow', 'private', 'security'],
  database: ['pod', 'airflow', 'private', 'security'],
  exposure: ['pod', 'airflow', 'private', 'security'],
  logs: ['pod', 'airflow', 'private', 'security'],
  tasks: ['pod', 'airflow', 'private', 'security'],
  deployment: ['pod', 'airflow', 'private', 'security', 'dags', 'database', 'exposure', 'logs', 'tasks'],
  runtime: ['pod'],
  testing: ['pod', 'runtime'],
  cli: ['pod', 'runtime', 'testing'],
};
const folders = Object.keys(layers);
project.eslint?.addRules({
  'import/no-restricted-paths': ['error', {
    zones: folders.map(folder => ({
      target: `./src/${folder}`,
      from: folders.filter(other => other !== folder && !layers[folder].includes(other)).map(other => `./src/${other}`),
      message: `src/${folder} may import from: ${[folder, ...layers[folder]].map(f => `src/${f}`).join(', ')} (see ARCHITECTURE.md)`,
    })),
  }],
});
// A seeded generator of random cases is made of bit operations.
project.eslint?.addOverride({ files: ['conformance/**/*.ts'], rules: { 'no-bitwise': 'off' } });
const constructFree = ['src/pod/**/*.ts', 'src/runtime/**/*.ts', 'src/testing/**/*.ts', 'src/cli/**/*.ts'];
project.eslint?.addOverride({
  files: constructFree,
  rules: { 'no-restricted-imports': ['error', { patterns: ['cdk8s', 'cdk8s-plus-*', 'constructs'] }] },
});
project.eslint?.addOverride({
  files: ['src/**/*.ts'],
  excludedFiles: ['src/private/kplus.ts'],
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [{ group: ['cdk8s-plus-*'], message: 'import it from src/private/kplus' }] }] },
} as any);

project.npmignore?.exclude('/examples/', '/bench/', '/conformance/', '/.ci/', '/ARCHITECTURE.md', '/CONTRIBUTING.md');
project.npmignore?.include('/schema/');
project.gitignore.exclude('/examples/*/dist/', '/.cdk8s-airflow/');
// projen ignores every folder of that name.
project.gitignore.include('/src/logs/', '/test/logs/');

project.synth();
