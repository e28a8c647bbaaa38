/** The labels by which pods of one component of one deployment are selected, and nothing else. */
export function selectorLabels(instance: string, component: string): { [key: string]: string } {
  return {
    'app.kubernetes.io/name': 'airflow',
    'app.kubernetes.io/instance': instance,
    'app.kubernetes.io/component': component,
  };
}

/** The labels of an object of a component. */
export function objectLabels(instance: string, component: string, version: string): { [key: string]: string } {
  return {
    ...selectorLabels(instance, component),
    'app.kubernetes.io/version': version,
    'app.kubernetes.io/managed-by': 'cdk8s-airflow',
  };
}
