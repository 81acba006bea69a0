/**
 * Publish and play hooks as nginx-rtmp has them: a form is posted to the operator's own server, and its answer decides.
 * What the peer said travels as form values only, so that nothing of it can become part of a command, an address or a header.
 */

/** The names are nginx-rtmp's, so that a service written for it works. */
export interface HookForm {
  call: 'publish' | 'play';
  app: string;
  name: string;
  /** the peer's address */
  addr: string;
  /** as the peer gave it; empty without one */
  key: string;
  /** how it came: rtmp, rtmps, http-flv, hls */
  protocol: string;
  tcurl: string;
  flashver: string;
}

const VALUE_LENGTH_MAX = 512;

/** @throws RangeError for what is no plain http or https address */
export function parseHookUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) throw new RangeError('A hook is an http or https address.');
  if (url.username !== '' || url.password !== '') throw new RangeError('A hook’s address has no user name or password in it.');
  return url;
}

export class Hook {
  readonly #url: URL;
  readonly #timeoutMs: number;
  readonly #openMax: number;
  #open = 0;

  /** @param limits.hooksMax questions at a time; above it nothing is asked */
  constructor(url: string, limits: { hookMs: number; hooksMax: number }) {
    this.#url = parseHookUrl(url);
    this.#timeoutMs = limits.hookMs;
    this.#openMax = limits.hooksMax;
  }

  /** @returns yes for a 2xx status that came in time; a redirection, silence and a hook that is not there are a no */
  async ask(form: HookForm): Promise<'yes' | 'no' | 'busy'> {
    if (this.#open >= this.#openMax) return 'busy';
    this.#open += 1;
    const entries = Object.entries(form).map(([name, value]): [string, string] => [name, String(value).slice(0, VALUE_LENGTH_MAX)]);
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        body: new URLSearchParams(entries),
        redirect: 'manual',
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      await response.body?.cancel(); // the status is all that counts: a body of any length is not read
      return response.ok ? 'yes' : 'no';
    } catch {
      return 'no';
    } finally {
      this.#open -= 1;
    }
  }
}
