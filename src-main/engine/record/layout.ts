/**
 * The bytes of a recording, from its first to its last.
 *
 *   while recording   ftyp · free (16 bytes) · moov without samples · (moof mdat)*
 *   after closing     ftyp · mdat (its header took the place of the free box, and all of the above is in it) · moov
 *
 * While it grows every whole fragment plays, whatever happens next. Closing makes it a plain file, which every player
 * and editor can seek at once: the full moov is appended and synced first, then 16 bytes are written in place. A kill
 * in between leaves the fragmented file with a second moov, which readers skip and `recoverRecording` cuts off.
 */
import { ascii, box, concat, u32, u64 } from '../../wire/mp4/box.ts';
import { fragmentedMoov, ftyp, plainMoov } from '../../wire/mp4/movie.ts';
import { SampleTable } from '../../wire/mp4/sample-table.ts';
import type { Track } from '../../wire/mp4/track.ts';
import type { Fragmenter, RecordedFragment } from './fragmenter.ts';

export const PLACEHOLDER_AT = ftyp('h264').length; // as long for every codec

export function recordingHead(fragmenter: Fragmenter, createdAtMs: number): Uint8Array {
  return concat([ftyp(fragmenter.videoTrack.codec), box('free', new Uint8Array(8)), fragmentedMoov(tracksOf(fragmenter), createdAtMs)]);
}

/** A large-size mdat header (ISO/IEC 14496-12, 4.2): everything from the placeholder to `endBytes` is media data. */
export function wholeMdatHeader(endBytes: number): Uint8Array {
  return concat([u32(1), ascii('mdat'), u64(endBytes - PLACEHOLDER_AT)]);
}

/** Which samples are in the file, and where. */
export class RecordingIndex {
  readonly #tables = { video: new SampleTable(), audio: new SampleTable() };

  get pictures(): number {
    return this.#tables.video.count;
  }

  add(fragment: RecordedFragment, fileOffset: number): void {
    for (const chunk of fragment.chunks) this.#tables[chunk.kind].addChunk(fileOffset + chunk.offset, chunk.samples, chunk.description);
  }

  moov(fragmenter: Fragmenter, createdAtMs: number): Uint8Array {
    const tracks = tracksOf(fragmenter).map((track) => ({ track, samples: this.#tables[track.kind] }));
    return plainMoov(tracks, createdAtMs);
  }
}

function tracksOf(fragmenter: Fragmenter): Track[] {
  return fragmenter.audioTrack ? [fragmenter.videoTrack, fragmenter.audioTrack] : [fragmenter.videoTrack];
}
