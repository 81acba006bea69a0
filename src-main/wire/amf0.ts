/**
 * Action Message Format 0: the values of RTMP commands and of FLV metadata.
 * @see Adobe, Action Message Format AMF 0
 */
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { decodeText, encodeText } from './text.ts';
import { WireError } from './wire-error.ts';

/** An object keeps the order of its keys. `AmfArray` is the ECMA array, an object with a length in front. */
export type AmfValue = number | boolean | string | null | undefined | Date | AmfArray | AmfValue[] | AmfObject;
export interface AmfObject {
  [key: string]: AmfValue;
}

/** An ECMA array: named values, written with their count. onMetaData is customarily one. */
export class AmfArray {
  readonly entries: AmfObject;

  constructor(entries: AmfObject) {
    this.entries = entries;
  }
}

export const AMF_DEPTH_MAX = 16;
/** values in one message, nested ones included; also bounds what a strict array may announce */
export const AMF_VALUES_MAX = 4_096;
const SHORT_STRING_MAX = 0xffff;

/** @see 2.1, types overview */
const MARKER = {
  number: 0x00,
  boolean: 0x01,
  string: 0x02,
  object: 0x03,
  null: 0x05,
  undefined: 0x06,
  reference: 0x07,
  ecmaArray: 0x08,
  objectEnd: 0x09,
  strictArray: 0x0a,
  date: 0x0b,
  longString: 0x0c,
  unsupported: 0x0d,
  xml: 0x0f,
  typedObject: 0x10,
} as const;

export function encode(values: readonly AmfValue[]): Uint8Array {
  const out = new ByteWriter();
  for (const value of values) writeValue(out, value);
  return out.finish();
}

/**
 * Decodes all values of a message.
 * @throws WireError when cut off, nested deeper than AMF_DEPTH_MAX, larger than AMF_VALUES_MAX, or of an unknown type
 */
export function decode(bytes: Uint8Array): AmfValue[] {
  const state: Decoder = { reader: new ByteReader(bytes), values: 0 };
  const values: AmfValue[] = [];
  while (state.reader.left > 0) values.push(readValue(state, 0));
  return values;
}

/** The named values of an object or an ECMA array; null for anything else. */
export function asObject(value: AmfValue): AmfObject | null {
  if (value instanceof AmfArray) return value.entries;
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date) ? value : null;
}

function writeValue(out: ByteWriter, value: AmfValue): void {
  if (value === null) out.u8(MARKER.null);
  else if (value === undefined) out.u8(MARKER.undefined);
  else if (typeof value === 'number') out.u8(MARKER.number).f64(value);
  else if (typeof value === 'boolean') out.u8(MARKER.boolean).u8(value ? 1 : 0);
  else if (typeof value === 'string') writeString(out, value);
  else if (value instanceof Date)
    out.u8(MARKER.date).f64(value.getTime()).u16(0); // the time zone is reserved: 0
  else if (value instanceof AmfArray) {
    writeEntries(out.u8(MARKER.ecmaArray).u32(Object.keys(value.entries).length), value.entries);
  } else if (Array.isArray(value)) {
    out.u8(MARKER.strictArray).u32(value.length);
    for (const item of value) writeValue(out, item);
  } else writeEntries(out.u8(MARKER.object), value);
}

function writeString(out: ByteWriter, value: string): void {
  const bytes = encodeText(value);
  if (bytes.length > SHORT_STRING_MAX) out.u8(MARKER.longString).u32(bytes.length);
  else out.u8(MARKER.string).u16(bytes.length);
  out.bytes(bytes);
}

function writeEntries(out: ByteWriter, entries: AmfObject): void {
  for (const [key, value] of Object.entries(entries)) {
    const name = encodeText(key);
    if (name.length === 0 || name.length > SHORT_STRING_MAX) throw new WireError('an AMF key is empty or too long');
    out.u16(name.length).bytes(name);
    writeValue(out, value);
  }
  out.u16(0).u8(MARKER.objectEnd);
}

interface Decoder {
  reader: ByteReader;
  values: number;
}

function readValue(state: Decoder, depth: number): AmfValue {
  if (depth > AMF_DEPTH_MAX) throw new WireError(`AMF values are nested deeper than ${AMF_DEPTH_MAX}`);
  state.values += 1;
  if (state.values > AMF_VALUES_MAX) throw new WireError(`an AMF message has more than ${AMF_VALUES_MAX} values`);
  const { reader } = state;
  const marker = reader.u8();
  switch (marker) {
    case MARKER.number:
      return reader.f64();
    case MARKER.boolean:
      return reader.u8() !== 0;
    case MARKER.string:
      return decodeText(reader.bytes(reader.u16()));
    case MARKER.longString:
    case MARKER.xml:
      return decodeText(reader.bytes(reader.u32()));
    case MARKER.object:
      return readEntries(state, depth);
    case MARKER.typedObject:
      reader.bytes(reader.u16()); // the class name
      return readEntries(state, depth);
    case MARKER.ecmaArray:
      reader.u32(); // the count is a hint that real encoders get wrong: the end marker rules
      return new AmfArray(readEntries(state, depth));
    case MARKER.strictArray:
      return readStrictArray(state, depth);
    case MARKER.date:
      return readDate(reader);
    case MARKER.null:
      return null;
    case MARKER.undefined:
    case MARKER.unsupported:
      return undefined;
    default:
      throw new WireError(`an AMF value has the unknown type ${marker}`);
  }
}

function readEntries(state: Decoder, depth: number): AmfObject {
  const entries: [string, AmfValue][] = [];
  const { reader } = state;
  for (;;) {
    const key = decodeText(reader.bytes(reader.u16()));
    if (key === '') {
      if (reader.u8() !== MARKER.objectEnd) throw new WireError('an AMF object has an empty key');
      return Object.fromEntries(entries); // defines own properties, so that a key of `__proto__` stays a key
    }
    entries.push([key, readValue(state, depth + 1)]);
  }
}

function readStrictArray(state: Decoder, depth: number): AmfValue[] {
  const count = state.reader.u32();
  if (count > state.reader.left) throw new WireError('an AMF array is cut off');
  const values: AmfValue[] = [];
  for (let i = 0; i < count; i += 1) values.push(readValue(state, depth + 1));
  return values;
}

function readDate(reader: ByteReader): Date {
  const timeMs = reader.f64();
  reader.u16();
  return new Date(timeMs);
}
