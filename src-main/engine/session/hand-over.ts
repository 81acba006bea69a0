/** Moves a sink from one rendition of the program to another without a break, at an IDR. */

import type { Unsubscribe } from '../../../src-shared/disposable.ts';
import type { RenditionId } from '../../../src-shared/domain/index.ts';
import type { MediaPacket, VideoHeader, VideoPacket } from '../../process/packet.ts';
import type { MediaSink, Program, Sound } from './program.ts';

const TIMEOUT_MS = 5_000;
/** The two encoders finish a tick in no certain order: so many pictures of the old one wait for the new one's IDR. */
const HELD_PICTURES = 8;

export interface HandOver {
  from: RenditionId;
  to: RenditionId;
  /** which it takes with either */
  sound?: Sound;
  /** ends the sink's present subscription */
  unsubscribe: Unsubscribe;
  /** breaks the move off: what is held goes to the sink at once, which stays where it was */
  signal?: AbortSignal;
}

export interface HandedOver {
  /** false when no IDR came or it was broken off, and the sink stays where it was */
  moved: boolean;
  /** ends the sink's new subscription */
  unsubscribe: Unsubscribe;
}

/**
 * Both renditions encode the same ticks on one clock. Pictures of the old one are held back a little, so that an IDR of
 * the new one can take the place of the same tick; what is held from that tick on is dropped, what is before it goes first.
 */
export function handOver(
  program: Program,
  sink: MediaSink,
  { from, to, sound = 'show', unsubscribe, signal }: HandOver,
): Promise<HandedOver> {
  return new Promise((resolve) => {
    /** the old one's pictures, and its header where it is opened anew meanwhile: that counts from the picture after it */
    const held: (VideoPacket | VideoHeader)[] = [];
    let writtenDtsUs: number | null = null;
    const writeHeld = (count: number) => {
      for (const item of held.splice(0, Math.max(0, count))) {
        if ('config' in item) sink.setHeader(item);
        else {
          writtenDtsUs = item.dtsUs;
          sink.write(item);
        }
      }
    };
    unsubscribe();
    const holding: MediaSink = {
      setHeader(header) {
        if (header.kind === 'audio' || held.length === 0) return sink.setHeader(header);
        held.push(header);
      },
      write(packet) {
        if (packet.kind === 'audio') return sink.write(packet);
        held.push(packet);
        writeHeld(held.length - HELD_PICTURES);
      },
    };
    const offOld = program.subscribe(from, holding, sound);
    const offNew = program.subscribe(to, { setHeader: () => {}, write: (packet) => isNext(packet) && move(packet) });
    const again = setInterval(() => program.requestIdr(to), TIMEOUT_MS / 5);
    const timer = setTimeout(() => end(false, from), TIMEOUT_MS);
    const breakOff = () => end(false, from);
    signal?.addEventListener('abort', breakOff, { once: true });
    program.requestIdr(to);

    const isNext = (packet: MediaPacket): packet is VideoPacket =>
      packet.kind === 'video' &&
      packet.key &&
      (held.length > 0 || writtenDtsUs !== null) &&
      packet.dtsUs > (writtenDtsUs ?? Number.NEGATIVE_INFINITY);
    const end = (moved: boolean, renditionId: RenditionId, idr?: VideoPacket) => {
      clearInterval(again);
      clearTimeout(timer);
      signal?.removeEventListener('abort', breakOff);
      offOld();
      offNew();
      writeHeld(idr ? held.findLastIndex((item) => 'dtsUs' in item && item.dtsUs < idr.dtsUs) + 1 : held.length);
      const unsubscribe = program.subscribe(renditionId, sink, sound); // its header comes first …
      if (idr) sink.write(idr); // … then the IDR that is being handed out now
      resolve({ moved, unsubscribe });
    };
    const move = (idr: VideoPacket) => end(true, to, idr);
  });
}
