import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_PROFILE, type Rendition } from '../../../src-shared/domain/index.ts';
import { planRenditions, RECORDING_RENDITION, renditionChanges, type ShowWants, STREAM_RENDITION } from './plan.ts';

const wants = fc.record<ShowWants>({ streaming: fc.boolean(), recording: fc.constantFrom('none', 'own', 'shared') });
const profile = fc
  .record({ bitrateKbps: fc.integer({ min: 50, max: 100_000 }), frameRate: fc.constantFrom(25, 30, 60) })
  .map((video) => ({ ...DEFAULT_PROFILE, video: { ...DEFAULT_PROFILE.video, ...video } }));

test.each<[ShowWants, string[]]>([
  [{ streaming: false, recording: 'none' }, []],
  [{ streaming: true, recording: 'none' }, [STREAM_RENDITION]],
  [{ streaming: true, recording: 'own' }, [STREAM_RENDITION, RECORDING_RENDITION]],
  [{ streaming: true, recording: 'shared' }, [STREAM_RENDITION]],
  [{ streaming: false, recording: 'own' }, [RECORDING_RENDITION]],
  [{ streaming: false, recording: 'shared' }, [STREAM_RENDITION]],
])('%j needs the encodes %j', (wanted, ids) => {
  const plan = planRenditions(DEFAULT_PROFILE, wanted);
  expect(plan.renditions.map(({ id }) => id)).toEqual(ids);
  expect(plan.demand).toEqual(ids.length > 0 ? { widthPx: 1280, heightPx: 720, frameRate: 30 } : null);
});

test('the recording has the size and rate of the picture and its own bitrate', () => {
  const [, recording] = planRenditions(DEFAULT_PROFILE, { streaming: true, recording: 'own' }).renditions;
  expect(recording?.video).toEqual({ ...DEFAULT_PROFILE.video, bitrateKbps: DEFAULT_PROFILE.recording.bitrateKbps });
});

test('property: stopping the stream or the recording never closes an encode the other still needs', () => {
  fc.assert(
    fc.property(profile, wants, fc.boolean(), (someProfile, before, stopStream) => {
      const after: ShowWants = stopStream ? { ...before, streaming: false } : { ...before, recording: 'none' };
      const { close, open } = renditionChanges(
        planRenditions(someProfile, before).renditions,
        planRenditions(someProfile, after).renditions,
      );
      expect(open).toEqual([]);
      if (after.streaming || after.recording === 'shared') expect(close).not.toContain(STREAM_RENDITION);
      if (after.recording === 'own') expect(close).not.toContain(RECORDING_RENDITION);
    }),
  );
});

test('property: applying the changes to one plan gives the other', () => {
  fc.assert(
    fc.property(profile, profile, wants, wants, (oneProfile, otherProfile, oneWants, otherWants) => {
      const from = planRenditions(oneProfile, oneWants).renditions;
      const to = planRenditions(otherProfile, otherWants).renditions;
      const { close, open } = renditionChanges(from, to);
      const byId = (a: Rendition, b: Rendition) => a.id.localeCompare(b.id);
      expect([...from.filter(({ id }) => !close.includes(id)), ...open].toSorted(byId)).toEqual(to.toSorted(byId));
    }),
  );
});
