/** All filters that Airflow has, those of Jinja and its own. */
export const FILTER_NAMES = [
  'abs', 'attr', 'batch', 'capitalize', 'center', 'count', 'd', 'default', 'dictsort', 'ds', 'ds_nodash', 'e', 'escape', 'filesizeformat', 'first', 'float', 'forceescape', 'format',
  'groupby', 'indent', 'int', 'items', 'join', 'last', 'length', 'list', 'lower', 'map', 'max', 'min', 'pprint', 'random', 'reject', 'rejectattr', 'replace', 'reverse', 'round',
  'safe', 'select', 'selectattr', 'slice', 'sort', 'string', 'striptags', 'sum', 'title', 'tojson', 'trim', 'truncate', 'ts', 'ts_nodash', 'ts_nodash_with_tz', 'unique', 'upper',
  'urlencode', 'urlize', 'wordcount', 'wordwrap', 'xmlattr',
];
