/** The page's part: moving pictures from memory, as hard to encode as a camera's, and sound, at the rate the engine asks for. */
import { cameraLike } from '../../bench/camera-like.ts';
import { MediaFeeder } from '../../support/media-feeder.ts';
import { answerOrders } from './answering.ts';
import type { FeedOptions } from './protocol.ts';

const PICTURES = 30;
/** whose period no AAC frame shares, so that every coded frame is another */
const TONE_HZ = 443.17;

let feeder: MediaFeeder | null = null;
let pictures: { size: string; loop: Uint8Array[] } | null = null;

answerOrders({
  feed: async ({ tokens, ...options }: FeedOptions) => {
    await stop();
    const size = `${options.widthPx}x${options.heightPx}`;
    if (pictures?.size !== size) pictures = { size, loop: cameraLike(options.widthPx, options.heightPx, PICTURES) };
    const { loop } = pictures;
    feeder = await MediaFeeder.connect({
      ...options,
      token: () => tokens.shift() ?? '',
      toneHz: TONE_HZ,
      draw: (planes, tick) => planes.set(loop[tick % PICTURES] as Uint8Array),
    });
    feeder.start();
  },
  stop,
});

async function stop(): Promise<void> {
  feeder?.stop();
  await feeder?.close();
  feeder = null;
}
