/** Throws one error for all problems found; nothing where there is none. */
export function throwProblems(problems: readonly string[]): void {
  if (problems.length === 1) { throw new Error(problems[0]); }
  if (problems.length > 1) { throw new Error([`${problems.length} problems:`, ...problems.map(problem => `  - ${problem}`)].join('\n')); }
}

/** The message of a check that throws, as one problem of several; nothing where it does not. */
export function problemsOf(check: () => void): string[] {
  try {
    check();
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}
