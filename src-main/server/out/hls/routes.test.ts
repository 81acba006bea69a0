import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { buildAvcConfig, joinAvcc } from '../../../wire/codec-config.ts';
import { buildAvcBody } from '../../../wire/flv.ts';
import { Access } from '../../access/access.ts';
import { AddressLimits } from '../../access/address-limits.ts';
import { type StreamKey, StreamKeys } from '../../access/stream-keys.ts';
import { Hub } from '../../hub/hub.ts';
import type { LiveStream } from '../../hub/live-stream.ts';
import type { PublisherLease } from '../../hub/publisher.ts';
import { SERVER_LIMITS } from '../../limits.ts';
import { HlsRoutes } from './routes.ts';

// 1280×720, Constrained Baseline
const SPS = Uint8Array.from(Buffer.from('6742c01fda014016ec0440000003004000000f03c60ca8', 'hex'));
const avcC = buildAvcConfig([SPS], [Uint8Array.of(0x68, 0xcb, 0x83, 0xcb, 0x20)]);
const LIMITS = { ...SERVER_LIMITS, viewersMax: 3 };

let hub: Hub;
let stream: LiveStream;
let routes: HlsRoutes;
beforeEach(() => {
  vi.useFakeTimers();
  hub = new Hub(LIMITS, () => {});
  hub.serve(['live']);
  stream = hub.stream('live') as LiveStream;
  routes = open([{ name: 'live', key: 'k' }]);
});
afterEach(() => {
  hub.close();
  vi.useRealTimers();
});

function open(streams: StreamKey[], limits = LIMITS): HlsRoutes {
  const [keys, addresses] = [new StreamKeys(streams), new AddressLimits(limits)];
  const access = new Access({ keys, addresses, onPublish: null, onPlay: null, limits: LIMITS });
  return new HlsRoutes({ hub, limits: LIMITS, boundHost: '127.0.0.1', access, addresses, ladders: { of: () => null } });
}

function publish(): PublisherLease {
  const lease = stream.publish({ dismiss: () => {} }) as PublisherLease;
  lease.media('video', 0, buildAvcBody({ key: true, packet: 'header', compositionMs: 0, data: avcC }));
  return lease;
}

/** Seconds of 30 pictures each, with an IDR at its begin. */
function play(lease: PublisherLease, seconds: number, fromMs = 0): void {
  for (let i = 0; i < seconds * 30; i += 1) {
    const key = i % 30 === 0;
    const data = joinAvcc([Uint8Array.of(key ? 0x65 : 0x41, 1, 2, 3)]);
    lease.media('video', fromMs + Math.round((i * 100) / 3), buildAvcBody({ key, packet: 'nalu', compositionMs: 0, data }));
  }
}

/** An exchange without a network. */
async function ask(path: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  let sent = '';
  const wire = new Duplex({ read: () => {}, write: (chunk, _, done) => done(void (sent += chunk)) }) as Socket;
  const request = new IncomingMessage(wire);
  Object.assign(request, { method: 'GET', url: `/live/live/${path}` });
  Object.assign(request.headers, headers);
  const response = new ServerResponse(request);
  response.assignSocket(wire);
  await routes.serve({ request, response }, stream, path.replace(/\?.*/, ''));
  await vi.advanceTimersByTimeAsync(0);
  return { status: response.statusCode, text: sent.slice(sent.indexOf('\r\n\r\n') + 4) };
}

/** A newcomer who has to wait for the first segment gets it while waiting. */
async function onAir(): Promise<PublisherLease> {
  const lease = publish();
  const first = ask('index.m3u8');
  play(lease, 4);
  expect((await first).status).toBe(200);
  return lease;
}

const tokenIn = (text: string) => /viewer=(\w+)/.exec(text)?.[1] ?? '';

describe('who counts as a viewer', () => {
  test('tokens that were made up are one viewer, those of the master playlist are one each', async () => {
    await onAir();
    for (let i = 0; i < 6; i += 1) {
      const token = i % 2 === 0 ? `${i}`.repeat(16) : `${i}`.repeat(48);
      expect((await ask(`source/fmp4.m3u8?viewer=${token}`)).status).toBe(200);
    }
    expect(hub.viewers).toBe(1);
    const tokens = [tokenIn((await ask('index.m3u8')).text), tokenIn((await ask('index.m3u8')).text)];
    for (const token of [...tokens, ...tokens]) expect((await ask(`source/fmp4.m3u8?viewer=${token}`)).status).toBe(200);
    expect(hub.viewers).toBe(3);
    const late = tokenIn((await ask('index.m3u8')).text);
    expect((await ask(`source/fmp4.m3u8?viewer=${late}`)).status).toBe(503);
    expect(hub.viewers).toBe(3);
  });

  test('those who wait together for the first segment are no more than there is room for', async () => {
    const lease = publish();
    const waiting = [1, 2, 3, 4, 5].map((i) => ask('source/fmp4.m3u8', { 'user-agent': `player ${i}` }));
    play(lease, 4);
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200, 200, 503, 503]);
    expect(hub.viewers).toBe(3);
  });

  test.each([
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 403],
    [{ origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'http://localhost:5173', 'sec-fetch-site': 'cross-site' }, 200],
    [{ 'sec-fetch-site': 'same-origin' }, 200],
  ])('a page that asks with %o is answered with %i', async (headers, status) => {
    await onAir();
    expect((await ask('index.m3u8', headers as Record<string, string>)).status).toBe(status);
    expect((await ask('source/fmp4.m3u8', headers as Record<string, string>)).status).toBe(status);
    expect(hub.viewers).toBe(status === 200 ? 1 : 0);
  });
});

describe('one address', () => {
  test('has a few viewers, and room again when they are gone', async () => {
    routes = open([{ name: 'live', key: 'k' }], { ...LIMITS, viewersPerAddressMax: 2, addressLimitsOnLoopback: true });
    await onAir();
    const asPlayer = (i: number) => ask('source/fmp4.m3u8', { 'user-agent': `player ${i}` });
    for (const [i, status] of [200, 200, 503].entries()) expect((await asPlayer(i)).status).toBe(status);
    await vi.advanceTimersByTimeAsync(20_000);
    expect((await asPlayer(3)).status).toBe(200);
  });
});

describe('a private stream', () => {
  test('is had by who gives the key, and by nobody else, down to the last part', async () => {
    routes = open([{ name: 'live', key: 'k', playKey: 'open' }]);
    const lease = publish();
    const first = ask('index.m3u8?key=open');
    play(lease, 4);
    const [master, token] = [(await first).text, tokenIn((await first).text)];
    expect(master).not.toContain('open');
    for (const path of ['index.m3u8', 'index.m3u8?key=', 'index.m3u8?key=opem']) expect((await ask(path)).status).toBe(403);
    const playlist = (await ask(`source/fmp4.m3u8?viewer=${token}`)).text;
    const addresses = [...playlist.matchAll(/URI="([^"]+)"|^([^#\n].+)$/gm)].map(([, attribute, line]) => attribute ?? line ?? '');
    expect(addresses.length).toBeGreaterThan(4);
    for (const address of addresses.filter((one) => !playlist.includes(`PRELOAD-HINT:TYPE=PART,URI="${one}`))) {
      expect((await ask(`source/${address}`)).status).toBe(200);
      expect((await ask(`source/${address.replace(/\?.*/, '')}`)).status).toBe(403);
    }
    expect((await ask('source/fmp4.m3u8')).status).toBe(403);
    expect((await ask(`source/fmp4.m3u8?viewer=${'0'.repeat(48)}`)).status).toBe(403);
  });

  test('is not opened by the token of another', async () => {
    await onAir();
    const token = tokenIn((await ask('index.m3u8')).text);
    routes = open([{ name: 'live', key: 'k', playKey: 'open' }]);
    expect((await ask(`source/fmp4.m3u8?viewer=${token}`)).status).toBe(403);
  });
});

describe('after the show', () => {
  test.each([
    ['index.m3u8', 'fmp4'],
    ['ts.m3u8', 'ts'],
  ])('%s: its playlist ends half a minute later, newcomers are told, and the next show begins anew', async (master, format) => {
    const lease = publish();
    const first = ask(master);
    play(lease, 8);
    const playlist = `source/${format}.m3u8?viewer=${tokenIn((await first).text)}`;
    lease.release();
    await vi.advanceTimersByTimeAsync(25_000); // it may come back
    const during = await ask(playlist);
    expect(during.text).not.toContain('#EXT-X-ENDLIST');
    expect((await ask(master)).status).toBe(200);
    const msn = Number(/MEDIA-SEQUENCE:(\d+)/.exec(during.text)?.[1]) + (during.text.match(/#EXTINF/g)?.length ?? 0);
    const waiting = ask(`${playlist}&_HLS_msn=${msn}`);
    await vi.advanceTimersByTimeAsync(7_000);
    expect((await waiting).text).toMatch(/\n#EXT-X-ENDLIST\n$/);
    const after = await ask(playlist);
    expect(after.text).toMatch(/\n#EXT-X-ENDLIST\n$/);
    expect(after.text).not.toContain('PRELOAD-HINT');
    const segment = /^\d+\.\w+$/m.exec(after.text)?.[0];
    expect((await ask(`source/${segment}`)).status).toBe(200);
    expect(await ask(master)).toEqual({ status: 404, text: 'The show is over.\n' });

    const second = publish();
    const again = ask(master);
    play(second, 8);
    expect((await again).status).toBe(200);
    const anew = (await ask(playlist)).text;
    expect(anew).not.toContain('#EXT-X-ENDLIST');
    expect(Number(/MEDIA-SEQUENCE:(\d+)/.exec(anew)?.[1])).toBeGreaterThanOrEqual(msn);
  });

  test('a publisher that comes back within half a minute goes on in the same playlist', async () => {
    const first = await onAir();
    await ask('source/fmp4.m3u8');
    first.release();
    await vi.advanceTimersByTimeAsync(25_000);
    await ask('source/fmp4.m3u8');
    play(publish(), 4);
    await vi.advanceTimersByTimeAsync(10_000);
    const { text } = await ask('source/fmp4.m3u8');
    expect(text).toContain('#EXT-X-DISCONTINUITY\n');
    expect(text).not.toContain('#EXT-X-ENDLIST');
  });
});
