/** An answer that is no object: Kubernetes' Status. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly [key: string]: never };
  readonly status: 'Failure';
  readonly message: string;
  readonly reason?: string;
  readonly details?: { readonly [key: string]: unknown };
  readonly code: number;
}

/** One wrong field of an object. */
export interface Cause {
  readonly reason: 'FieldValueRequired' | 'FieldValueInvalid' | 'FieldValueDuplicate' | 'FieldValueNotSupported' | 'FieldValueNotFound' | 'FieldValueForbidden';
  readonly message: string;
  readonly field: string;
}

/** Thrown where a request is refused: it carries the whole answer. */
export class StatusError extends Error {
  public constructor(public readonly status: Status) {
    super(status.message);
  }
}

function failure(code: number, reason: string | undefined, message: string, details?: { [key: string]: unknown }): StatusError {
  return new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, ...reason && { reason }, ...details && { details }, code });
}

export const badRequest = (message: string) => failure(400, 'BadRequest', message);
export const unauthorized = () => failure(401, 'Unauthorized', 'Unauthorized');
export const noSuchResource = () => failure(404, 'NotFound', 'the server could not find the requested resource', {});
export const methodNotAllowed = () => failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
export const internalError = (message: string) => failure(500, undefined, message);
export const notFound = (kind: string, name: string) => failure(404, 'NotFound', `${kind} "${name}" not found`, { name, kind });
export const alreadyExists = (kind: string, name: string) => failure(409, 'AlreadyExists', `${kind} "${name}" already exists`, { name, kind });
export const expired = (version: number, oldest: number) => failure(410, 'Expired', `too old resource version: ${version} (${oldest})`);
export const forbiddenObject = (kind: string, name: string, why: string) =>
  failure(403, 'Forbidden', `${kind} "${name}" is forbidden: ${why}`, { name, kind });
export const forbiddenList = (kind: string, why: string) => failure(403, 'Forbidden', `${kind} is forbidden: ${why}`, { kind });
export const conflict = (kind: string, name: string, why: string) =>
  failure(409, 'Conflict', `Operation cannot be fulfilled on ${kind} "${name}": ${why}`, { name, kind });
export const unsupportedMediaType = (accepted: string) => failure(415, 'UnsupportedMediaType',
  `the body of the request was in an unknown format - accepted media types include: ${accepted}`);

/** 422, with every wrong field. */
export function invalid(kind: string, name: string, causes: Cause[]): StatusError {
  const fields = causes.map(cause => `${cause.field}: ${cause.message}`);
  const message = fields.length === 1 ? fields[0] : `[${fields.join(', ')}]`;
  return failure(422, 'Invalid', `${kind} "${name}" is invalid: ${message}`, { ...name && { name }, kind, causes });
}
