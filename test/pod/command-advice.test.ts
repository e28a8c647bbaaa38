import { commandAdvice } from '../../src/pod/command-advice';

const LINE = "write a line for a shell: cmds: ['sh', '-c'], arguments: ['…']";

test.each<[string[], string[], string]>([
  [['python', '-c', "print('x')", '>> /airflow/xcom/return.json'], [], `'>> /airflow/xcom/return.json' is for a shell, and 'python' gets it as a plain argument; ${LINE}`],
  [['ls'], ['|', 'wc'], `'|' is for a shell, and 'ls' gets it as a plain argument; ${LINE}`],
  [[], ['a', '&&', 'b'], `'&&' is for a shell, and 'the entrypoint of the image' gets it as a plain argument; ${LINE}`],
  [['bash'], ['script.sh', '2>&1'], `'2>&1' is for a shell, and 'bash' gets it as a plain argument; ${LINE}`],
  [['echo hello'], [], "'echo hello' is taken for the name of one program; write each word as an item of its own, or a line for a shell: cmds: ['sh', '-c'], arguments: ['…']"],
  [['bash', '-cx'], ['echo', '10', 'echo pwd'],
    "'bash' runs 'echo' alone: '10', 'echo pwd' are arguments of it that it does not use; write the whole line for the shell into one item"],
  [['sh', '-c', "echo 'hello' > /airflow/xcom/return.json"], [],
    "/airflow/xcom/return.json would hold hello, which is no JSON, so that the task fails; a text stands in double quotes: echo '\"hello\"' > /airflow/xcom/return.json"],
  [['bash', '-cx'], ['mkdir -p /airflow/xcom/; echo hello > "/airflow/xcom/return.json"'],
    "/airflow/xcom/return.json would hold hello, which is no JSON, so that the task fails; a text stands in double quotes: echo '\"hello\"' > /airflow/xcom/return.json"],
])('%j %j', (command, args, advice) => {
  expect(commandAdvice(command, args)).toEqual([advice]);
});

test.each<[string[], string[]]>([
  [['sh', '-c', 'ls | wc > /tmp/x && true'], []],
  [['/bin/bash', '-ec'], ['a && b']],
  [['python', '-c', 'print(1 > 0)'], []],
  [['perl'], ['-Mbignum=bpi', '-wle', 'print bpi(2000)']],
  [['sh', '-c', "echo '[1,2,3,4]' > /airflow/xcom/return.json"], []],
  [['sh', '-c', "echo '\"hello\"' > /airflow/xcom/return.json; echo hello > /tmp/x"], []],
  [['sh', '-c', 'echo "{\\"rows\\": 5}" > /airflow/xcom/return.json'], []],
  [['sh', '-c', 'echo $ROWS > /airflow/xcom/return.json; echo "$X" > /airflow/xcom/return.json'], []],
  [['sh', '-c', "echo '{{ ds_nodash }}' > /airflow/xcom/return.json"], []],
  [['{{ params.a b }}'], []],
  [['grep', '<title>', 'x>y'], []],
  [['sh', '-c', 'exec "$@"', 'sh', 'x'], []],
  [[], []],
])('no advice for %j %j', (command, args) => {
  expect(commandAdvice(command, args)).toEqual([]);
});
