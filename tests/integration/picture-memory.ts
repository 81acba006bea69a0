/** Run with --expose-gc: prints the first luma of a held picture after everything else was collected. */
import { PicturePool } from '../../src-main/encoder/picture.ts';

const pool = new PicturePool(1280, 720);
const picture = pool.black(0);
for (let round = 0; round < 20; round += 1) {
  (globalThis as unknown as { gc(): void }).gc();
  new Uint8Array(1_382_400).fill(200); // lands where freed planes were
  await new Promise((resolve) => setTimeout(resolve, 5));
}
const luma = new Set(picture.frame.toBuffer().subarray(0, 1280 * 720));
console.log(JSON.stringify([...luma]));
