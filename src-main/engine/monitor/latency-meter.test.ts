import { expect, test } from 'vitest';
import { RenditionId } from '../../../src-shared/domain/index.ts';
import type { VideoPacket } from '../../process/packet.ts';
import { LatencyMeter } from './latency-meter.ts';

const packet = (captureTimeUs: number, repeated = false): VideoPacket => ({
  kind: 'video',
  renditionId: RenditionId.parse('stream'),
  ptsUs: 0,
  dtsUs: 0,
  durationUs: 33_333,
  key: false,
  data: new Uint8Array(),
  tick: 0,
  captureTimeUs,
  repeated,
});

function meterAt() {
  let nowUs = 0;
  const meter = new LatencyMeter({ nowUs: () => nowUs, epochNs: 0n });
  const at = (us: number, act: () => void) => {
    nowUs = us;
    act();
  };
  return { meter, at };
}

test('capture to packet, packet to socket, and both', () => {
  const { meter, at } = meterAt();
  const picture = packet(1_000_000);
  at(1_040_000, () => meter.arrived(picture));
  at(1_042_500, () => meter.published(picture));
  expect(meter.latency).toEqual({ packetP50Ms: 40, packetP95Ms: 40, publishP50Ms: 2.5, publishP95Ms: 2.5, totalP95Ms: 42.5 });
});

test('every destination counts, each with its own time', () => {
  const { meter, at } = meterAt();
  const picture = packet(0);
  at(10_000, () => meter.arrived(picture));
  at(11_000, () => meter.published(picture));
  at(510_000, () => meter.published(picture));
  expect(meter.latency).toMatchObject({ packetP95Ms: 10, publishP50Ms: 1, publishP95Ms: 500, totalP95Ms: 510 });
});

test('repeats and sound are left out', () => {
  const { meter, at } = meterAt();
  const repeat = packet(0, true);
  at(9_000_000, () => {
    meter.arrived(repeat);
    meter.published(repeat);
    meter.arrived({ kind: 'audio', ptsUs: 0, durationUs: 21_333, data: new Uint8Array() });
  });
  expect(meter.latency).toEqual({ packetP50Ms: 0, packetP95Ms: 0, publishP50Ms: 0, publishP95Ms: 0, totalP95Ms: 0 });
});
