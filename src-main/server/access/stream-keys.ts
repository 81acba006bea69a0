/** Which keys open what. They are kept as hashes and compared in constant time. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** also what may stand in a URL's path unescaped */
export const STREAM_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const KEY_LENGTH_MAX = 256;

export interface StreamKey {
  name: string;
  /** to publish; null: whoever names the stream may ask, and a hook decides */
  key: string | null;
  /** to play; without one everybody may */
  playKey?: string | undefined;
}

interface Kept {
  name: string;
  keyHash: Buffer | null;
  playKeyHash: Buffer | null;
}

export class StreamKeys {
  #streams: Kept[] = [];

  constructor(streams: readonly StreamKey[]) {
    this.set(streams);
  }

  /**
   * @returns the names whose key is another than before
   * @throws RangeError for a name that is not STREAM_NAME, a name that comes twice, or an empty or over-long key
   */
  set(streams: readonly StreamKey[]): string[] {
    const names = new Set<string>();
    for (const { name, key, playKey } of streams) {
      if (!STREAM_NAME.test(name)) throw new RangeError('A stream name has 1 to 64 letters, digits, hyphens or underscores.');
      if (names.has(name)) throw new RangeError(`The stream name ${name} is used twice.`);
      if (!isUsable(key) || !isUsable(playKey ?? null))
        throw new RangeError(`The key of the stream ${name} must have 1 to ${KEY_LENGTH_MAX} characters.`);
      names.add(name);
    }
    const before = new Map(this.#streams.map(({ name, keyHash }) => [name, keyHash]));
    this.#streams = streams.map(({ name, key, playKey }) => ({ name, keyHash: hash(key), playKeyHash: hash(playKey ?? null) }));
    return this.#streams
      .filter(({ name, keyHash }) => before.has(name) && isOther(before.get(name) ?? null, keyHash))
      .map(({ name }) => name);
  }

  get names(): string[] {
    return this.#streams.map(({ name }) => name);
  }

  has(name: string): boolean {
    return this.#find(name) !== null;
  }

  /**
   * @param playPath what a publisher puts where its stream's name goes: `<name>?key=<key>`, or the key alone, as
   * clients with one "stream key" field do
   * @returns the name of the stream that may be published, or null
   */
  authorise(playPath: string): string | null {
    const { name, key } = parsePlayPath(playPath);
    const keyHash = hash(key ?? playPath) as Buffer;
    let found: string | null = null;
    for (const stream of this.#streams) {
      const matches = stream.keyHash === null ? stream.name === name : timingSafeEqual(stream.keyHash, keyHash);
      if (matches && (key === null || stream.name === name)) found = stream.name;
    }
    return found;
  }

  needsKey(name: string): boolean {
    return this.#find(name)?.keyHash !== null;
  }

  needsPlayKey(name: string): boolean {
    return this.playKeyHash(name) !== '';
  }

  opensPlay(name: string, key: string): boolean {
    const wanted = this.#find(name)?.playKeyHash;
    return wanted !== undefined && (wanted === null || timingSafeEqual(wanted, hash(key) as Buffer));
  }

  /** empty without a play key */
  playKeyHash(name: string): string {
    return this.#find(name)?.playKeyHash?.toString('hex') ?? '';
  }

  #find(name: string): Kept | null {
    return this.#streams.find((stream) => stream.name === name) ?? null;
  }
}

/** Splits `<name>?key=<key>`; the key is null where there is none. */
export function parsePlayPath(playPath: string): { name: string; key: string | null; query: string } {
  const at = playPath.indexOf('?');
  if (at < 0) return { name: playPath, key: null, query: '' };
  const query = playPath.slice(at + 1);
  return { name: playPath.slice(0, at), key: new URLSearchParams(query).get('key'), query };
}

function isUsable(key: string | null): boolean {
  return key === null || (key !== '' && key.length <= KEY_LENGTH_MAX);
}

function isOther(before: Buffer | null, now: Buffer | null): boolean {
  return before === null || now === null ? before !== now : !before.equals(now);
}

function hash(key: string | null): Buffer | null {
  return key === null ? null : createHash('sha256').update(key).digest();
}
