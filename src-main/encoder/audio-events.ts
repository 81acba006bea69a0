/** What the sound side of the encoder tells. */
import type { AudioHeader, AudioPacket } from '../process/packet.ts';

export interface AudioEvents {
  header(header: AudioHeader): void;
  packet(packet: AudioPacket): void;
  failed(error: unknown): void;
}
