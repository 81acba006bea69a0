/** Looks at what any player of this page hands to the browser: for the times that the pictures carry, and for pictures that are missing. */
import { FragmentReader, type TimedPicture } from './fragment-reader.ts';

export interface ArrivedPicture extends TimedPicture {
  /** when it came, by performance.now() */
  arrivedMs: number;
}

/**
 * From now on, for as long as the page lives.
 * @param onPictures those with times; `ptsS` is told in the video element's time
 * @param onLoss others refer to a picture that is not there
 */
export function tapMedia(onPictures: (pictures: readonly ArrivedPicture[]) => void, onLoss: () => void): void {
  if (typeof SourceBuffer === 'undefined') return;
  const readers = new WeakMap<SourceBuffer, FragmentReader>();
  const append = SourceBuffer.prototype.appendBuffer;
  SourceBuffer.prototype.appendBuffer = function (this: SourceBuffer, data: BufferSource): void {
    const arrivedMs = performance.now();
    const offsetS = this.timestampOffset;
    append.call(this, data);
    const reader = readers.get(this) ?? new FragmentReader();
    readers.set(this, reader);
    const bytes = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
    const { losses } = reader;
    const pictures = reader.feed(bytes);
    if (reader.losses > losses) onLoss();
    if (pictures.length > 0) onPictures(pictures.map(({ ptsS, times }) => ({ ptsS: ptsS + offsetS, times, arrivedMs })));
  };
}
