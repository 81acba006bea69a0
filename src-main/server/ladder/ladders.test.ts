import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LadderSettings } from '../../process/server-contract.ts';
import type { ServiceHost } from '../../process/service.ts';
import { buildAvcConfig } from '../../wire/codec-config.ts';
import { buildAvcBody } from '../../wire/flv.ts';
import { LiveStream } from '../hub/live-stream.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { Ladder } from './ladder.ts';
import { Ladders } from './ladders.ts';

/** 1280x720 */
const SPS = Uint8Array.from(Buffer.from('6742c01fda014016ec0440000003004000000f03c60ca8', 'hex'));
const CONFIG = buildAvcConfig([SPS], [Uint8Array.of(0x68, 0xcb, 0x83, 0xcb, 0x20)]);
/** of processes that say nothing */
const services = {
  start: () => ({ send() {}, kill() {}, onMessage: () => ({ dispose() {} }), onExit: () => ({ dispose() {} }) }),
} as unknown as ServiceHost;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function show(): LiveStream {
  const source = new LiveStream('live', SERVER_LIMITS, null);
  const lease = source.publish({ dismiss() {} });
  lease?.metadata({ framerate: 30, videocodecid: 7 });
  lease?.media('video', 0, buildAvcBody({ key: true, packet: 'header', compositionMs: 0, data: CONFIG }));
  lease?.media('video', 0, buildAvcBody({ key: true, packet: 'nalu', compositionMs: 0, data: Uint8Array.of(0, 0, 0, 1, 0x65) }));
  return source;
}

test('the same settings in another message change nothing, though another show has taken what was free since', () => {
  const settings = (): LadderSettings => ({ rungs: ['480p', '360p'], encoders: ['libx264'] });
  const ladders = new Ladders(SERVER_LIMITS, settings(), { services, cores: 2 });
  const [one, other] = [ladders.of(show()), ladders.of(show())] as [Ladder, Ladder];
  const names = (ladder: Ladder) => ladder.offers.map(({ name }) => name);
  const before = names(one);
  one.want('360p');
  for (const name of names(other)) other.want(name);
  ladders.set(settings());
  expect([names(one), [...one.rungs.keys()]]).toEqual([before, ['360p']]);
  ladders.set({ ...settings(), rungs: ['360p'] });
  expect(names(one)).toEqual(['360p']);
});
