import { peerAt } from './server-address';
import { Flow } from '../private/component-graph';
import { checkPropNames } from '../private/known-props';
import { shown } from '../private/prop-types';

/** An identity of Azure. */
export interface AzureWorkloadIdentityProps {
  /** Client ID of the managed identity or application that is federated with the ServiceAccount. */
  readonly clientId: string;

  /**
   * Tenant of it.
   *
   * @default - the cluster's
   */
  readonly tenantId?: string;

  /**
   * Address ranges of Entra ID, for network policies.
   *
   * @default - port 443 is open to any address
   */
  readonly cidrs?: string[];
}

/** More of an IAM role. */
export interface IrsaOptions {
  /**
   * Address ranges of AWS STS, such as those of its VPC endpoint, for network policies.
   *
   * @default - port 443 is open to any address
   */
  readonly cidrs?: string[];
}

/**
 * As whom a component speaks to a cloud, without a key: its ServiceAccount stands for a role there. The account `<name>-<component>`, and `<name>-worker` of task
 * pods in each of their namespaces, has to be trusted there; that is done in the cloud.
 */
export class CloudIdentity {
  /**
   * An IAM role by the OpenID provider of an AWS cluster (IRSA). The role trusts `system:serviceaccount:<namespace>:<name>-<component>`.
   *
   * @param roleArn such as `arn:aws:iam::111122223333:role/airflow`
   * @param options where it is asked for
   * @see https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
   */
  public static irsa(roleArn: string, options: IrsaOptions = {}): CloudIdentity {
    checkPropNames(options, { cidrs: 'a list of texts' }, 'CloudIdentity.irsa', 'IrsaOptions');
    if (typeof roleArn !== 'string' || !/^arn:aws[-a-z]*:iam::\d{12}:role\/\S+$/.test(roleArn)) {
      throw new Error(`'roleArn' must be the ARN of a role, such as 'arn:aws:iam::111122223333:role/airflow', got ${shown(roleArn)}`);
    }
    return new CloudIdentity({ 'eks.amazonaws.com/role-arn': roleArn }, {}, [{ kind: 'host', ...peerAt('sts.amazonaws.com', 443, options.cidrs) }]);
  }

  /**
   * An IAM role by the agent of EKS Pod Identity. Nothing in Kubernetes names the role: an association of cluster, namespace, ServiceAccount and role does, which
   * is made in AWS (`aws eks create-pod-identity-association`). Network policies let the component reach the agent.
   *
   * @see https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
   */
  public static eksPodIdentity(): CloudIdentity {
    return new CloudIdentity({}, {}, [{ kind: 'host', host: '169.254.170.23', port: 80, cidrs: ['169.254.170.23/32', 'fd00:ec2::23/128'] }]);
  }

  /**
   * Workload Identity Federation of GKE. Network policies let the component reach GKE's metadata server.
   *
   * @param serviceAccount the IAM service account that is impersonated, such as `airflow@project.iam.gserviceaccount.com`; without it roles are granted to the
   *   ServiceAccount of Kubernetes itself
   * @see https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity
   */
  public static gke(serviceAccount?: string): CloudIdentity {
    if (serviceAccount !== undefined && !(typeof serviceAccount === 'string' && /^[-a-z0-9]+@[-a-z0-9.]+\.iam\.gserviceaccount\.com$/.test(serviceAccount))) {
      throw new Error(`'serviceAccount' must be the address of an IAM service account, such as 'airflow@project.iam.gserviceaccount.com', got ${shown(serviceAccount)}`);
    }
    return new CloudIdentity(serviceAccount === undefined ? {} : { 'iam.gke.io/gcp-service-account': serviceAccount }, {}, [
      // With Dataplane V2 policies see the first address, else the server behind it.
      { kind: 'host', host: '169.254.169.254', port: 80, cidrs: ['169.254.169.254/32'] },
      { kind: 'host', host: '169.254.169.252', port: 988, cidrs: ['169.254.169.252/32'] },
    ]);
  }

  /**
   * Workload Identity of Azure. Its webhook changes only pods with the label that this adds.
   *
   * @see https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html
   */
  public static azure(props: AzureWorkloadIdentityProps): CloudIdentity {
    checkPropNames(props, { cidrs: 'a list of texts', clientId: 'a text', tenantId: 'a text' }, 'CloudIdentity.azure', 'AzureWorkloadIdentityProps');
    const { clientId, tenantId } = props;
    if (clientId === undefined) { throw new Error("'clientId' is missing; give the ID of the managed identity, such as '00000000-0000-0000-0000-000000000000'"); }
    for (const [name, value] of Object.entries({ clientId, tenantId })) {
      if (value !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)) {
        throw new Error(`'${name}' must be an ID such as '00000000-0000-0000-0000-000000000000', got '${value}'`);
      }
    }
    return new CloudIdentity(
      { 'azure.workload.identity/client-id': clientId, ...(tenantId === undefined ? {} : { 'azure.workload.identity/tenant-id': tenantId }) },
      { 'azure.workload.identity/use': 'true' },
      [{ kind: 'host', ...peerAt('login.microsoftonline.com', 443, props.cidrs) }],
    );
  }

  private constructor(
    /** @internal */
    public readonly _accountAnnotations: { [key: string]: string },
    /** @internal */
    public readonly _podLabels: { [key: string]: string },
    /** @internal */
    public readonly _flows: Flow[],
  ) {}
}
