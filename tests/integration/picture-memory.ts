/** Run with --expose-gc: prints the first luma of a held picture after everything else was collected. */
import { PictureFrame } from '../../src-main/encoder/frame.ts';
import { Picture } from '../../src-main/encoder/picture.ts';

const size = { widthPx: 1280, heightPx: 720 };
const picture = Picture.black(size, 0);
const frame = new PictureFrame(size).show(picture);
for (let round = 0; round < 20; round += 1) {
  (globalThis as unknown as { gc(): void }).gc();
  new Uint8Array(1_382_400).fill(200); // lands where freed planes were
  await new Promise((resolve) => setTimeout(resolve, 5));
}
const luma = new Set(frame.toBuffer().subarray(0, 1280 * 720));
console.log(JSON.stringify([...luma]));
