import { describe, expect, test } from 'vitest';
import { toHex } from '../../../tests/support/hex.ts';
import { AmfArray, type AmfObject, encode } from '../amf0.ts';
import type { Command } from './command.ts';
import {
  agree,
  type CodecName,
  connectProperties,
  type Form,
  forwarderProperties,
  isEnhancedClient,
  needsEnhanced,
  type ServerSupport,
  SILENT_SERVER,
  serverSupport,
} from './enhanced.ts';

const reply = (object: AmfObject, info: AmfObject = {}): Command => ({ name: '_result', transactionId: 1, object, args: [info] });

describe('connect', () => {
  test('of a destination that is to get none of it has nothing but the reconnect flag', () => {
    expect(toHex(encode([connectProperties(null)]))).toBe('030006636170734578003ff0000000000000000009');
  });

  test('of an ordinary show names codecs as v1 has it, since its codec may change', () => {
    const needs = { video: 'h264', audio: 'aac', multitrack: false } as const;
    expect(needsEnhanced(needs)).toBe(false);
    expect(connectProperties(needs)).toEqual({ capsEx: 1, fourCcList: ['avc1', 'hvc1', 'av01', 'mp4a', 'Opus'] });
  });

  test.each([
    { video: 'hevc', audio: 'aac', multitrack: false },
    { video: 'h264', audio: 'opus', multitrack: false },
    { video: 'h264', audio: 'aac', multitrack: true },
  ] as const)('of %j names codecs in both forms', (needs) => {
    expect(connectProperties(needs)).toEqual({
      capsEx: 15,
      fourCcList: ['avc1', 'hvc1', 'av01', 'mp4a', 'Opus'],
      videoFourCcInfoMap: { avc1: 2, hvc1: 2, av01: 2 },
      audioFourCcInfoMap: { mp4a: 2, Opus: 2 },
    });
  });
});

describe('our own server', () => {
  test('what it says is understood by our own client', () => {
    const { form, nanoOffset } = agree(serverSupport(reply(forwarderProperties())), { trusted: false });
    expect((['h264', 'hevc', 'av1', 'aac', 'opus'] as const).map((codec) => form(codec))).toEqual([
      'legacy',
      'extended',
      'extended',
      'legacy',
      'extended',
    ]);
    expect([form('h264', 1), form('opus', 1), nanoOffset]).toEqual(['extended', 'extended', false]);
    expect(forwarderProperties()).toEqual({
      capsEx: 6,
      fourCcList: ['avc1', 'hvc1', 'av01', 'vp09', 'mp4a', 'Opus'],
      videoFourCcInfoMap: { avc1: 4, hvc1: 4, av01: 4, vp09: 4 },
      audioFourCcInfoMap: { mp4a: 4, Opus: 4 },
    });
  });

  test.each<[AmfObject, boolean]>([
    [{ app: 'live', capsEx: 1 }, false],
    [{ fourCcList: ['hvc1'] }, true],
    [{ videoFourCcInfoMap: { '*': 2 } }, true],
    [{ audioFourCcInfoMap: { Opus: 2 } }, true],
  ])('%j knows of Enhanced RTMP: %s', (object, expected) => {
    expect(isEnhancedClient({ name: 'connect', transactionId: 1, object, args: [] })).toBe(expected);
  });
});

describe('what a server takes', () => {
  const forms = (support: ServerSupport, trusted = false, track = 0): Record<CodecName, Form> => {
    const { form } = agree(support, { trusted });
    const of = (codec: CodecName) => form(codec, track);
    return { h264: of('h264'), aac: of('aac'), hevc: of('hevc'), av1: of('av1'), opus: of('opus') };
  };
  const OLD = { h264: 'legacy', aac: 'legacy' };

  test.each<[string, Command, Partial<Record<CodecName, Form>>]>([
    [
      'silence',
      reply({ fmsVer: 'FMS/3,0,1,123', capabilities: 31 }),
      { hevc: 'server-silent', av1: 'server-silent', opus: 'server-silent' },
    ],
    ['a v1 list', reply({ fourCcList: ['hvc1', 'vp09'] }), { hevc: 'extended', av1: 'server-lacks-it', opus: 'server-lacks-it' }],
    ['a v1 list of everything', reply({ fourCcList: ['*'] }), { hevc: 'extended', av1: 'extended', opus: 'extended' }],
    [
      'a list as an ECMA array, beside the status',
      reply({}, { fourCcList: new AmfArray({ 0: 'av01' }) }),
      { av1: 'extended', hevc: 'server-lacks-it' },
    ],
    [
      'v2 maps',
      reply({ videoFourCcInfoMap: { hvc1: 4, av01: 2 }, audioFourCcInfoMap: { Opus: 1 } }),
      { hevc: 'extended', av1: 'server-lacks-it', opus: 'extended' },
    ],
    [
      'a wildcard that forwards',
      reply({ videoFourCcInfoMap: { '*': 4, hvc1: 0 } }),
      { hevc: 'extended', av1: 'extended', opus: 'server-silent' },
    ],
    [
      'a map beside a list',
      reply({ fourCcList: ['Opus'], videoFourCcInfoMap: { av01: 1 } }),
      { hevc: 'server-lacks-it', av1: 'extended', opus: 'extended' },
    ],
    ['nonsense', reply({ fourCcList: 7, videoFourCcInfoMap: 'x', capsEx: 'all' }), { hevc: 'server-silent' }],
  ])('%s', (_, said, expected) => expect(forms(serverSupport(said))).toMatchObject({ ...OLD, ...expected }));

  test('a trusted server is believed to take what it is silent about, not what it denies', () => {
    expect(forms(SILENT_SERVER, true)).toEqual({ ...OLD, hevc: 'extended', av1: 'extended', opus: 'extended' });
    expect(forms(serverSupport(reply({ fourCcList: ['hvc1'] })), true)).toMatchObject({ hevc: 'extended', av1: 'server-lacks-it' });
  });

  test('a server whose user declines all of it gets what was there before', () => {
    const { form } = agree(serverSupport(reply({ capsEx: 15, fourCcList: ['*'] })), { trusted: false, declined: true });
    expect([form('h264'), form('aac'), form('hevc'), form('opus'), form('h264', 1)]).toEqual([
      'legacy',
      'legacy',
      'declined',
      'declined',
      'declined',
    ]);
  });

  test('a further track needs the flag or trust, and is extended whatever its codec', () => {
    const flagged = serverSupport(reply({ capsEx: 2, fourCcList: ['avc1', 'av01', 'mp4a'] }));
    expect(forms(flagged, false, 1)).toEqual({
      h264: 'extended',
      aac: 'extended',
      hevc: 'server-lacks-it',
      av1: 'extended',
      opus: 'server-lacks-it',
    });
    expect(forms(flagged)).toMatchObject(OLD);
    expect(forms(serverSupport(reply({ capsEx: 1, fourCcList: ['*'] })), true, 1)).toMatchObject({ h264: 'server-lacks-it' });
    expect(forms(SILENT_SERVER, false, 1)).toMatchObject({ h264: 'server-silent' });
    expect(forms(SILENT_SERVER, true, 1)).toMatchObject({ h264: 'extended', aac: 'extended' });
  });

  test('of a platform that is known for its codecs nothing is known of several tracks', () => {
    const { form } = agree(SILENT_SERVER, { trusted: false, trustedCodecs: true });
    expect([form('hevc'), form('h264', 1)]).toEqual(['extended', 'server-silent']);
  });

  test.each([
    [12, true],
    [15, true],
    [4, false],
    [8, false],
    [null, false],
  ])('capsEx %s: times finer than a millisecond %s', (capsEx, expected) => {
    const said = serverSupport(reply(capsEx === null ? {} : { capsEx }));
    expect(agree(said, { trusted: true }).nanoOffset).toBe(expected);
  });
});
