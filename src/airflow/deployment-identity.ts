/** Whose objects a part of a deployment makes: given to every `bind`. */
export interface DeploymentIdentity {
  /** The deployment's name; the names of all its objects begin with it. */
  readonly name: string;
  /** The namespace of its objects. */
  readonly namespace: string;
  /** Labels for an object that belongs to no component. */
  readonly labels: { [key: string]: string };
}

/** Something outside of the deployment that its pods connect to. */
export interface NetworkPeer {
  /** Host name or address. */
  readonly host: string;
  /** TCP port. */
  readonly port: number;
  /**
   * Address ranges that it is in; network policies then allow only these.
   *
   * @default - its port is open to any address
   */
  readonly cidrs?: string[];
}
