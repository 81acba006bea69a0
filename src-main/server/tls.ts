/** The server's certificate: what is wrong with one is said at the start, not to each client. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { StudioError } from '../../src-shared/errors.ts';

export interface Certificate {
  /** PEM: the certificate, and those between it and its root */
  cert: string;
  key: string;
  /** whether the certificate is for this name or address */
  isFor(host: string): boolean;
}

/** @throws StudioError server.certificate */
export async function loadCertificate({ certFile, keyFile }: { certFile: string; keyFile: string }, nowMs: number): Promise<Certificate> {
  const [cert, key] = [await read(certFile, 'certificate'), await read(keyFile, 'key')];
  const leaf = parse(
    () => new X509Certificate(cert),
    `${certFile} is no certificate in PEM form. Give the chain that the issuer has sent.`,
  );
  const privateKey = parse<KeyObject>(
    () => createPrivateKey(key),
    `${keyFile} is no private key in PEM form, or has a pass phrase. Give one without.`,
  );
  if (!leaf.checkPrivateKey(privateKey)) throw bad(`The key in ${keyFile} does not belong to the certificate in ${certFile}.`);
  if (Date.parse(leaf.validTo) < nowMs)
    throw bad(`The certificate in ${certFile} has expired (${leaf.validTo}). Renew it, then start again.`);
  if (Date.parse(leaf.validFrom) > nowMs)
    throw bad(`The certificate in ${certFile} is valid from ${leaf.validFrom} only. Check this machine's clock.`);
  return { cert, key, isFor: (host) => (leaf.checkIP(host) ?? leaf.checkHost(host)) !== undefined };
}

async function read(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw bad(`The ${what} ${file} cannot be read (${(error as NodeJS.ErrnoException).code}). Check the path and its permissions.`, error);
  }
}

function parse<T>(make: () => T, problem: string): T {
  try {
    return make();
  } catch (error) {
    throw bad(problem, error);
  }
}

function bad(message: string, cause?: unknown): StudioError {
  return new StudioError('server.certificate', message, { cause });
}
