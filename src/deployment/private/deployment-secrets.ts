import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { GeneratedSecret } from './secret-bootstrap';
import { DeploymentIdentity } from '../../airflow/deployment-identity';
import { secretEnv, SecretKey, SecretRef } from '../../airflow/secret-ref';
import { AirflowVersion } from '../../airflow/version';
import { Parts } from '../../private/component-graph';

/** The secrets with which Airflow's processes trust each other. */
export class DeploymentSecrets {
  public readonly fernetKey: Parts;
  public readonly jwtSecret: Parts;
  public readonly secretKey: Parts;
  /** Those that nobody gave. */
  public readonly generated: GeneratedSecret[] = [];

  constructor(
    private readonly scope: Construct,
    private readonly identity: DeploymentIdentity,
    version: AirflowVersion,
    given: { readonly fernetKey?: SecretRef; readonly jwtSecret?: SecretRef; readonly secretKey?: SecretRef },
  ) {
    const env = (name: string, secret: SecretKey): Parts => ({ env: [secretEnv(name, secret)] });
    this.fernetKey = env('AIRFLOW__CORE__FERNET_KEY', this.resolve('FernetKey', 'fernet-key', 'fernet', given.fernetKey));
    this.jwtSecret = version._features.jwt
      ? env('AIRFLOW__API_AUTH__JWT_SECRET', this.resolve('JwtSecret', 'jwt-secret', 'token', given.jwtSecret))
      : {};
    this.secretKey = env(
      `AIRFLOW__${version._features.apiSecretKey ? 'API' : 'WEBSERVER'}__SECRET_KEY`,
      this.resolve('SecretKey', 'secret-key', 'token', given.secretKey),
    );
  }

  /** The password of a broker that the deployment runs itself. */
  public brokerPassword(): SecretKey {
    return this.resolve('BrokerPassword', 'broker-password', 'token');
  }

  /** The password with which PgBouncer's statistics are read. */
  public exporterPassword(): SecretKey {
    return this.resolve('PgBouncerExporterPassword', 'pgbouncer-exporter-password', 'token');
  }

  private resolve(id: string, purpose: string, kind: GeneratedSecret['kind'], given?: SecretRef): SecretKey {
    if (given) { return given.bind(this.scope, id, purpose, this.identity); }
    const secret = { name: `${this.identity.name}-${purpose}`, key: purpose };
    // Without data: applying it again leaves alone what the Job has filled in.
    new ApiObject(this.scope, id, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: secret.name, namespace: this.identity.namespace, labels: this.identity.labels },
      type: 'Opaque',
    });
    this.generated.push({ ...secret, kind });
    return secret;
  }
}
