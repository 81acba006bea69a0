/** A destination as it is being typed: text for what is typed, and what is wrong with it. Pure. */
import { type Destination, DestinationId, type DestinationView, type EnhancedUse } from '../../../src-shared/domain/index.ts';
import { isSameServer, type Platform, platform, platformOf, type UrlProblem, urlProblem } from './platforms.ts';
import { furtherTracksOf, storedTracks, type TrackDrafts, trackDraftsOf } from './track-drafts.ts';
import { ownVideoOf, type VideoDraft, videoDraftOf } from './video-draft.ts';

export interface Draft {
  platform: Platform['id'];
  name: string;
  url: string;
  key: string;
  /** null: the show's */
  video: VideoDraft | null;
  mode: Destination['rate']['mode'];
  /** empty: as the profile */
  ceilingKbps: string;
  floorKbps: string;
  allowSizeChange: boolean;
  /** empty: none */
  backupUrl: string;
  backupMode: 'failover' | 'both';
  graceS: string;
  enhanced: EnhancedUse;
  tracks: TrackDrafts;
  pictureTimes: boolean;
}

/** By field, as keys of the texts. */
export interface Problems {
  url?: UrlProblem;
  key?: 'missing';
  videoKbps?: 'rate';
  ceilingKbps?: 'rate';
  floorKbps?: 'rate' | 'aboveCeiling';
  backupUrl?: UrlProblem | 'same';
  graceS?: 'grace';
  tracks?: 'rate';
}

/** The fields that are folded away until they are asked for. */
export const ADVANCED = ['ceilingKbps', 'floorKbps', 'backupUrl', 'graceS', 'tracks'] as const;

const GRACE_DEFAULT_S = 90;
const RATE_MIN_KBPS = 50;
const RATE_MAX_KBPS = 100_000;
const GRACE_MAX_S = 3_600;

/** @param profileKbps the profile's bitrate: a platform that takes less gets a ceiling of its own */
export function draftOf(destination: DestinationView | undefined, profileKbps: number): Draft {
  if (!destination) {
    const rate = { mode: 'follow', floorKbps: '300', allowSizeChange: false } as const;
    const empty = {
      ...rate,
      name: '',
      key: '',
      video: null,
      backupMode: 'failover',
      enhanced: 'auto',
      tracks: trackDraftsOf(),
      pictureTimes: false,
    } as const;
    return withPlatform({ ...empty, platform: 'custom', url: '', ceilingKbps: '', backupUrl: '', graceS: '' }, 'twitch', profileKbps);
  }
  const { name, url, video, rate, backup, graceS, enhanced, tracks, pictureTimes = false } = destination;
  return {
    platform: platformOf(url),
    name,
    url,
    key: '',
    video: video && videoDraftOf(video),
    mode: rate.mode,
    ceilingKbps: rate.ceilingKbps === null ? '' : String(rate.ceilingKbps),
    floorKbps: String(rate.floorKbps),
    allowSizeChange: rate.allowSizeChange,
    backupUrl: backup?.url ?? '',
    backupMode: backup?.mode ?? 'failover',
    graceS: String(graceS),
    enhanced: enhanced ?? 'auto',
    tracks: trackDraftsOf(tracks),
    pictureTimes,
  };
}

/** Another platform brings its own address and limits. */
export function withPlatform(draft: Draft, id: Platform['id'], profileKbps: number): Draft {
  const { url, backupUrl, maxKbps, graceS } = platform(id);
  const ceilingKbps = maxKbps !== null && profileKbps > maxKbps ? String(maxKbps) : '';
  return { ...draft, platform: id, url, backupUrl, ceilingKbps, graceS: String(graceS ?? GRACE_DEFAULT_S) };
}

/** @param before the destination as it is stored, where it is not new */
export function problemsOf(draft: Draft, before: DestinationView | undefined, profileKbps: number): Problems {
  const problems: Problems = {};
  const url = urlProblem(draft.url);
  if (url) problems.url = url;
  if ((before?.enabled ?? true) && !draft.key && !isKeyStored(draft, before)) problems.key = 'missing'; // as the publisher would say: rtmp.no-key
  const own = draft.video && ownVideoOf(draft.video);
  if (draft.video && !own) problems.videoKbps = 'rate';
  const ceilingKbps =
    draft.ceilingKbps.trim() === '' ? (own?.bitrateKbps ?? profileKbps) : wholeNumber(draft.ceilingKbps, RATE_MIN_KBPS, RATE_MAX_KBPS);
  const floorKbps = wholeNumber(draft.floorKbps, RATE_MIN_KBPS, RATE_MAX_KBPS);
  if (ceilingKbps === null) problems.ceilingKbps = 'rate';
  if (floorKbps === null) problems.floorKbps = 'rate';
  else if (draft.mode === 'follow' && ceilingKbps !== null && floorKbps > ceilingKbps) problems.floorKbps = 'aboveCeiling';
  if (draft.backupUrl.trim()) {
    const backup = draft.backupUrl.trim() === draft.url.trim() ? 'same' : urlProblem(draft.backupUrl);
    if (backup) problems.backupUrl = backup;
  }
  if (wholeNumber(draft.graceS, 0, GRACE_MAX_S) === null) problems.graceS = 'grace';
  if (!furtherTracksOf(draft.tracks)) problems.tracks = 'rate';
  return problems;
}

/** A stored key is for its server alone: another address needs it typed again. */
export function isKeyStored(draft: Draft, before: DestinationView | undefined): boolean {
  return before?.hasKey === true && isSameServer(draft.url, before.url);
}

/** @param draft one without problems */
export function destinationOf(draft: Draft, before: DestinationView | undefined): Destination {
  return {
    id: before?.id ?? DestinationId.parse(crypto.randomUUID()),
    name: (draft.name.trim() || platform(draft.platform).name).slice(0, 100),
    kind: 'rtmp',
    url: draft.url.trim(),
    enabled: before?.enabled ?? true,
    video: draft.video && ownVideoOf(draft.video),
    rate: {
      mode: draft.mode,
      floorKbps: Number(draft.floorKbps),
      ceilingKbps: draft.ceilingKbps.trim() === '' ? null : Number(draft.ceilingKbps),
      allowSizeChange: draft.allowSizeChange,
    },
    backup: draft.backupUrl.trim() ? { url: draft.backupUrl.trim(), mode: draft.backupMode } : null,
    graceS: Number(draft.graceS),
    ...(draft.enhanced === 'auto' ? {} : { enhanced: draft.enhanced }),
    ...storedTracks(draft.tracks),
    ...(draft.pictureTimes ? { pictureTimes: true } : {}),
  };
}

/** What the engine keeps: a view without what is known of its key. */
export function storedOf({ hasKey: _, ...destination }: DestinationView): Destination {
  return destination;
}

function wholeNumber(text: string, min: number, max: number): number | null {
  const value = Number(text);
  return text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max ? value : null;
}
