/** What the sound side of the encoder tells. */
import type { SoundId } from '../../src-shared/domain/further-tracks.ts';
import type { AudioHeader, AudioPacket } from '../process/packet.ts';

export interface AudioEvents {
  header(header: AudioHeader): void;
  packet(packet: AudioPacket): void;
  /** @param sound a further one; left out: the show's own */
  failed(error: unknown, sound?: SoundId): void;
}
