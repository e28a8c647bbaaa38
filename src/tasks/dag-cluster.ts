import { PythonCall, PythonValue } from '../pod/python';
import { checkPropNames, PropNames } from '../private/known-props';
import { checkPropTypes, PropTypes, shown } from '../private/prop-types';

/** A cluster of Google Kubernetes Engine. The texts may hold Jinja. */
export interface GkeClusterOptions {
  /** Zone or region of the cluster, such as `europe-west3`. */
  readonly location: string;

  /** Its name. */
  readonly clusterName: string;

  /**
   * The project that it is in.
   *
   * @default - the project of the connection
   */
  readonly projectId?: string;

  /**
   * Airflow's connection to Google Cloud, by its id.
   *
   * @default 'google_cloud_default'
   */
  readonly gcpConnId?: string;

  /**
   * Service accounts to act as, each on behalf of the one before.
   *
   * @default - the account of the connection
   */
  readonly impersonationChain?: string[];

  /**
   * Reach the API server by its internal address.
   *
   * @default false
   */
  readonly useInternalIp?: boolean;

  /**
   * Reach the API server by its name.
   *
   * @default false
   */
  readonly useDnsEndpoint?: boolean;
}

/** A cluster of Amazon EKS. The texts may hold Jinja. */
export interface EksClusterOptions {
  /** Its name. */
  readonly clusterName: string;

  /**
   * The region that it is in.
   *
   * @default - as boto3 finds it
   */
  readonly region?: string;

  /**
   * Airflow's connection to AWS, by its id.
   *
   * @default 'aws_default'
   */
  readonly awsConnId?: string;
}

const GKE: PropNames<GkeClusterOptions> = {
  location: true, clusterName: true, projectId: true, gcpConnId: true, impersonationChain: true, useInternalIp: true, useDnsEndpoint: true,
};
const GKE_TYPES: PropTypes<GkeClusterOptions> = {
  projectId: 'a text', gcpConnId: 'a text', impersonationChain: 'a list of texts', useInternalIp: 'true or false', useDnsEndpoint: 'true or false',
};
const EKS: PropNames<EksClusterOptions> = { clusterName: true, region: true, awsConnId: true };
const EKS_TYPES: PropTypes<EksClusterOptions> = { region: 'a text', awsConnId: 'a text' };

const OPERATORS = 'airflow.providers.cncf.kubernetes.operators.';
const GOOGLE = 'airflow.providers.google.cloud.operators.kubernetes_engine.';
const GKE_OPERATORS: { readonly [operator: string]: string } = {
  KubernetesPodOperator: `${GOOGLE}GKEStartPodOperator`,
  KubernetesJobOperator: `${GOOGLE}GKEStartJobOperator`,
  KubernetesDeleteJobOperator: `${GOOGLE}GKEDeleteJobOperator`,
  KubernetesInstallKueueOperator: `${GOOGLE}GKEStartKueueInsideClusterOperator`,
  KubernetesStartKueueJobOperator: `${GOOGLE}GKEStartKueueJobOperator`,
  KubernetesCreateResourceOperator: `${GOOGLE}GKECreateCustomResourceOperator`,
  KubernetesDeleteResourceOperator: `${GOOGLE}GKEDeleteCustomResourceOperator`,
};
const EKS_OPERATORS = { KubernetesPodOperator: 'airflow.providers.amazon.aws.operators.eks.EksPodOperator' };

/** What else says on which cluster an operator works. */
const PLACE: { readonly [argument: string]: string } = {
  kubernetes_conn_id: 'kubernetesConnId', in_cluster: 'inCluster', config_file: 'configFile', cluster_context: 'clusterContext',
};

/**
 * The cluster of a cloud on which the tasks of a {@link DagFile} run, by the operators of that cloud's provider, which find its address and credentials
 * themselves. Any other cluster is a connection: `kubernetesConnId`.
 *
 * @see https://airflow.apache.org/docs/apache-airflow-providers-google/stable/operators/cloud/kubernetes_engine.html
 * @see https://airflow.apache.org/docs/apache-airflow-providers-amazon/stable/operators/eks.html
 */
export class DagCluster {
  /** GKEStartPodOperator, GKEStartJobOperator and so on. The image needs the provider google. */
  public static gke(options: GkeClusterOptions): DagCluster {
    read('DagCluster.gke', 'GkeClusterOptions', options, GKE, GKE_TYPES, ['location', 'clusterName']);
    return new DagCluster('GKE', GKE_OPERATORS, {
      project_id: options.projectId,
      location: options.location,
      cluster_name: options.clusterName,
      use_internal_ip: options.useInternalIp,
      use_dns_endpoint: options.useDnsEndpoint,
      gcp_conn_id: options.gcpConnId,
      impersonation_chain: options.impersonationChain,
    });
  }

  /** EksPodOperator, which is the only one of its kind: every task must be a PodTask. The image needs the provider amazon, and the AWS command line. */
  public static eks(options: EksClusterOptions): DagCluster {
    read('DagCluster.eks', 'EksClusterOptions', options, EKS, EKS_TYPES, ['clusterName']);
    return new DagCluster('EKS', EKS_OPERATORS, { cluster_name: options.clusterName, region: options.region, aws_conn_id: options.awsConnId });
  }

  private constructor(
    private readonly kind: string,
    private readonly operators: { readonly [operator: string]: string },
    private readonly args: { readonly [argument: string]: PythonValue | undefined },
  ) {}

  /**
   * Where Python imports what stands for an operator.
   *
   * @throws Error where there is none
   * @internal
   */
  public _import(path: string): string {
    if (!path.startsWith(OPERATORS)) { return path; }
    const operator = path.slice(path.lastIndexOf('.') + 1);
    if (!Object.hasOwn(this.operators, operator)) {
      throw new Error(`there is no ${operator} for ${this.kind}; put the task into a DagFile without 'cluster', with 'kubernetesConnId' in 'taskOptions'`);
    }
    return this.operators[operator];
  }

  /**
   * The call of an operator with what says where the cluster is.
   *
   * @throws Error where it says so already, or where the operator of the cloud cannot do it
   * @internal
   */
  public _place({ name, args: given, then }: PythonCall): PythonCall {
    const args = given as { [argument: string]: PythonValue | undefined };
    const other = Object.keys(PLACE).find(argument => args[argument] !== undefined);
    if (other !== undefined) { throw new Error(`'cluster' says where the task runs, and '${PLACE[other]}' again; remove one`); }
    if (this.kind !== 'EKS') { return new PythonCall(name, { ...args, ...this.args }, then); }
    if (args.trigger_kwargs !== undefined) { throw new Error("EksPodOperator sets 'triggerKwargs' itself; remove it"); }
    const sets = Array.isArray(then?.args) ? then.args[0] : then && [then.args];
    if (Array.isArray(sets) && sets.some((set: any) => 'name' in set)) { throw new Error("EksPodOperator cannot be mapped over 'name'; leave it out"); }
    const { name: podName, ...others } = args;
    // Older releases of the provider keep the pod where nothing is said.
    return new PythonCall(name, { on_finish_action: 'delete_pod', ...others, pod_name: podName, ...this.args }, then);
  }
}

function read<T extends object>(
  path: string, type: string, options: T, names: PropNames<T>, types: PropTypes<T>, needed: readonly (keyof T & string)[],
): void {
  checkPropNames(options, names, path, type);
  for (const name of needed) {
    const value = options[name];
    if (typeof value !== 'string' || value === '') { throw new Error(`${path}: '${name}' must be a text, got ${shown(value)}`); }
  }
  try {
    checkPropTypes(options, types);
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
  }
}
