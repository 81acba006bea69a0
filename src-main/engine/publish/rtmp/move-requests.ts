/** What becomes of a server's requests to go elsewhere. @see Enhanced RTMP v2, Reconnect Request */
import { redirectOf } from './redirect.ts';

export class MoveRequests {
  readonly #log: (line: string) => void;
  /** it is logged once: a server may ask as often as it likes */
  #hasRefused = false;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  /**
   * @param from where the connection goes, by which address, and by which redirect if there was one
   * @param tcUrl empty: to the same
   * @returns where to, null for the address's own server; undefined when the show stays where it is
   */
  answer(from: { url: string; redirectUrl: string | null }, tcUrl: string, streamKey: string): string | null | undefined {
    if (!tcUrl) {
      this.#log('the server asks for a new connection');
      return from.redirectUrl;
    }
    const redirect = redirectOf(from.url, tcUrl, streamKey);
    if ('refused' in redirect) {
      if (!this.#hasRefused) this.#log(`the server asks for a new connection ${redirect.refused}: the show stays where it is`);
      this.#hasRefused = true;
      return undefined;
    }
    this.#log(`the server asks for a new connection to ${redirect.label}`);
    return redirect.url;
  }
}
