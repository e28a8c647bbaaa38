import { existsSync, statSync } from 'node:fs';
import { Include, Yaml } from 'cdk8s';
import { Construct } from 'constructs';
import { guarded } from './private/kueue-object';
import { checkPropNames } from '../private/known-props';
import { shown } from '../private/prop-types';

/** Kueue itself. */
export interface KueueProps {
  /**
   * Path of the `manifests.yaml` of a release of Kueue; read at synth, from the working directory where it is relative.
   *
   * @see https://github.com/kubernetes-sigs/kueue/releases
   */
  readonly manifest: string;
}

/** Kinds that the objects of this package are of. */
const CRDS = ['resourceflavors', 'clusterqueues', 'localqueues', 'workloadpriorityclasses', 'workloads'].map(plural => `${plural}.kueue.x-k8s.io`);
const CONTROLLER = 'kueue-controller-manager';

/**
 * Kueue's own objects (CRDs, controller, webhooks), from the manifest of a release that you choose. They belong into a chart of their own: it is applied
 * before the one with the queues, whose webhooks it brings.
 *
 * @see https://kueue.sigs.k8s.io/docs/installation/
 */
export class Kueue extends Construct {
  constructor(scope: Construct, id: string, props: KueueProps) {
    super(scope, id);
    guarded(this, () => {
      checkPropNames(props, { manifest: true }, 'Kueue', 'KueueProps');
      const { manifest } = props;
      if (typeof manifest !== 'string' || !existsSync(manifest) || !statSync(manifest).isFile()) {
        throw new Error(`'manifest' must be the path of Kueue's manifests.yaml, got ${shown(manifest)}, where there is none; it is among the files of a release: `
          + 'https://github.com/kubernetes-sigs/kueue/releases');
      }
      const objects: any[] = Yaml.load(manifest);
      const has = (kind: string, name: string) => objects.some(object => object?.kind === kind && object.metadata?.name === name);
      const missing = [...CRDS.filter(name => !has('CustomResourceDefinition', name)), ...(has('Deployment', CONTROLLER) ? [] : [`Deployment '${CONTROLLER}'`])];
      if (missing.length > 0) { throw new Error(`'manifest' is none of Kueue: '${manifest}' lacks ${missing.join(', ')}`); }
      new Include(this, 'Manifest', { url: manifest });
    });
  }
}
