import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rendererOf } from './jinja';

// Airflow's own answers: conformance/jinja.
const recordings = ['jinja-3.json', 'jinja-2.json'].map(file => {
  const { airflowVersion, given, cases } = JSON.parse(readFileSync(join(__dirname, file), 'utf8')) as
    { airflowVersion: string; given: any; cases: { template: string; output?: string; error?: string }[] };
  return { airflowVersion, given, cases };
});
const context = readFileSync(join(__dirname, '../../conformance/jinja/context.json'), 'utf8');

describe.each(recordings)('Airflow $airflowVersion', ({ airflowVersion, given, cases }) => {
  const render = rendererOf(context, airflowVersion);
  const ours = (template: string): { output: string } | { error: string } => {
    try {
      return { output: render(template) };
    } catch (error) {
      return { error: (error as Error).message };
    }
  };

  test('the recording is of the context', () => {
    expect(given).toEqual(JSON.parse(context));
    expect(cases.length).toBeGreaterThan(300);
  });

  test.each(cases)('$template is what Airflow makes of it, or an error', ({ template, output, error }) => {
    const result = ours(template);
    if ('error' in result) {
      expect(result.error).not.toMatch(/^undefined value$|\(in <string>|^Cannot|is not a function/);
    } else {
      expect({ output: result.output, theirs: error }).toEqual({ output, theirs: undefined });
    }
  });

  test('nearly everything that Airflow renders is rendered', () => {
    expect(cases.filter(({ template, output }) => output !== undefined && 'error' in ours(template)).map(({ template }) => template)).toMatchSnapshot();
  });
});
