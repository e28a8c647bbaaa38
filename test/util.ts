import { App, Chart, Testing } from 'cdk8s';

/** A chart in an app of its own, for constructs under test. */
export function chart(props: { namespace?: string } = {}): Chart {
  return new Chart(new App(), 'chart', props);
}

/** The objects that the chart synthesises, after every validation. */
export function synth(scope: Chart): any[] {
  return Testing.synth(scope);
}

/** The one object of a kind, by name where there are several. */
export function find(objects: any[], kind: string, name?: string): any {
  const found = objects.filter(object => object.kind === kind && (name === undefined || object.metadata.name === name));
  if (found.length !== 1) {
    throw new Error(`expected one ${kind} ${name ?? ''}, found ${found.length} among ${objects.map(o => `${o.kind}/${o.metadata.name}`).join(', ')}`);
  }
  return found[0];
}
