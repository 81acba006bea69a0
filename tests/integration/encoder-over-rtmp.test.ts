/** Another bitrate for encoders that are opened anew for it, in a show that is on the air: over RTMP, to our live server and a viewer. */
import { expect, test } from 'vitest';
import { createPublisher } from '../../src-main/engine/publish/create-publisher.ts';
import { monotonicClock } from '../../src-main/process/clock.ts';
import { FlvReader, parseVideoBody, TAG } from '../../src-main/wire/flv.ts';
import { isExVideoBody, parseExVideoBody } from '../../src-main/wire/flv-extended-video.ts';
import { DestinationId, type PublisherState } from '../../src-shared/domain/index.ts';
import type { VideoSettings } from '../../src-shared/domain/rendition.ts';
import { shownTicks } from '../support/encoder-conformance.ts';
import { type EncoderUnderTest, eventually, id, inTime, rendition } from '../support/encoder-harness.ts';
import { KEY, startServer } from './server-support.ts';

const SIZE = { widthPx: 320, heightPx: 180, frameRate: 30 };

interface Seen {
  key: boolean;
  timestampMs: number;
  data: Uint8Array;
  /** of the last header before it */
  config: Uint8Array;
}

/** A viewer over HTTP-FLV: its pictures, each with the header that it came under. */
class Viewer {
  readonly pictures: Seen[] = [];
  readonly ended: Promise<void>;
  #config = new Uint8Array();

  constructor(url: string) {
    this.ended = this.#watch(url);
  }

  async #watch(url: string): Promise<void> {
    const reader = new FlvReader();
    const { body } = await fetch(url);
    for await (const bytes of body!)
      for (const { type, timestampMs, data } of reader.feed(bytes)) if (type === TAG.video) this.#see(timestampMs, data);
  }

  #see(timestampMs: number, body: Uint8Array): void {
    const parsed = isExVideoBody(body) ? parseExVideoBody(body) : parseVideoBody(body);
    const data = 'tracks' in parsed ? parsed.tracks[0]!.data : parsed.data;
    if (parsed.packet === 'header') this.#config = Uint8Array.from(data);
    if (parsed.packet === 'nalu') this.pictures.push({ key: parsed.key, timestampMs, data: Uint8Array.from(data), config: this.#config });
  }
}

/** What the encoder makes, sent to the server as a show would. */
function publish(encoder: EncoderUnderTest, url: string) {
  const states: PublisherState[] = [];
  const publisher = createPublisher({
    target: { destinationId: DestinationId.parse('test'), url, backupUrl: null, streamKey: KEY },
    clock: monotonicClock(encoder.epochNs),
    requestIdr: () => encoder.send({ type: 'idr', renditionIds: [id('main')] }),
    onChange: (state) => states.push(state),
    log: () => {},
  });
  encoder.service.onMessage((message) => {
    if (message.type === 'header') publisher.setHeader(message.header);
    if (message.type === 'packet') publisher.write(message.packet);
  });
  publisher.start();
  return { publisher, states };
}

test.concurrent.each([
  ['libx265', { codec: 'hevc', encoder: 'libx265' }, 'node-av'],
  ['SVT-AV1', { codec: 'av1', encoder: 'libsvtav1' }, 'node-av'],
  ['the command line', {}, 'command-line'],
] as [string, Partial<VideoSettings>, string][])(
  '%s: on the same connection, from an IDR within a second, under its own header',
  (_, video, backEnd) =>
    inTime(
      async (encoder) => {
        const server = await startServer();
        encoder.demand(SIZE);
        const { publisher, states } = publish(encoder, server.rtmpUrl);
        const feeder = await encoder.feed(SIZE);
        feeder.start();
        encoder.open(rendition('main', { keyframeIntervalS: 10, bitrateKbps: 400, ...video }));
        await eventually(() => server.stats()[0]?.publishing === true && publisher.state.phase === 'live', 'the show to be on the air');
        const viewer = new Viewer(`${server.httpUrl}/live/live.flv`);
        await eventually(() => viewer.pictures.length > 20, 'pictures at the viewer');
        const keysBefore = viewer.pictures.filter(({ key }) => key).length;
        encoder.send({ type: 'bitrate', renditionId: id('main'), bitrateKbps: 200 });
        const asked = encoder.packets('main').at(-1)!.tick;
        await encoder.untilPackets('main', encoder.packets('main').length + 50);
        await feeder.close();
        await encoder.stop();
        await publisher.stop();
        await server.close();
        await viewer.ended.catch(() => {}); // it is cut off

        const changed = encoder.packets('main').filter(({ key, tick }) => key && tick > asked);
        expect(changed).toHaveLength(1);
        expect(changed[0]!.tick).toBeLessThanOrEqual(asked + SIZE.frameRate);
        expect(states.filter(({ phase }) => phase === 'connecting' || phase === 'waiting')).toHaveLength(1);
        expect(encoder.of('failed')).toEqual([]);

        const { pictures } = viewer;
        expect(pictures.filter(({ key }) => key)).toHaveLength(keysBefore + 1);
        const [header] = encoder.headers('main');
        const shown = await shownTicks({ settings: header!, units: pictures, configs: pictures.map(({ config }) => config) });
        expect(shown).toHaveLength(pictures.length);
        // picture for picture what the encoder made, at its time and under the header that it needs
        const made = encoder.packets('main');
        const at = shown.findIndex((tick) => made.some((packet) => packet.tick === tick && !packet.repeated));
        const offset = made.findIndex(({ tick, repeated }) => tick === shown[at] && !repeated) - at;
        for (const [n, { timestampMs }] of pictures.entries()) {
          const { tick, ptsUs, repeated } = made[offset + n]!;
          if (!repeated) expect(shown[n]).toBe(tick);
          expect(Math.abs(timestampMs - pictures[0]!.timestampMs - (ptsUs - made[offset]!.ptsUs) / 1_000)).toBeLessThan(1.5);
        }
      },
      { TIDECAST_VIDEO_BACK_END: backEnd },
    ),
  180_000, // a busy machine makes three tries
);
