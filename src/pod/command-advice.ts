import { hasJinja } from './jinja';
import { XCOM_FILE } from './xcom';

/** Signs of a shell that a command without one gets as plain arguments. */
const OPERATOR = /^(\d?>>?|<|\||\|\||&&|;|2>&1|&>)(\s|$)|^\d?>>?\s*\//;
const SHELL = /(^|\/)(ba|da|a|k|z)?sh$/;
/** `-c`, also among other letters: `-cx`, `-ec`. */
const SCRIPT_FLAG = /^-[a-z]*c[a-z]*$/;
const ECHO = /\becho\s+(?:-n\s+)?('[^']*'|"[^"$`]*"|[^\s'"$`;&|>]+)\s*>\s*(\S+)/g;

/** What a container's command most likely does not do as its author meant, with its repair. */
export function commandAdvice(command: readonly string[] = [], args: readonly string[] = []): string[] {
  const all = [...command, ...args];
  if (command.length > 0 && SHELL.test(command[0]) && all.slice(1).some(word => SCRIPT_FLAG.test(word))) {
    return [...lostWords(all), ...notJson(all.join('\n'))];
  }
  const operator = all.find(word => OPERATOR.test(word));
  const [program = ''] = command;
  return [
    ...(operator === undefined ? [] : [`'${operator}' is for a shell, and '${program || 'the entrypoint of the image'}' gets it as a plain argument; write a line for a shell: `
      + "cmds: ['sh', '-c'], arguments: ['…']"]),
    ...(/\s/.test(program.trim()) && !hasJinja(program) ? [`'${program}' is taken for the name of one program; write each word as an item of its own, or a line for a shell: `
      + "cmds: ['sh', '-c'], arguments: ['…']"] : []),
  ];
}

/** Words after the script, which it gets as its own arguments `$0`, `$1` … and does not use. */
function lostWords(all: readonly string[]): string[] {
  const script = all.findIndex(word => SCRIPT_FLAG.test(word)) + 1;
  const rest = all.slice(script + 1);
  if (rest.length === 0 || /\$[{]?[0-9@*#]/.test(all[script])) { return []; }
  return [`'${all[0]}' runs '${all[script].slice(0, 60)}' alone: ${rest.map(word => `'${word.slice(0, 60)}'`).join(', ')} are arguments of it that it does not use; `
    + 'write the whole line for the shell into one item'];
}

/** Texts that a script writes into the file of the XCom and that are no JSON. */
function notJson(script: string): string[] {
  return [...script.matchAll(ECHO)].filter(([, , file]) => file.replace(/^["']|["']$/g, '') === XCOM_FILE).flatMap(([, word]) => {
    if (hasJinja(word)) { return []; }
    const text = word.replace(/^(['"])(.*)\1$/s, '$2');
    try {
      JSON.parse(word.startsWith('"') ? text.replace(/\\(["\\])/g, '$1') : text);
      return [];
    } catch {
      return [`${XCOM_FILE} would hold ${text}, which is no JSON, so that the task fails; a text stands in double quotes: echo '"${text.replace(/^"|"$/g, '')}"' > ${XCOM_FILE}`];
    }
  });
}
