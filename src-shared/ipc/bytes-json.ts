/** JSON that carries Uint8Array values, as `{ "$bytes": "<base64>" }`. For text frames of a WebSocket. */

const KEY = '$bytes';

export function stringify(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, inner: unknown) {
    const raw = this[key]; // as it was before a toJSON of its own, such as that of Node's Buffer
    return raw instanceof Uint8Array ? { [KEY]: toBase64(raw) } : inner;
  });
}

/** @throws SyntaxError when the text is not JSON */
export function parse(text: string): unknown {
  return JSON.parse(text, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null) return inner;
    const encoded = (inner as Record<string, unknown>)[KEY];
    return typeof encoded === 'string' && Object.keys(inner).length === 1 ? fromBase64(encoded) : inner;
  });
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
