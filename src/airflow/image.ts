import { checkPropNames } from '../private/known-props';
import { shown } from '../private/prop-types';

/** How an image is pulled. */
export interface AirflowImageOptions {
  /**
   * When the kubelet pulls the image.
   *
   * @default 'IfNotPresent'
   * @see https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy
   */
  readonly pullPolicy?: 'Always' | 'IfNotPresent' | 'Never';

  /**
   * Names of existing Secrets with the registry's credentials; every pod with this image gets them.
   *
   * @default - none
   */
  readonly pullSecrets?: string[];
}

/** The image that all Airflow containers of a deployment run, task pods included. */
export class AirflowImage {
  /**
   * An image by its reference, with a tag or a digest: `registry.example.com/data/airflow:3.3.2-1`.
   *
   * @throws Error where the reference is not pinned.
   */
  public static of(reference: string, options: AirflowImageOptions = {}): AirflowImage {
    checkPropNames(options, { pullPolicy: 'a text', pullSecrets: 'a list of texts' }, 'AirflowImage.of', 'AirflowImageOptions');
    return new AirflowImage(reference, options);
  }

  /** As the container gets it. */
  public readonly reference: string;

  /** `Always`, `IfNotPresent` or `Never`. */
  public readonly pullPolicy: string;

  /** Names of Secrets with the registry's credentials. */
  public readonly pullSecrets: string[];

  private constructor(reference: string, options: AirflowImageOptions) {
    assertPinned('the Airflow image', reference);
    const policies = ['Always', 'IfNotPresent', 'Never'];
    this.pullPolicy = options.pullPolicy ?? 'IfNotPresent';
    if (!policies.includes(this.pullPolicy)) {
      throw new Error(`'pullPolicy' must be one of ${policies.map(p => `'${p}'`).join(', ')}, got '${this.pullPolicy}'`);
    }
    this.reference = reference;
    this.pullSecrets = [...options.pullSecrets ?? []];
  }

  /**
   * The same image with further credentials.
   *
   * @internal
   */
  public _withPullSecrets(names: string[]): AirflowImage {
    return new AirflowImage(this.reference, { pullPolicy: this.pullPolicy as any, pullSecrets: union(this.pullSecrets, names) });
  }
}

/** Each name once, in the order of their first appearance. */
export function union(...lists: string[][]): string[] {
  return [...new Set(lists.flat())];
}

/** Throws where a reference has neither a digest nor a tag that stays. */
export function assertPinned(what: string, reference: string): void {
  if (typeof reference !== 'string' || !/^[a-z0-9][\w.:/-]*(@sha256:[0-9a-f]{64})?$/i.test(reference)) {
    throw new Error(`${what} must be a reference such as 'apache/airflow:3.3.2', got ${shown(reference)}`);
  }
  if (reference.includes('@sha256:')) { return; }
  const tag = /:([^:/]+)$/.exec(reference)?.[1];
  if (tag === undefined || tag === 'latest') {
    throw new Error(`${what} '${reference}' is not pinned: ${tag ? "'latest' moves" : 'it has no tag'}; add the tag or the digest that you tested`);
  }
}
