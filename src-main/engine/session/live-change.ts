/** What another profile means for a show or a recording that runs, and what the user is told of it. Pure. */
import { type ActivityEvent, describeEncoder, type Profile } from '../../../src-shared/domain/index.ts';
import type { Failure } from '../../../src-shared/errors.ts';
import type { ActivityInput } from '../monitor/activity-log.ts';
import { isSameEncode, isSameSound } from '../rendition/plan.ts';

export interface LiveChange {
  /** encodes begin anew on an IDR; without it bitrates change in place, or nothing does */
  reopens: boolean;
  /** of the show's picture, or of the recording's */
  bitrate: boolean;
  sound: boolean;
  /** what takes over from an encoder that fails */
  fallback: boolean;
  /** of the recording that runs: it stays where it is, on the encode that it takes */
  later: { folder: boolean; encode: boolean };
}

export function liveChange(from: Profile, to: Profile): LiveChange {
  const [before, after] = [from.recording, to.recording];
  return {
    reopens: !isSameEncode(from.video, to.video),
    bitrate: from.video.bitrateKbps !== to.video.bitrateKbps || before.bitrateKbps !== after.bitrateKbps,
    sound: !isSameSound(from.audio, to.audio),
    fallback: JSON.stringify(from.encoderFallback) !== JSON.stringify(to.encoderFallback),
    later: { folder: before.folder !== after.folder, encode: before.encode !== after.encode },
  };
}

/** Viewers or a file see a difference. */
export const isSeen = ({ reopens, bitrate, sound }: LiveChange): boolean => reopens || bitrate || sound;

const SUBJECT = 'Show';

/** The show goes on with what was saved. */
export function changedActivity({ reopens }: LiveChange, { video, audio }: Profile): ActivityInput {
  const { widthPx, heightPx, frameRate, encoder, bitrateKbps } = video;
  const event: ActivityEvent = {
    kind: 'settings-live',
    reopened: reopens,
    picture: { widthPx, heightPx, frameRate },
    encoder,
    kbps: bitrateKbps,
    sound: { codec: audio.codec, kbps: audio.bitrateKbps, rateHz: audio.sampleRateHz, channels: audio.channels },
  };
  const codec = describeEncoder(encoder).codec.toUpperCase();
  const now = `${widthPx}×${heightPx} at ${frameRate}, ${codec} by ${encoder}, ${bitrateKbps} kbps; sound ${audio.codec} ${audio.bitrateKbps} kbps, ${audio.sampleRateHz} Hz, ${audio.channels === 1 ? 'mono' : 'stereo'}`;
  const how = reopens ? 'from a new keyframe on' : 'without a new keyframe';
  return { level: 'info', subject: SUBJECT, message: `The settings as saved are in use ${how}: ${now}. Nobody was disconnected.`, event };
}

/** An encoder could not do what was saved. */
export function keptActivity({ code, message }: Failure): ActivityInput {
  return {
    level: 'error',
    subject: SUBJECT,
    failure: { code, message },
    message: `The new settings cannot be used, so the show goes on with those before. ${message} Choose others, or save them after the show.`,
    event: { kind: 'settings-kept', reason: message },
  };
}

/** … nor goes on with what was before: whoever is on air may be without pictures. */
export function lostActivity({ code, message }: Failure): ActivityInput {
  return {
    level: 'error',
    subject: SUBJECT,
    failure: { code, message },
    message: `The new settings cannot be used, and those before did not come back: the show may be without pictures. ${message} Save other settings, or save them again.`,
    event: { kind: 'settings-lost', reason: message },
  };
}

/** A recording that runs goes on as it began. */
export function laterActivity(later: LiveChange['later']): ActivityInput {
  const what = [...(later.folder ? ['folder'] : []), ...(later.encode ? ['choice of an encode'] : [])].join(' and ');
  return {
    level: 'info',
    subject: 'Recording',
    message: `The ${what} counts from the next recording: the one that runs stays in its file and on its encode.`,
    event: { kind: 'settings-later', ...later },
  };
}
