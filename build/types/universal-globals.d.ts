/**
 * Globals that Node, browsers and workers all have, for the layers that must run in each of them (src-shared and
 * src-main/wire): those are checked without DOM and without Node types. Extend it only with what is in every one.
 * @see https://min-common-api.proposal.wintertc.org
 */
declare function queueMicrotask(callback: () => void): void;
declare function atob(base64: string): string;
declare function btoa(binary: string): string;

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
}

declare class TextDecoder {
  constructor(encoding?: 'utf-8', options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes?: Uint8Array): string;
}
