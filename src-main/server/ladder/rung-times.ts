/** The times of a source's picture go on in the one that was made of it. */
import { encodePictureTimes, type PictureTimes, USER_DATA_UNREGISTERED } from '../../../src-shared/picture-times.ts';
import { US_PER_MS } from '../../../src-shared/units.ts';
import { buildSei, firstSliceAt } from '../../wire/sei.ts';

/**
 * @param picture of H.264, as VideoPacket.data
 * @param tookMs since the source's picture came to this server
 */
export function withLadderTimes(picture: Uint8Array, times: PictureTimes, tookMs: number): Uint8Array {
  const payload = encodePictureTimes({ ...times, ladderUs: tookMs * US_PER_MS });
  const at = firstSliceAt('h264', picture);
  return Buffer.concat([picture.subarray(0, at), buildSei('h264', USER_DATA_UNREGISTERED, payload), picture.subarray(at)]);
}
