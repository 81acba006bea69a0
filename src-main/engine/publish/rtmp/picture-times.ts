/** A picture's times, put before its first slice for viewers to measure glass-to-glass by. */
import { encodePictureTimes, USER_DATA_UNREGISTERED } from '../../../../src-shared/picture-times.ts';
import { US_PER_MS } from '../../../../src-shared/units.ts';
import type { VideoHeader, VideoPacket } from '../../../process/packet.ts';
import { buildSei, firstSliceAt } from '../../../wire/sei.ts';

/**
 * @param serverAheadMs what the server's wall clock is ahead of ours, where it tells: viewers measure by the server's
 * @returns the packet's data in two parts, and the message between them; null where the times are not known, or in AV1, which has no SEI
 */
export function withTimes(
  { data, captureTimeUs, way }: VideoPacket,
  codec: VideoHeader['codec'],
  nowUs: number,
  serverAheadMs = 0,
): Uint8Array[] | null {
  if (!way || codec === 'av1') return null;
  const times = {
    epochUnixUs: (Date.now() + serverAheadMs) * US_PER_MS - nowUs,
    captureUs: way.cameraUs,
    composeUs: captureTimeUs,
    encodeInUs: way.encoderInUs,
    encodeOutUs: way.encoderOutUs,
    sendUs: nowUs,
  };
  const at = firstSliceAt(codec, data);
  return [data.subarray(0, at), buildSei(codec, USER_DATA_UNREGISTERED, encodePictureTimes(times)), data.subarray(at)];
}
