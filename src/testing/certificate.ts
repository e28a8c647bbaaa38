import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { generate } from 'selfsigned';

/** A server's key and its own certificate authority, as PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

let made: Promise<Certificate> | undefined;

/** A self-signed certificate for 127.0.0.1, made once in a process. The key comes from Node: node-forge's own takes seconds. */
export function certificate(): Promise<Certificate> {
  made ??= make();
  return made;
}

async function make(): Promise<Certificate> {
  const pem = { publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } } as const;
  const keyPair = await promisify(generateKeyPair)('rsa', { modulusLength: 2048, ...pem });
  const options = {
    // The types of selfsigned 2.4 do not know the option.
    keyPair,
    algorithm: 'sha256',
    // Clocks that are a little apart must not make the first request fail.
    notBeforeDate: new Date(Date.now() - 3600_000),
    days: 30,
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true, keyEncipherment: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }, { type: 2, value: 'localhost' }] },
    ],
  };
  const { private: key, cert } = generate([{ name: 'commonName', value: 'cdk8s-airflow embedded cluster' }], options);
  return { key, cert };
}
