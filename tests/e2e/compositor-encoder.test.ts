/** From the compositor in a browser through a real encoder process: what was composed is what is encoded, in step with the sound. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SceneCollection } from '../../src-shared/domain/index.ts';
import { buildPage, PageUnderTest, removeFolder } from '../support/compositor-page/harness.ts';
import { decode, EncoderUnderTest, rendition } from '../support/encoder-harness.ts';
import { requireTool } from '../support/find-tools.ts';

const DEMAND = { widthPx: 640, heightPx: 360, frameRate: 30 };
let folder = '';

beforeAll(async () => {
  folder = await buildPage();
});

afterAll(() => removeFolder(folder));

test('the encoder gets its ticks and its sound from the page', async () => {
  let encoder: EncoderUnderTest | null = null;
  const page = await PageUnderTest.open({
    folder,
    chromium: requireTool('chromium'),
    start: { options: { backend: 'cpu', tickStrip: true }, preview: false },
    async connect(origin) {
      const started = await EncoderUnderTest.start(process.hrtime.bigint(), origin);
      encoder = started;
      return () => ({ url: started.mediaUrl, token: started.token() });
    },
  });
  const target = encoder as EncoderUnderTest | null;
  if (!target) throw new Error('the encoder was not started');
  try {
    const item = { id: 'item', sourceId: 'card', transform: { xPx: 0, yPx: 0, widthPx: 640, heightPx: 360 } };
    page.tell({
      type: 'collection',
      collection: SceneCollection.parse({
        name: 'Card',
        canvas: { widthPx: 640, heightPx: 360 },
        programSceneId: 'scene',
        scenes: [{ id: 'scene', name: 'Scene', items: [item] }],
        sources: [{ id: 'card', name: 'Card', kind: 'testCard' }],
        audioInputs: [{ id: 'microphone', name: 'Microphone', deviceId: null }],
      }),
    });
    target.demand(DEMAND);
    target.open(rendition('main', DEMAND));
    page.demand(DEMAND);
    await target.until('media', ({ role, connected }) => role === 'video' && connected);
    const before = target.packets('main').length;
    await target.untilPackets('main', before + 150);
    const packets = target.packets('main').slice();
    const own = packets.filter(({ repeated }) => !repeated);
    // How many come in time is measured on a quiet machine; here the machine may be busy with other tests.
    expect(own.length).toBeGreaterThan(50);
    const [header] = target.headers('main');
    if (!header) throw new Error('no header');
    const pictures = await decode(header, packets);
    own.forEach(({ tick }) => expect(pictures[packets.findIndex((packet) => packet.tick === tick)]?.tick).toBe(tick));
    expect(target.sound().length).toBeGreaterThan(150);
    expect(target.of('failed')).toEqual([]);
  } finally {
    await page.close();
    await target.stop();
  }
});
