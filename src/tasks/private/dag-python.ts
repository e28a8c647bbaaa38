import { PYTHON_KEYWORDS } from '../../pod/python';

/** The names of a Python module: what it imports, and its variables. No two things get one name. */
export class PythonNames {
  private readonly modules = new Map<string, string>();
  private readonly imports = new Map<string, string>();
  private readonly variables = new Map<string, string>();
  private readonly taken = new Set<string>(PYTHON_KEYWORDS);

  /** @param instead what is imported in place of something else */
  constructor(private readonly instead: (path: string) => string = path => path) {}

  /** The name of something that is imported, such as `datetime.timedelta`; the same one each time. */
  public readonly imported = (asked: string): string => {
    const path = this.instead(asked);
    const known = this.imports.get(path);
    if (known !== undefined) { return known; }
    const name = path.slice(path.lastIndexOf('.') + 1);
    const free = this.free(name);
    this.imports.set(path, free);
    return free;
  };

  /** The name of a module that is imported as a whole, such as `pendulum`. */
  public module(line: string, name: string): void {
    this.modules.set(line, name);
    this.taken.add(name);
  }

  /** The variable for a task; the same one each time. */
  public variable(taskId: string): string {
    const known = this.variables.get(taskId) ?? this.free(taskId.replace(/\W+/g, '_').replace(/^(?=\d|_*$)/, 'task_'));
    this.variables.set(taskId, known);
    return known;
  }

  /** The import statements, in order; a module as a whole only where it is needed. */
  public statements(needs: (module: string) => boolean): string {
    const from = [...this.imports].map(([path, name]) => {
      const dot = path.lastIndexOf('.');
      const original = path.slice(dot + 1);
      return `from ${path.slice(0, dot)} import ${original}${name === original ? '' : ` as ${name}`}\n`;
    });
    const modules = [...this.modules].filter(([, name]) => needs(name)).map(([line]) => `${line}\n`);
    return [...modules.filter(line => line.startsWith('import')), ...[...from, ...modules.filter(line => line.startsWith('from'))].sort()].join('');
  }

  private free(name: string): string {
    let free = name;
    for (let i = 2; this.taken.has(free); i++) { free = `${name}_${i}`; }
    this.taken.add(free);
    return free;
  }
}
