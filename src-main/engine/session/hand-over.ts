/** Moves a sink from one rendition of the program to another without a break, at an IDR. */

import type { Unsubscribe } from '../../../src-shared/disposable.ts';
import type { RenditionId } from '../../../src-shared/domain/index.ts';
import type { MediaPacket } from '../../process/packet.ts';
import type { MediaSink, Program } from './program.ts';

const TIMEOUT_MS = 5_000;

export interface HandOver {
  from: RenditionId;
  to: RenditionId;
  /** ends the sink's present subscription */
  unsubscribe: Unsubscribe;
}

/**
 * Both renditions encode the same ticks on one clock, so the first IDR of the new one that is later than all that the
 * old one gave goes on where that ended.
 * @returns how to end the new subscription; null when no IDR came, and the sink stays where it was
 */
export function handOver(program: Program, sink: MediaSink, { from, to, unsubscribe }: HandOver): Promise<Unsubscribe | null> {
  return new Promise((resolve) => {
    let lastDtsUs = Number.NEGATIVE_INFINITY;
    const offOld = program.subscribe(from, {
      setHeader: () => {},
      write: (packet) => void (packet.kind === 'video' && (lastDtsUs = packet.dtsUs)),
    });
    const offNew = program.subscribe(to, { setHeader: () => {}, write: (packet) => isNext(packet) && move(packet) });
    const again = setInterval(() => program.requestIdr(to), TIMEOUT_MS / 5);
    const timer = setTimeout(() => end(null), TIMEOUT_MS);
    program.requestIdr(to);

    const isNext = (packet: MediaPacket) => packet.kind === 'video' && packet.key && packet.dtsUs > lastDtsUs && Number.isFinite(lastDtsUs);
    const end = (moved: Unsubscribe | null) => {
      clearInterval(again);
      clearTimeout(timer);
      offOld();
      offNew();
      resolve(moved);
    };
    const move = (idr: MediaPacket) => {
      unsubscribe();
      const moved = program.subscribe(to, sink); // its header comes first …
      sink.write(idr); // … then the IDR that is being handed out now
      end(moved);
    };
  });
}
