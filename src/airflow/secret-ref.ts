import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { DeploymentIdentity } from './deployment-identity';
import { checkPropNames, PropNames } from '../private/known-props';

/** Where an ExternalSecret takes its value from. */
export interface ExternalSecretOptions {
  /** Name of the SecretStore or ClusterSecretStore. */
  readonly store: string;

  /**
   * Kind of the store.
   *
   * @default 'SecretStore'
   */
  readonly storeKind?: 'SecretStore' | 'ClusterSecretStore';

  /** The name of the secret at the provider. */
  readonly remoteKey: string;

  /**
   * The field of the provider's secret, where it has several.
   *
   * @default - the whole secret
   */
  readonly property?: string;

  /**
   * How often the operator reads it again, as a Go duration.
   *
   * @default '1h'
   */
  readonly refreshInterval?: string;
}

/** Where a container finds a secret value: a key of a Secret. */
export interface SecretKey {
  /** Name of the Secret. */
  readonly name: string;
  /** Key in it. */
  readonly key: string;
}

const OPTIONS: PropNames<ExternalSecretOptions> = {
  property: 'a text that is not empty', refreshInterval: 'a text that is not empty', remoteKey: 'a text', store: 'a text', storeKind: 'a text',
};

/** A secret value by reference: manifests never hold it. */
export class SecretRef {
  /** A key of a Secret that exists in the namespace, or will before the pods start. */
  public static existing(name: string, key: string): SecretRef {
    assertSecretName(name);
    if (typeof key !== 'string' || !/^[-._a-zA-Z0-9]{1,253}$/.test(key)) {
      throw new Error(`the key of Secret '${name}' must be 1 to 253 letters, digits, '-', '_' or '.', got '${key}'`);
    }
    return new SecretRef(() => ({ name, key }));
  }

  /**
   * A value that the External Secrets operator fetches; the deployment emits the ExternalSecret.
   *
   * @see https://external-secrets.io/latest/api/externalsecret/
   */
  public static external(options: ExternalSecretOptions): SecretRef {
    checkPropNames(options, OPTIONS, 'SecretRef.external', 'ExternalSecretOptions');
    for (const prop of ['store', 'remoteKey'] as const) {
      if (!options[prop]) { throw new Error(`'${prop}' of SecretRef.external is missing; give the name of ${prop === 'store' ? 'a SecretStore' : 'the secret at the provider'}`); }
    }
    const storeKind = options.storeKind ?? 'SecretStore';
    if (storeKind !== 'SecretStore' && storeKind !== 'ClusterSecretStore') {
      throw new Error(`'storeKind' must be 'SecretStore' or 'ClusterSecretStore', got '${storeKind}'`);
    }
    return new SecretRef((scope, id, purpose, identity) => {
      const name = `${identity.name}-${purpose}`;
      new ApiObject(scope, id, {
        apiVersion: 'external-secrets.io/v1',
        kind: 'ExternalSecret',
        metadata: { name, namespace: identity.namespace, labels: identity.labels },
        spec: {
          refreshInterval: options.refreshInterval ?? '1h',
          secretStoreRef: { name: options.store, kind: storeKind },
          target: { name, creationPolicy: 'Owner' },
          data: [{
            secretKey: purpose,
            remoteRef: {
              key: options.remoteKey,
              ...(options.property === undefined ? {} : { property: options.property }),
              // The operator's defaults: left out, it would fill them in, and applying the manifest again would be a change.
              conversionStrategy: 'Default',
              decodingStrategy: 'None',
              metadataPolicy: 'None',
            },
          }],
        },
      });
      return { name, key: purpose };
    });
  }

  /** The value itself, written into a Secret in the manifest, for everybody to read who can read that. For throw-away environments only. */
  public static unsafePlainText(value: string): SecretRef {
    if (typeof value !== 'string' || value === '') { throw new Error('the value of SecretRef.unsafePlainText must be a text that is not empty'); }
    return new SecretRef((scope, id, purpose, identity) => {
      const name = `${identity.name}-${purpose}`;
      new ApiObject(scope, id, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, namespace: identity.namespace, labels: identity.labels },
        type: 'Opaque',
        data: { [purpose]: Buffer.from(value, 'utf8').toString('base64') },
      });
      return { name, key: purpose };
    });
  }

  private readonly resolve: (scope: Construct, id: string, purpose: string, identity: DeploymentIdentity) => SecretKey;

  private constructor(resolve: (scope: Construct, id: string, purpose: string, identity: DeploymentIdentity) => SecretKey) {
    this.resolve = resolve;
  }

  /**
   * Emits what the reference needs and says where the value will be.
   *
   * @param scope where the object becomes a child
   * @param id its id there
   * @param purpose what it is for, such as `database-password`: the end of the object's name, and its key
   * @param identity the deployment
   */
  public bind(scope: Construct, id: string, purpose: string, identity: DeploymentIdentity): SecretKey {
    return this.resolve(scope, id, purpose, identity);
  }
}

/** An environment variable with a value from a Secret. */
export function secretEnv(name: string, secret: SecretKey): { [key: string]: any } {
  return { name, valueFrom: { secretKeyRef: { name: secret.name, key: secret.key } } };
}

function assertSecretName(name: string): void {
  if (typeof name !== 'string' || name.length > 253 || !/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name)) {
    throw new Error(`the name of a Secret must be lower-case letters, digits, '-' and '.', got '${name}'`);
  }
}
