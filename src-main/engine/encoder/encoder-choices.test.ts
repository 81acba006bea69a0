import { describe, expect, test } from 'vitest';
import { DEFAULT_PROFILE, type Profile, type Rendition, type VideoEncoderName } from '../../../src-shared/domain/index.ts';
import { ordinaryOf, planRenditions, RECORDING_RENDITION, type ShowWants, STREAM_RENDITION } from '../rendition/plan.ts';
import { EncoderChoices } from './encoder-choices.ts';
import { FIRST_BAR_US } from './fallback.ts';

const hevc: Profile = { ...DEFAULT_PROFILE, video: { ...DEFAULT_PROFILE.video, encoder: 'hevc_nvenc', codec: 'hevc', preset: 'medium' } };
const GOP_US = hevc.video.keyframeIntervalS * 1e6;

/** A show and what its encodes are opened with; those that are `broken` do not open. */
function setUp(profile: Profile, works: VideoEncoderName[] = []) {
  const choices = new EncoderChoices(() => works);
  const broken = new Set<VideoEncoderName>();
  const open = (rendition: Rendition, atUs: number): VideoEncoderName => {
    const { encoder } = choices.apply(rendition, atUs).video;
    return broken.has(encoder) && choices.openFailed(rendition.id, atUs) ? open(rendition, atUs) : encoder;
  };
  const want = (recording: ShowWants['recording'], changed = profile) => {
    const plan = planRenditions(changed, { streaming: true, recording });
    choices.plan(plan);
    return plan.renditions;
  };
  const stream = () => choices.states().find(({ used }) => used.id === STREAM_RENDITION);
  /** a GOP of pictures that ends at that time: what is opened then, if anything is */
  const goOn = (atUs: number) => {
    choices.isDue(STREAM_RENDITION, true, atUs - GOP_US);
    const wanted = choices.wanted(STREAM_RENDITION);
    return wanted && choices.isDue(STREAM_RENDITION, false, atUs) ? open(wanted, atUs) : null;
  };
  return { broken, open, want, stream, goOn };
}

/** Nothing of HEVC opens, so the show goes out as H.264, until HEVC works again. */
function fallen(profile = hevc, works: VideoEncoderName[] = []) {
  const all = setUp(profile, works);
  for (const name of ['hevc_nvenc', 'libx265'] as const) all.broken.add(name);
  for (const rendition of all.want('none')) all.open(rendition, 0);
  expect(all.stream()).toMatchObject({ used: { video: { codec: 'h264' } }, retryAtUs: FIRST_BAR_US });
  all.broken.clear();
  return all;
}

describe('a file that begins while another codec than the one asked for is in use', () => {
  test('keeps it to its end, after which the better encoder is tried again', () => {
    const { want, stream, goOn } = fallen();
    expect(goOn(FIRST_BAR_US - 1)).toBeNull();
    want('shared');
    expect(stream()?.retryAtUs).toBeNull();
    expect(goOn(2 * FIRST_BAR_US)).toBeNull();
    expect(stream()?.used.video).toMatchObject({ encoder: 'libx264', codec: 'h264' });
    want('none');
    expect(goOn(2 * FIRST_BAR_US + GOP_US)).toBe('hevc_nvenc');
    expect(stream()?.retryAtUs).toBeNull();
  });

  test('keeps it over a crash and over another preset', () => {
    const { want, open } = fallen();
    const [rendition] = want('shared') as [Rendition];
    expect(open(rendition, 2 * FIRST_BAR_US)).toBe('libx264');
    const [faster] = want('shared', { ...hevc, video: { ...hevc.video, preset: 'veryfast' } }) as [Rendition];
    expect(open(faster, 2 * FIRST_BAR_US)).toBe('libx264');
  });

  test('gets the better encoders of its own codec', () => {
    const list: VideoEncoderName[] = ['hevc_qsv', 'h264_qsv'];
    const all = setUp({ ...hevc, encoderFallback: list });
    for (const name of ['hevc_nvenc', ...list] as const) all.broken.add(name);
    for (const rendition of all.want('none')) all.open(rendition, 0);
    expect(all.stream()?.used.video.encoder).toBe('libx264');
    all.broken.clear();
    all.want('shared', { ...hevc, encoderFallback: list });
    expect(all.stream()?.retryAtUs).toBe(FIRST_BAR_US);
    expect(all.goOn(FIRST_BAR_US)).toBe('h264_qsv');
    expect(all.goOn(2 * FIRST_BAR_US)).toBeNull();
  });

  test('gets the codec that the user asks for in its midst', () => {
    const { want, open } = fallen();
    want('shared');
    const av1: Profile = { ...hevc, video: { ...hevc.video, encoder: 'libsvtav1', codec: 'av1' } };
    expect(open((want('shared', av1) as [Rendition])[0], 1)).toBe('libsvtav1');
  });
});

test('an encode for servers that take H.264 only stays H.264, whatever the list of the user has', () => {
  const choices = new EncoderChoices(() => []);
  const id = ordinaryOf(STREAM_RENDITION);
  const profile: Profile = { ...hevc, encoderFallback: ['libsvtav1', 'hevc_qsv', 'h264_qsv'] };
  const plan = planRenditions(profile, { streaming: true, recording: 'none', streams: new Map([[id, null]]), ordinary: new Set([id]) });
  choices.plan(plan);
  const wanted = plan.renditions.find((one) => one.id === id) as Rendition;
  const tried = [choices.apply(wanted, 0).video.encoder];
  while (choices.openFailed(id, 0)) tried.push(choices.apply(wanted, 0).video.encoder);
  expect(tried).toEqual(['h264_nvenc', 'h264_qsv', 'libx264']);
});

test('a file that begins with its encode has the codec that was asked for, and its encode no other', () => {
  const { want, open, broken } = setUp(hevc, ['h264_qsv']);
  broken.add('hevc_nvenc');
  const own = want('own').find(({ id }) => id === RECORDING_RENDITION) as Rendition;
  expect(open(own, 0)).toBe('libx265');
});

test('a file that moves over to the stream has the codec that it began with, whichever encode it is at', () => {
  const list: VideoEncoderName[] = ['h264_qsv'];
  const { want, open, broken } = setUp({ ...hevc, encoderFallback: list });
  const renditions = new Map(want('own').map((rendition) => [rendition.id, rendition]));
  for (const rendition of renditions.values()) expect(open(rendition, 0)).toBe('hevc_nvenc');
  broken.add('hevc_nvenc');
  want('moving');
  for (const rendition of renditions.values()) expect(open(rendition, 1)).toBe('libx265');
  want('shared');
  expect(open(renditions.get(STREAM_RENDITION) as Rendition, 2)).toBe('libx265');
});

test('a file of the codec that was asked for gets its better encoder back', () => {
  const nvenc: Profile = { ...DEFAULT_PROFILE, video: { ...DEFAULT_PROFILE.video, encoder: 'h264_nvenc', preset: 'medium' } };
  const { want, open, broken, goOn } = setUp(nvenc);
  broken.add('h264_nvenc');
  for (const rendition of want('none')) expect(open(rendition, 0)).toBe('libx264');
  broken.clear();
  want('shared');
  expect(goOn(FIRST_BAR_US)).toBe('h264_nvenc');
});
