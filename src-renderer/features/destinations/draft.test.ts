import { expect, test } from 'vitest';
import { Destination, type DestinationView } from '../../../src-shared/domain/index.ts';
import { type Draft, destinationOf, draftOf, problemsOf, storedOf, withPlatform } from './draft.ts';

const PROFILE_KBPS = 2_500;
const stored: DestinationView = {
  ...Destination.parse({
    id: 'd1',
    name: 'Mine',
    kind: 'rtmp',
    url: 'rtmp://host/live',
    enabled: true,
    rate: { mode: 'follow', floorKbps: 400, ceilingKbps: 4_000, allowSizeChange: true },
    backup: { url: 'rtmp://other/live', mode: 'both' },
    graceS: 30,
    tracks: { video: [{ widthPx: 640, heightPx: 360, frameRate: 30, bitrateKbps: 800 }], audio: [] },
  }),
  hasKey: true,
};
const draft = (part: Partial<Draft> = {}): Draft => ({ ...draftOf(stored, PROFILE_KBPS), ...part });

test('what is stored comes back unchanged', () => {
  expect(destinationOf(draft(), stored)).toEqual(storedOf(stored));
});

test('a new one starts with what is known of the platform, and the defaults', () => {
  const fresh = draftOf(undefined, 8_000);
  expect(fresh).toMatchObject({ platform: 'twitch', ceilingKbps: '6000', graceS: '90', backupUrl: '', mode: 'follow' });
  expect(draftOf(undefined, PROFILE_KBPS).ceilingKbps).toBe(''); // the profile asks for less than the platform takes
  expect(withPlatform(fresh, 'youtube', 8_000)).toMatchObject({ ceilingKbps: '', backupUrl: expect.stringContaining('backup=1') });
  expect(destinationOf(draftOf(undefined, PROFILE_KBPS), undefined)).toMatchObject({
    name: 'Twitch',
    rate: { mode: 'follow', floorKbps: 300, ceilingKbps: null, allowSizeChange: false },
    backup: null,
  });
});

test.each<[string, Partial<Draft>, object]>([
  ['nothing', {}, {}],
  ['no ceiling of its own', { ceilingKbps: ' ' }, {}],
  ['a ceiling that is no number', { ceilingKbps: 'much' }, { ceilingKbps: 'rate' }],
  ['a ceiling out of range', { ceilingKbps: '49' }, { ceilingKbps: 'rate' }],
  ['a floor above the ceiling', { floorKbps: '4001' }, { floorKbps: 'aboveCeiling' }],
  ['a floor above the profile', { floorKbps: '2501', ceilingKbps: '' }, { floorKbps: 'aboveCeiling' }],
  ['a floor that a fixed rate does not use', { floorKbps: '4001', mode: 'fixed' }, {}],
  ['half a kilobit', { floorKbps: '300.5' }, { floorKbps: 'rate' }],
  ['a backup that is the first server', { backupUrl: ' rtmp://host/live ' }, { backupUrl: 'same' }],
  ['a backup without an application', { backupUrl: 'rtmp://other' }, { backupUrl: 'app' }],
  ['no grace period', { graceS: '' }, { graceS: 'grace' }],
  ['a further sound without a rate', { tracks: { video: [], audio: [{ codec: 'aac', kbps: '' }] } }, { tracks: 'rate' }],
  ['a grace period of two hours', { graceS: '7200' }, { graceS: 'grace' }],
  ['the key of another server', { url: 'rtmp://elsewhere/live' }, { key: 'missing' }],
])('%s', (_name, part, problems) => {
  expect(problemsOf(draft(part), stored, PROFILE_KBPS)).toEqual(problems);
});
