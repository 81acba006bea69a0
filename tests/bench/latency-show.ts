/**
 * A show on the air for `bench:latency`: camera and title, composed with the time code in a browser without a debugging
 * client, encoded by x264 without delay, on the live server of the studio itself.
 */
import { DEFAULT_PROFILE, Profile, SceneCollection } from '../../src-shared/domain/index.ts';
import { type Host, startHost } from '../support/engine-harness.ts';
import { requireTool } from '../support/find-tools.ts';
import { PlainChromium } from '../support/plain-chromium.ts';
import { freePort } from '../support/rtmp-peers.ts';
import { showCollection } from '../support/show.ts';
import { isOnAir, until } from './pipeline-show.ts';

/** of the rehearsal */
const STREAM = 'rehearsal';
const WIDTH_PX = 1_280;
const HEIGHT_PX = 720;
/** An IDR a second: a viewer who joins need not be sent more than that, or wait for another. */
const VIDEO = { widthPx: WIDTH_PX, heightPx: HEIGHT_PX, frameRate: 30, bitrateKbps: 2_500, keyframeIntervalS: 1 };

export class LatencyShow implements AsyncDisposable {
  readonly #host: Host;
  readonly #browser: PlainChromium;
  /** http://127.0.0.1:PORT/watch/NAME */
  readonly viewerUrl: string;
  readonly rtmpUrl: string;

  private constructor(host: Host, browser: PlainChromium, urls: { viewerUrl: string; rtmpUrl: string }) {
    this.#host = host;
    this.#browser = browser;
    this.viewerUrl = urls.viewerUrl;
    this.rtmpUrl = urls.rtmpUrl;
  }

  static async start(): Promise<LatencyShow> {
    const rtmpPort = await freePort();
    const host = await startHost({ args: ['--rtmp-port', String(rtmpPort)] });
    try {
      await host.client.invoke('profile.save', Profile.parse({ ...DEFAULT_PROFILE, video: { ...DEFAULT_PROFILE.video, ...VIDEO } }));
      await showCollection(host.client, scene());
      const browser = await PlainChromium.open({ executable: requireTool('chromium'), url: host.url });
      try {
        await until(host, ({ compositor }) => (compositor?.framesPerSecond ?? 0) > 0, 'no page composes');
        await host.client.invoke('session.start');
        await until(host, isOnAir, 'no picture reached the live server');
        const { viewerUrl } = await host.client.invoke('studio.info');
        if (!viewerUrl) throw new Error('the live server is not running');
        const urls = {
          viewerUrl: new URL(`/watch/${STREAM}`, viewerUrl).href,
          rtmpUrl: `rtmp://127.0.0.1:${rtmpPort}/live/${STREAM}`,
        };
        return new LatencyShow(host, browser, urls);
      } catch (error) {
        await browser.close();
        throw error;
      }
    } catch (error) {
      await host.stop();
      throw error;
    }
  }

  /** What the studio's bottom bar says; null while no viewer has told anything. */
  async glassMs(): Promise<number | null> {
    return (await this.#host.client.invoke('stats.get')).metrics.glassMs ?? null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host.client.invoke('session.stop');
    await this.#browser.close();
    await this.#host.stop();
  }
}

function scene(): SceneCollection {
  const box = (xPx: number, yPx: number, widthPx: number, heightPx: number) => ({ xPx, yPx, widthPx, heightPx });
  return SceneCollection.parse({
    name: 'Glass to glass',
    canvas: { widthPx: WIDTH_PX, heightPx: HEIGHT_PX },
    timeCode: true,
    programSceneId: 'show',
    scenes: [
      {
        id: 'show',
        name: 'Show',
        items: [
          { id: 'camera', sourceId: 'camera', transform: box(0, 0, WIDTH_PX, HEIGHT_PX), fit: 'cover' },
          { id: 'title', sourceId: 'title', transform: box(40, 592, 560, 96) },
        ],
      },
    ],
    sources: [
      { id: 'camera', name: 'Camera', kind: 'camera', deviceId: null },
      { id: 'title', name: 'Title', kind: 'text', text: 'From glass to glass', fontSizePx: 48, background: '#101828cc' },
    ],
    audioInputs: [{ id: 'microphone', name: 'Microphone', deviceId: null, gainDb: -6 }],
  });
}
