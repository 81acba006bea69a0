/** The decoder's configuration out of an MP4's sample description, as packet.ts has it. Pure. */
import { buildOpusHead } from '../wire/opus.ts';
import { WireError } from '../wire/wire-error.ts';
import type { AudioCodec } from './audio-format.ts';

/** ES_DescrTag, DecoderConfigDescrTag and DecSpecificInfoTag, and how much of each comes before what is inside (ISO/IEC 14496-1, 7.2.6) */
const PATH = [
  { tag: 0x03, fieldBytes: 3 },
  { tag: 0x04, fieldBytes: 13 },
  { tag: 0x05, fieldBytes: 0 },
];

/** @param box payload of `esds` (AAC) or `dOps` (Opus). @throws WireError */
export function soundConfig(codec: AudioCodec, box: Uint8Array): Uint8Array {
  return codec === 'opus' ? opusHead(box) : audioSpecificConfig(box);
}

function audioSpecificConfig(esds: Uint8Array): Uint8Array {
  let inside = esds.subarray(4); // a full box
  for (const { tag, fieldBytes } of PATH) {
    if (inside[0] !== tag) throw new WireError('an esds box is not in the order that FFmpeg writes');
    let at = 1;
    let size = 0;
    for (let more = true; more; at++) {
      const byte = inside[at] ?? 0;
      size = size * 128 + (byte & 0x7f);
      more = (byte & 0x80) !== 0;
    }
    if (at + size > inside.length) throw new WireError('an esds box is cut off');
    inside = inside.subarray(at + fieldBytes, at + size);
  }
  return new Uint8Array(inside);
}

/** @see Encapsulation of Opus in ISOBMFF, 4.3.2 */
function opusHead(dOps: Uint8Array): Uint8Array {
  if (dOps.length < 11) throw new WireError('a dOps box is cut off');
  const view = new DataView(dOps.buffer, dOps.byteOffset, dOps.byteLength);
  if (view.getUint8(10) !== 0) throw new WireError('mono and stereo have no channel mapping');
  return buildOpusHead({
    channels: view.getUint8(1),
    preSkipSamples: view.getUint16(2),
    sourceRateHz: view.getUint32(4),
    outputGain: view.getInt16(8),
    mapping: null,
  });
}
