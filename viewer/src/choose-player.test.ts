import { expect, test } from 'vitest';
import { choosePlayer, parseWish } from './choose-player.ts';
import { playableRungs, type Rung, rungLabel } from './rungs.ts';

const desktop = { mse: true, managedMse: false, nativeHls: false };
const mac = { mse: true, managedMse: true, nativeHls: true };
const iPhone = { mse: false, managedMse: true, nativeHls: true };
const old = { mse: false, managedMse: false, nativeHls: true };

test.each([
  ['flv', desktop, 'lowest'],
  ['ll-hls', desktop, 'stable'],
  ['hls', desktop, 'compatible'],
  ['flv', mac, 'lowest'],
  ['ll-hls', iPhone, 'lowest'],
  ['hls', iPhone, 'compatible'],
  ['native-hls', old, 'lowest'],
  [null, { mse: false, managedMse: false, nativeHls: false }, 'lowest'],
] as const)('%s for %j, wishing %s', (protocol, capabilities, wish) => {
  expect(choosePlayer(capabilities, wish, 0)).toBe(protocol);
});

test('a network that brings nothing over one way is tried over the others, in turn', () => {
  expect([0, 1, 2, 3, 4].map((failures) => choosePlayer(desktop, 'lowest', failures))).toEqual(['flv', 'flv', 'ws-flv', 'll-hls', 'flv']);
});

test('a wish that nobody knows is none', () => {
  expect(['stable', 'quick', '', null].map(parseWish)).toEqual(['stable', null, null, null]);
});

const rung = (heightPx: number, bitrateKbps: number, codecs = 'avc1.64001f,mp4a.40.2'): Rung => ({
  name: `${heightPx}p`,
  widthPx: Math.round((heightPx * 16) / 9),
  heightPx,
  bitrateKbps,
  codecs,
});

test('what the browser cannot decode is left out, and what is not known yet is tried', () => {
  const rungs = [rung(1080, 4_500, 'hvc1.1.6.L120.90'), rung(360, 800), rung(720, 2_500, '')];
  expect(playableRungs(rungs, (codecs) => codecs.startsWith('avc1')).map(({ name }) => name)).toEqual(['360p', '720p']);
});

test('rungs are called by their smaller side, and told apart by their bitrate', () => {
  const rungs = [rung(720, 2_500), rung(720, 1_200), { ...rung(480, 900), widthPx: 480, heightPx: 854 }];
  expect(rungs.map((each) => rungLabel(each, rungs))).toEqual(['720p · 2.5 Mbps', '720p · 1.2 Mbps', '480p']);
});
