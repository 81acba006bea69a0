/**
 * What the hub must know of a tag body: whether it is a sequence header, whether playback can begin at it, its
 * composition time. Everything else passes through unread.
 * @see Adobe, Video File Format Specification 10.1, E.4.2.1 and E.4.3.1
 * @see Veovera, Enhanced RTMP v2, ExVideoTagHeader and ExAudioTagHeader
 */

export type Inspected = { kind: 'header' } | { kind: 'frame'; key: boolean; compositionMs: number } | { kind: 'ignored' };

const IGNORED: Inspected = { kind: 'ignored' };
const HEADER: Inspected = { kind: 'header' };

const KEY_FRAME = 1;
const VIDEO_INFO_FRAME = 5;
const AVC = 7;
const AAC = 10;
const EX_AUDIO = 9;
const SEQUENCE_START = 0;
const CODED_FRAMES = 1;
const CODED_FRAMES_X = 3;
/** codecs whose CodedFrames begin with a composition time: avc1, hvc1, vvc1 */
const COMPOSED = new Set([0x61766331, 0x68766331, 0x76766331]);

export function inspectVideo(body: Uint8Array): Inspected {
  const [first = 0, packetType] = body;
  const frameType = (first >> 4) & 7;
  if (packetType === undefined || frameType === VIDEO_INFO_FRAME) return IGNORED;
  if (first & 0x80) return inspectExVideo(body, frameType);
  if ((first & 15) !== AVC) return { kind: 'frame', key: frameType === KEY_FRAME, compositionMs: 0 };
  if (packetType === 0) return HEADER;
  if (packetType !== 1 || body.length <= 5) return IGNORED; // the end of a sequence, or nothing
  return { kind: 'frame', key: frameType === KEY_FRAME, compositionMs: signed24(body, 2) };
}

function inspectExVideo(body: Uint8Array, frameType: number): Inspected {
  if (body.length <= 5) return IGNORED;
  const packetType = (body[0] as number) & 15;
  if (packetType === SEQUENCE_START) return HEADER;
  if (packetType !== CODED_FRAMES && packetType !== CODED_FRAMES_X) return IGNORED;
  const fourCc = new DataView(body.buffer, body.byteOffset).getUint32(1);
  const composed = packetType === CODED_FRAMES && COMPOSED.has(fourCc);
  return { kind: 'frame', key: frameType === KEY_FRAME, compositionMs: composed ? signed24(body, 5) : 0 };
}

export function inspectAudio(body: Uint8Array): Inspected {
  const [first = 0, packetType] = body;
  if (packetType === undefined) return IGNORED;
  const format = first >> 4;
  if (format === AAC) return inspectPacket(packetType, body.length > 2);
  if (format === EX_AUDIO) return inspectPacket(first & 15, body.length > 5);
  return { kind: 'frame', key: true, compositionMs: 0 };
}

/** 0 is a sequence header and 1 coded sound, in AAC's tags and in the extended ones alike */
function inspectPacket(packetType: number, hasPayload: boolean): Inspected {
  if (packetType === SEQUENCE_START) return HEADER;
  return packetType === CODED_FRAMES && hasPayload ? { kind: 'frame', key: true, compositionMs: 0 } : IGNORED;
}

function signed24(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
  return ((a << 24) | (b << 16) | (c << 8)) >> 8;
}
