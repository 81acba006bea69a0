/** From camera to viewer: the desktop application on a machine that does nothing else. */
import { expect, test } from 'vitest';
import { analysePictures } from '../support/broadcast-analysis.ts';
import { DesktopShow } from '../support/desktop-show.ts';
import { recordFigure } from '../support/figures.ts';
import { judgePortShow } from '../support/port-show.ts';
import { SHOW_FRAME_RATE, SHOW_HEIGHT_PX, SHOW_WIDTH_PX } from '../support/show.ts';

const SECONDS = 30;

test(`${SECONDS} s at 720p30 in Electron, composed, live, recorded and received`, async () => {
  await using show = await DesktopShow.prepare();
  await show.client.invoke('session.start');
  const recording = await show.client.invoke('recording.start');
  await show.awaitPictures(2 * SHOW_FRAME_RATE, 40_000);
  const capture = await show.watch(SECONDS + 2);
  await show.client.invoke('recording.stop');
  await show.client.invoke('session.stop');

  for (const [name, file] of [
    ['rehearsal', capture],
    ['recording', recording.path],
  ] as const) {
    const { ticks } = await analysePictures(file, { widthPx: SHOW_WIDTH_PX, heightPx: SHOW_HEIGHT_PX });
    const wanted = SECONDS * SHOW_FRAME_RATE;
    const distinct = new Set(ticks.slice(-wanted).filter((tick) => tick !== null)).size;
    recordFigure(`${name}: distinct ticks of ${wanted}`, distinct);
    expect(distinct, name).toBeGreaterThanOrEqual(wanted * 0.97);
  }
});

test(`${SECONDS} s of 720p30 over MessagePorts to a utility process`, () => judgePortShow(SECONDS));
