/** Without what was not given: undefined, and empty texts and collections, of which KubernetesPodOperator sends a dozen. */
export function filled(object: { [key: string]: any } = {}): any {
  const given = (value: any) => value !== undefined && value !== '' && !(typeof value === 'object' && value !== null && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(object).filter(([, value]) => given(value)));
}
