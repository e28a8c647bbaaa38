/** How to reach an API server: plain data, so that neither a kubeconfig library nor its types are needed. */
export interface Connection {
  /** For example `https://10.0.0.1:6443`. */
  readonly server: string;
  /** PEM of the certificate authority. @default - the authorities that Node trusts */
  readonly ca?: string;
  /** Bearer token. */
  readonly token?: string;
  /** PEM of the client certificate, together with {@link key}. */
  readonly cert?: string;
  readonly key?: string;
  /** The name in the server's certificate where it is not the host of {@link server}. */
  readonly tlsServerName?: string;
  /** The namespace of manifests that name none. @default 'default' */
  readonly namespace?: string;
  /** Called once after a 401 for fresh credentials (token rotated, exec plugin). The signal aborts when the run is over. */
  readonly refresh?: (signal: AbortSignal) => Promise<Connection>;
}
