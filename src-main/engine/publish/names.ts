/**
 * Server names looked up for all publishers. A look-up holds one of the few threads that file writes need too, for as
 * long as a dead resolver takes: hence few at a time, one a name, and what a name meant before serves in the meantime.
 */
import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';

/** of libuv's four threads */
const LOOKUPS_MAX = 2;
const NAMES_MAX = 100;

type Resolve = (name: string) => Promise<LookupAddress[]>;

export class Names {
  readonly #resolve: Resolve;
  readonly #known = new Map<string, LookupAddress[]>();
  readonly #pending = new Map<string, Promise<LookupAddress[]>>();
  readonly #turns: (() => void)[] = [];
  #running = 0;

  constructor(resolve: Resolve = (name) => systemLookup(name, { all: true })) {
    this.#resolve = resolve;
  }

  /** For `net.connect`: what the name means now; when that cannot be found out, what it meant last. */
  readonly fresh: LookupFunction = (name, options, callback) => {
    const known = (error: unknown) => this.#known.get(name) ?? Promise.reject(error);
    answer(this.#lookUp(name).catch(known), options, callback);
  };

  /** For `net.connect`: what the name meant last, at once; when it is new, what it means now. */
  readonly known: LookupFunction = (name, options, callback) => {
    const fresh = this.#lookUp(name);
    const known = this.#known.get(name);
    if (known) fresh.catch(() => {}); // only to be up to date the next time
    answer(known ? Promise.resolve(known) : fresh, options, callback);
  };

  #lookUp(name: string): Promise<LookupAddress[]> {
    const pending = this.#pending.get(name);
    if (pending) return pending;
    const lookup = this.#inTurn(() => this.#resolve(name))
      .then((addresses) => {
        if (this.#known.size >= NAMES_MAX) this.#known.clear();
        this.#known.set(name, addresses);
        return addresses;
      })
      .finally(() => this.#pending.delete(name));
    this.#pending.set(name, lookup);
    return lookup;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < LOOKUPS_MAX) this.#running += 1;
    else await new Promise<void>((resolve) => this.#turns.push(resolve));
    try {
      return await work();
    } finally {
      const turn = this.#turns.shift();
      if (turn) turn();
      else this.#running -= 1;
    }
  }
}

/** shared, since the threads are */
export const names = new Names();

type Options = Parameters<LookupFunction>[1];
type Callback = Parameters<LookupFunction>[2];

function answer(addresses: Promise<LookupAddress[]>, options: Options, callback: Callback): void {
  addresses.then(
    (found) => {
      const [first] = found;
      if (options.all) callback(null, found);
      else if (first) callback(null, first.address, first.family);
      else callback(Object.assign(new Error('the name has no address'), { code: 'ENOTFOUND' }), '');
    },
    (error: NodeJS.ErrnoException) => callback(error, options.all ? [] : ''),
  );
}
