/**
 * A machine on which node-av does not load: `NODE_OPTIONS=--import=<this file>` makes the system's loader refuse it, as it
 * does where the C library is too old. All other native modules load.
 */
import { pathToFileURL } from 'node:url';

/** For `startHost({ env })`. */
export const withoutNodeAv = (): Record<string, string> => ({ NODE_OPTIONS: `--import=${pathToFileURL(import.meta.filename).href}` });

const dlopen = process.dlopen;

process.dlopen = (module: object, filename: string, flags?: number) => {
  if (filename.includes('node-av')) throw new Error("version `GLIBC_2.38' not found");
  // the system's own default where none is given: undefined is not a number to it
  if (flags === undefined) (dlopen as (module: object, filename: string) => void).call(process, module, filename);
  else dlopen.call(process, module, filename, flags);
};
