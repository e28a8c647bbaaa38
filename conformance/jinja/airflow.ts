import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Case {
  readonly template: string;
  readonly output?: string;
  readonly error?: string;
}

/** What the templates name; the context is the same for all. */
export const given = JSON.parse(readFileSync(join(__dirname, 'context.json'), 'utf8'));

/** The answers of the Airflow that a Python has, and its version. */
export function render(python: string, templates: string[]): { airflowVersion: string; results: Case[] } {
  const output = execFileSync(python, [join(__dirname, 'render.py')], {
    // As it is in the file: a 2.0 stays a float.
    input: `${readFileSync(join(__dirname, 'context.json'), 'utf8').trimEnd().slice(0, -1)}, "templates": ${JSON.stringify(templates)}}`,
    maxBuffer: 1 << 28,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return JSON.parse(output.toString());
}
