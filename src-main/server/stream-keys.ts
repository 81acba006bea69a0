/** Who may publish what. Keys are kept as hashes and compared in constant time. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** also what may stand in a URL's path unescaped */
export const STREAM_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const KEY_LENGTH_MAX = 256;

export class StreamKeys {
  #streams: { name: string; keyHash: Buffer }[] = [];

  constructor(streams: readonly { name: string; key: string }[]) {
    this.set(streams);
  }

  /**
   * @returns the names whose key is another than before
   * @throws RangeError for a name that is not STREAM_NAME, a name that comes twice, or an empty or over-long key
   */
  set(streams: readonly { name: string; key: string }[]): string[] {
    const names = new Set<string>();
    for (const { name, key } of streams) {
      if (!STREAM_NAME.test(name)) throw new RangeError('A stream name has 1 to 64 letters, digits, hyphens or underscores.');
      if (names.has(name)) throw new RangeError(`The stream name ${name} is used twice.`);
      if (key === '' || key.length > KEY_LENGTH_MAX)
        throw new RangeError(`The key of the stream ${name} must have 1 to ${KEY_LENGTH_MAX} characters.`);
      names.add(name);
    }
    const before = new Map(this.#streams.map(({ name, keyHash }) => [name, keyHash]));
    this.#streams = streams.map(({ name, key }) => ({ name, keyHash: hash(key) }));
    return this.#streams.filter(({ name, keyHash }) => before.get(name)?.equals(keyHash) === false).map(({ name }) => name);
  }

  get names(): string[] {
    return this.#streams.map(({ name }) => name);
  }

  has(name: string): boolean {
    return this.#streams.some((stream) => stream.name === name);
  }

  /**
   * @param playPath what a publisher puts where its stream's name goes: `<name>?key=<key>`, or the key alone, as
   * clients with one "stream key" field do
   * @returns the name of the stream that may be published, or null
   */
  authorise(playPath: string): string | null {
    const { name, key } = parsePlayPath(playPath);
    const keyHash = hash(key ?? playPath);
    let found: string | null = null;
    for (const stream of this.#streams) {
      const matches = timingSafeEqual(stream.keyHash, keyHash);
      if (matches && (key === null || stream.name === name)) found = stream.name;
    }
    return found;
  }
}

/** Splits `<name>?key=<key>`; the key is null where there is none. */
export function parsePlayPath(playPath: string): { name: string; key: string | null; query: string } {
  const at = playPath.indexOf('?');
  if (at < 0) return { name: playPath, key: null, query: '' };
  const query = playPath.slice(at + 1);
  return { name: playPath.slice(0, at), key: new URLSearchParams(query).get('key'), query };
}

function hash(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
