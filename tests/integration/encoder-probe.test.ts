/** The probe of the encoders in real processes. This machine need not have a graphics card. */
import { AV_LOG_ERROR } from 'node-av/constants';
import { Log } from 'node-av/lib';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { loadProbeMeans } from '../../src-main/encoder/probe/load-means.ts';
import { probeEncoder } from '../../src-main/encoder/probe/probe-encoder.ts';
import { EncoderCatalogue, type EncoderCatalogueOptions } from '../../src-main/engine/encoder/encoder-catalogue.ts';
import type { JsonValue } from '../../src-main/engine/store/protocol.ts';
import { runProbe } from '../../src-main/process/probe-run.ts';
import { NodeServiceHost, type ServiceHost } from '../../src-main/process/service.ts';
import type { EncoderReport } from '../../src-shared/domain/encoder-capabilities.ts';
import { describeEncoder, familiesOf, type VideoEncoderName } from '../../src-shared/domain/video-encoder.ts';
import { startHost } from '../support/engine-harness.ts';
import { recordFigure } from '../support/figures.ts';
import { withoutNodeAv } from '../support/no-node-av.ts';
import { OtherLoad } from '../support/other-load.ts';

beforeAll(() => Log.setLevel(AV_LOG_ERROR));

/** Of all cores, by others: more than the file that runs beside this one. */
const BUSY_FROM = 0.6;

const NVENC: VideoEncoderName[] = ['h264_nvenc', 'hevc_nvenc', 'av1_nvenc'];
const silent = { error() {}, warn() {}, info() {}, debug() {} };

/** Real processes, counted, with an environment of their own. */
function services(env: Record<string, string> = {}) {
  const started: number[] = [];
  const ended: number[] = [];
  const host = new NodeServiceHost();
  const counting: ServiceHost = {
    start(name, options) {
      const service = host.start<never, never>(name, { ...options, env: { ...options?.env, ...env } });
      started.push(service.pid ?? 0);
      service.onExit(() => ended.push(service.pid ?? 0));
      return service as never;
    },
  };
  return { services: counting, started, ended };
}

const probe = (encoders: VideoEncoderName[], host: ServiceHost, more: { hardwareTimeoutMs?: number } = {}) =>
  runProbe({ services: host, encoders, signal: new AbortController().signal, ...more });

const summary = (found: Awaited<ReturnType<typeof runProbe>>) =>
  Object.fromEntries(found.map((one) => [one.encoder, one.available ? 'available' : one.reason.code]));

describe('in processes of their own', () => {
  test('software is found to work, and an answer comes for every encoder', async () => {
    const host = services();
    const found = await probe(['h264_amf', 'libx264', 'libx265', 'libsvtav1'], host.services);
    expect(summary(found)).toMatchObject({ libx264: 'available', libx265: 'available', libsvtav1: 'available' });
    expect(found.map(({ encoder }) => encoder)).toEqual(['h264_amf', 'libx264', 'libx265', 'libsvtav1']);
    await expect.poll(() => host.ended).toHaveLength(host.started.length);
  });

  test('where node-av does not load, the ffmpeg program is tried', async () => {
    const found = await probe(['h264_nvenc', 'libx264', 'libx265'], services(withoutNodeAv()).services);
    expect(summary(found)).toEqual({ h264_nvenc: expect.stringMatching(/^(no-|failed)/), libx264: 'available', libx265: 'available' });
    expect(found[1]).toMatchObject({ skills: { inPlaceBitrate: false, onDemandIdr: false } });
  });

  test('a crash costs the one encoder it happened with', async () => {
    const host = services({ TIDECAST_PROBE_FAULT: 'crash:libx265' });
    const found = await probe(['h264_nvenc', 'libx264', 'libx265', 'libsvtav1'], host.services);
    expect(summary(found)).toMatchObject({ libx264: 'available', libx265: 'crashed', libsvtav1: 'available' });
    expect(summary(found)['h264_nvenc']).not.toBe('crashed');
    expect(found[2]).toMatchObject({ reason: { code: 'crashed', detail: 'SIGSEGV' } });
  });

  test('a hang costs what its driver would do next, and ends', async () => {
    const host = services({ TIDECAST_PROBE_FAULT: 'hang:hevc_nvenc' });
    const found = await probe([...NVENC, 'libx264'], host.services, { hardwareTimeoutMs: 500 });
    expect(summary(found)).toMatchObject({ hevc_nvenc: 'hung', av1_nvenc: 'hung', libx264: 'available' });
    expect(summary(found)['h264_nvenc']).not.toBe('hung');
    expect(found[1]).toMatchObject({ reason: { detail: '0.5' } });
    await expect.poll(() => host.ended).toHaveLength(host.started.length);
  });

  test('a process that cannot be started at all is a reason, too', async () => {
    const found = await probe(['libx264', 'libx265'], new NodeServiceHost('/nonexistent/node'));
    expect(summary(found)).toEqual({ libx264: 'crashed', libx265: 'crashed' });
  });
});

/** The way that is meant for hardware finds with software what is known of it. */
test.each(['libx264', 'libx265', 'libsvtav1'] as const)('what a probe measures of %s is what the table says', async (encoder) => {
  const means = await loadProbeMeans();
  const [known, measured] = [
    await probeEncoder(means, encoder, async () => [], false),
    await probeEncoder(means, encoder, async () => [], true),
  ];
  if (!known.available || !measured.available) throw new Error(JSON.stringify([known, measured]));
  const { maxFps1080p, ...skills } = measured.skills;
  expect({ ...skills, maxFps1080p: null }).toEqual(known.skills);
  expect(maxFps1080p).toBeGreaterThan(0);
});

describe('the catalogue', () => {
  const catalogues: EncoderCatalogue[] = [];
  afterEach(async () => {
    for (const catalogue of catalogues.splice(0)) await catalogue.dispose();
  });

  const kept = new Map<string, JsonValue>();
  const settings = {
    get: async (key: string) => kept.get(key) ?? null,
    set: async (key: string, value: JsonValue) => void kept.set(key, value),
    remove: async (key: string) => void kept.delete(key),
  };
  function open(host: ServiceHost, more: Partial<EncoderCatalogueOptions> = {}) {
    const options = { services: host, store: { settings }, version: '1.0.0', log: silent, fingerprint: () => 'driver 1', ...more };
    const catalogue = new EncoderCatalogue({ ...options, platform: 'darwin' }); // few families, and none that this machine has
    catalogues.push(catalogue);
    const reports: EncoderReport[] = [];
    catalogue.changed.on((report) => reports.push(report));
    return { catalogue, reports };
  }

  test('the first list begins a probe and does not wait for it; the next start needs none', async () => {
    kept.clear();
    const host = services();
    const { catalogue, reports } = open(host.services);
    expect(await catalogue.list()).toEqual({ probing: true, probedAtMs: null, tookMs: null, encoders: [] });
    await expect.poll(() => reports.length, { timeout: 30_000 }).toBe(2);
    expect(reports[1]).toMatchObject({ probing: false, encoders: expect.any(Array) });
    expect(summary(reports[1]?.encoders ?? [])).toEqual({
      h264_videotoolbox: expect.stringMatching(/^(not-built-in|failed|available)$/),
      hevc_videotoolbox: expect.stringMatching(/^(not-built-in|failed|available)$/),
      libx264: 'available',
      libx265: 'available',
      libsvtav1: 'available',
    });

    const next = services();
    const { catalogue: again } = open(next.services);
    expect(await again.list()).toEqual(reports[1]);
    expect(next.started).toEqual([]);
  });

  test.each([
    ['another driver', { fingerprint: () => 'driver 2' }],
    ['what is kept cannot be read', { fingerprint: () => 'driver 1' }],
  ])('%s: they are tried anew, and meanwhile the old answers stand', async (what, more) => {
    if (what !== 'another driver') kept.set('encoders', { nonsense: true });
    const host = services();
    const { catalogue, reports } = open(host.services, more);
    expect((await catalogue.list()).probing).toBe(true);
    expect(host.started.length).toBeGreaterThan(0);
    await expect.poll(() => reports.at(-1)?.probing, { timeout: 30_000 }).toBe(false);
  });

  test('the button tries anew, once for all who press it', async () => {
    const host = services();
    const { catalogue } = open(host.services);
    await catalogue.list();
    const [first, second] = await Promise.all([catalogue.probe(), catalogue.probe()]);
    expect(first).toEqual(second);
    expect(host.started).toHaveLength(2); // VideoToolbox and the software
  });

  test('a crash is told and not kept: the next start tries again', async () => {
    kept.clear();
    const { catalogue } = open(services({ TIDECAST_PROBE_FAULT: 'crash:libsvtav1' }).services);
    expect(summary((await catalogue.probe()).encoders)).toMatchObject({ libsvtav1: 'crashed', libx265: 'available' });
    expect(kept.size).toBe(0);
  });

  test('closing the studio ends a probe', async () => {
    const host = services({ TIDECAST_PROBE_FAULT: 'hang:libx264' });
    const { catalogue } = open(host.services);
    void catalogue.probe();
    await expect.poll(() => host.started.length).toBeGreaterThan(0);
    await catalogue.dispose();
    await expect.poll(() => host.ended).toHaveLength(host.started.length);
  });
});

test('a studio that starts tries its encoders by itself, and answers calls meanwhile', async () => {
  const host = await startHost({ env: { TIDECAST_ENCODER_PROBE: 'at-start' } });
  try {
    const reports: EncoderReport[] = [];
    host.client.on('encoders.changed', (report) => reports.push(report));
    await expect.poll(() => reports[0]?.probing, { timeout: 30_000, interval: 5 }).toBe(true);
    const load = new OtherLoad();
    const answersMs: number[] = [];
    while (reports.length < 2) {
      const askedMs = performance.now();
      await host.client.invoke('studio.info');
      answersMs.push(performance.now() - askedMs);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const others = load.stop();
    expect(await host.client.invoke('encoders.list')).toEqual(reports[1]);
    const [, found] = reports;
    expect(found).toMatchObject({ probing: false, tookMs: expect.any(Number) });
    expect(summary(found!.encoders)).toMatchObject({ libx264: 'available' });
    // all families of this system, each with an answer
    expect(new Set(found!.encoders.map(({ encoder }) => describeEncoder(encoder).family))).toEqual(new Set(familiesOf(process.platform)));
    recordFigure('all families in', found!.tookMs!, 'ms');
    recordFigure('longest answer meanwhile', Math.max(...answersMs), 'ms');
    expect(answersMs.length).toBeGreaterThan(5);
    expect(answersMs.toSorted((a, b) => a - b)[Math.floor(answersMs.length / 2)]).toBeLessThan(100);
    // half a second alone; how long it waits for a core beside much other work is not its doing
    if (others === null || others > BUSY_FROM) return;
    expect(found!.tookMs!).toBeLessThanOrEqual(3_000);
    expect(Math.max(...answersMs)).toBeLessThan(250);
  } finally {
    await host.stop();
  }
});
