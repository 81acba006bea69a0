import type { AmfObject } from '../../wire/amf0.ts';
import { parseMetadata } from '../../wire/flv.ts';
import { WireError } from '../../wire/wire-error.ts';

/** @returns null also for data that are no AMF0: cue points and texts in other forms, which are no reason to end a show */
export function parseMetadataSafely(body: Uint8Array): AmfObject | null {
  try {
    return parseMetadata(body);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}
