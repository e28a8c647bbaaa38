/** What every error of the runtime has: a message that says what happened, and the way out. */
export class RuntimeError extends Error {
  /** What to do about it. */
  public readonly nextStep?: string;

  constructor(message: string, nextStep?: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.nextStep = nextStep;
  }
}

/** The manifests cannot be run as they are. */
export class ManifestError extends RuntimeError {}

/** No connection could be made from the kubeconfig. */
export class ConnectionError extends RuntimeError {}

/** The signal or the limit of time ended the run before there was a connection. */
export class CancelledError extends RuntimeError {
  constructor(message: string, public readonly why: 'cancelled' | 'timeout', nextStep?: string) {
    super(message, nextStep);
  }
}

/** The API server could not be reached, or its certificate is not trusted. */
export class UnreachableError extends RuntimeError {}

/** The API server's certificate is not trusted: trying again brings the same. */
export class CertificateError extends UnreachableError {}

/** A pod that a run had started is gone, and with it what it came to. */
export class LostPodError extends RuntimeError {}

/** The XCom of a task could not be had complete and valid. */
export class XComError extends RuntimeError {
  /** For example `InvalidJSON`. */
  public readonly reason: string;

  constructor(reason: string, message: string, nextStep?: string) {
    super(message, nextStep);
    this.reason = reason;
  }
}

/** What was asked of the API server, for messages. */
export interface ApiAction {
  /** For example `create`. */
  readonly verb: string;
  /** For example `pods/log`. */
  readonly resource: string;
  readonly namespace?: string;
}

/** The API server answered with an error. */
export class ApiError extends RuntimeError {
  /** The HTTP status. */
  public readonly status: number;
  /** Kubernetes' own reason, for example `AlreadyExists`; empty where the answer was no Status object. */
  public readonly reason: string;
  /** The server's message, verbatim. */
  public readonly serverMessage: string;
  public readonly action: ApiAction;
  /** Seconds, of the header Retry-After. */
  public readonly retryAfter?: number;

  constructor(action: ApiAction, status: number, reason: string, serverMessage: string, retryAfter?: number) {
    super(`cannot ${action.verb} ${action.resource}${action.namespace ? ` in namespace '${action.namespace}'` : ''}: ${serverMessage}`);
    this.action = action;
    this.status = status;
    this.reason = reason;
    this.serverMessage = serverMessage;
    this.retryAfter = retryAfter;
  }

  /** True where the caller lacks a right, as opposed to an admission refusal, which is a 403 too. */
  public get lacksRight(): boolean {
    return this.status === 401 || (this.status === 403 && / cannot \S+ resource /.test(this.serverMessage));
  }

  /** True where somebody else changed an object at the same time, such as the quota that a new pod is counted in. */
  public get wasOvertaken(): boolean {
    return this.status === 409 && /the object has been modified/.test(this.serverMessage);
  }

  /** True where the quota of the namespace is used up: the end of another pod may free it. */
  public get exceedsQuota(): boolean {
    return this.status === 403 && /exceeded quota:/.test(this.serverMessage);
  }

  /** The right that is missing, as a sentence on how to grant it. */
  public get grant(): string {
    const { verb, resource, namespace } = this.action;
    if (this.status === 401) { return "log in again: the credentials of this context are not accepted ('kubectl auth whoami' shows who you are)"; }
    const where = namespace ? ` -n ${namespace}` : '';
    // Whoever lacks one right on pods, or on Jobs and the like, lacks most of them.
    const verbs = resource === 'pods' || (/^[^/]+\.[^/]+$/.test(resource) && verb !== 'patch') ? 'create,get,list,watch,delete' : verb;
    return `ask for the verb '${verb}' on '${resource}'${namespace ? ` in namespace '${namespace}'` : ''}, for example: ` +
      `kubectl create role cdk8s-airflow${where} --verb=${verbs} --resource=${resource}; check with: kubectl auth can-i ${verb} ${resource}${where}`;
  }
}

/** Why a run ends before its tasks do: the signal's reason. */
export class Stopped extends Error {
  constructor(public readonly why: 'cancelled' | 'timeout', message: string) {
    super(message);
  }
}
