/** First bytes of the pictures that browsers decode; `null` matches any byte. */
const SIGNATURES: readonly [mimeType: string, bytes: readonly (number | null)[]][] = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/gif', [0x47, 0x49, 0x46, 0x38]],
  ['image/webp', [0x52, 0x49, 0x46, 0x46, null, null, null, null, 0x57, 0x45, 0x42, 0x50]],
  ['image/avif', [null, null, null, null, 0x66, 0x74, 0x79, 0x70, 0x61, 0x76, 0x69]],
  ['image/bmp', [0x42, 0x4d]],
];

/** What the bytes are, whatever their file name says; null when it is nothing that can be drawn. */
export function pictureType(bytes: Uint8Array): string | null {
  const match = SIGNATURES.find(([, signature]) => signature.every((byte, index) => byte === null || byte === bytes[index]));
  return match?.[0] ?? null;
}
