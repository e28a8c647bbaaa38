import { hasJinja, jinjaString, mapTemplatedFields, pulledOfDag, pulledResults, pulledTaskIds } from '../../src/pod/jinja';

test.each(['{{ ds }}', 'a {% if x %}', '{# note #}'])('%s is Jinja', text => expect(hasJinja(text)).toBe(true));
test.each(['', 'a { b }', '${HOME}', '{"a": {"b": 1}}'])('%s is none', text => expect(hasJinja(text)).toBe(false));

test('the task ids that a text pulls are found in both quotes and with the keyword', () => {
  const text = `{{ ti.xcom_pull('a') }} {{ task_instance.xcom_pull(task_ids="b.c")[0] }} {{ xcom_pull( task_ids = ${jinjaString("it's")} ) }}`;
  expect(pulledTaskIds(text)).toEqual(['a', 'b.c', "it's"]);
  expect(pulledTaskIds('xcom_pull(task_ids=name)')).toEqual([]);
  const elsewhere = "xcom_pull(task_ids='x', dag_id='other') xcom_pull('y', key='k') xcom_pull('z', dag_id=dag.dag_id) xcom_pull('v', dag_id=params.other)";
  expect(pulledTaskIds(elsewhere)).toEqual(['y', 'z']);
  expect(pulledOfDag(elsewhere, 'other')).toEqual(['x']);
  expect(pulledTaskIds("xcom_pull('a', default=ti.xcom_pull('b')) xcom_pull('c', key=ti.xcom_pull('d'))")).toEqual(['a', 'b', 'c', 'd']);
  expect(pulledResults('xcom_pull("a", key=\'job_name\') xcom_pull( \'b.c\' )[\'x\'] xcom_pull(task_ids=\'it\\\'s\')')).toEqual(['b.c', "it's"]);
});

test('what a name with Jinja is the key of is found before the name is rendered', () => {
  const env = [{ name: '{{ a }}_X', value: '{{ a }}' }];
  const spec = {
    initContainers: [{ name: 'i', env }],
    volumes: [{ name: '{{ a }}', secret: { secretName: '{{ a }}' } }],
    containers: [{ name: 'base', env: [{ name: '{{ a }}', valueFrom: { secretKeyRef: { name: '{{ a }}', key: 'k' } } }] }],
  };
  const templated = [
    'spec.initContainers[i].env[{{ a }}_X].name', 'spec.initContainers[i].env[{{ a }}_X].value', 'spec.volumes[{{ a }}].secret.secretName',
    'spec.containers[base].env[{{ a }}].valueFrom.secretKeyRef.name',
  ];
  const rendered = mapTemplatedFields({ spec }, text => text.replace('{{ a }}', 'A'), { templated });
  expect(rendered.spec).toEqual(JSON.parse(JSON.stringify(spec).replace(/\{\{ a \}\}/g, 'A')));
});

test('exactly the fields that KubernetesPodOperator renders are rendered', () => {
  const pod = {
    metadata: { name: 'N', namespace: 'x', labels: { K: 'x' }, annotations: { K: 'x' } },
    spec: {
      hostname: 'x',
      nodeSelector: { K: 'x' },
      serviceAccountName: 'N',
      tolerations: [{ key: 'N' }],
      initContainers: [{ name: 'N', image: 'N' }],
      volumes: [
        { name: 'x', persistentVolumeClaim: { claimName: 'x', readOnly: true } },
        { name: 'x', configMap: { name: 'x', items: [{ key: 'N', path: 'N' }] } },
        { name: 'x', secret: { secretName: 'N' } },
      ],
      containers: [{
        name: 'N',
        image: 'x',
        command: ['x'],
        args: ['x'],
        env: [{ name: 'x', value: 'x' }, { name: 'x', valueFrom: { secretKeyRef: { name: 'N', key: 'N' } } }],
        envFrom: [{ configMapRef: { name: 'x' } }, { secretRef: { name: 'N' }, prefix: 'N' }],
        resources: { limits: { cpu: 'x' } },
        volumeMounts: [{ name: 'x', mountPath: 'N', subPath: 'x' }],
      }, { name: 'N', image: 'N', args: ['N'] }],
    },
  };
  const text = JSON.stringify(mapTemplatedFields(pod, value => (value === 'x' ? 'rendered' : `WRONG ${value}`)));
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(pod).replace(/"x"/g, '"rendered"')));
});

test('what is not there does not appear', () => {
  const pod = { metadata: { name: 'a' }, spec: { containers: [{ name: 'base' }] } };
  const rendered = mapTemplatedFields(pod, text => text);
  expect(Object.keys(rendered.spec)).toEqual(['containers']);
  expect(rendered).toEqual(pod);
});

test('the path of a rendered text tells where it stands', () => {
  const paths: string[] = [];
  mapTemplatedFields({ metadata: {}, spec: { containers: [{ env: [{ name: 'A', value: 'b' }] }] } }, (text, path) => { paths.push(path); return text; });
  expect(paths).toEqual(['spec.containers[0].env[0].name', 'spec.containers[0].env[0].value']);
});
