import { useTranslation } from 'react-i18next';
import type { Activity, ActivityEvent, EncoderChoice } from '../../../src-shared/domain/index.ts';
import { formatBitrate } from '../../ui/format.ts';
import { formatMetric } from '../monitor/charts.ts';
import { encoderName } from '../settings/encoder-names.ts';
import { useFailureText } from './failure-text.ts';

/** A line of the activity list in the user's language; what has no event has the engine's English words. */
export function useActivityText(): (activity: Pick<Activity, 'failure' | 'message' | 'event'>) => string {
  const failureText = useFailureText();
  const eventText = useEventText();
  return ({ failure, message, event }) => {
    if (event) return eventText(event);
    return failure ? failureText({ code: failure.code, message }) : message;
  };
}

const CODEC_NAMES = { h264: 'H.264', hevc: 'HEVC', av1: 'AV1', aac: 'AAC', 'he-aac': 'HE-AAC', opus: 'Opus' } as const;
const codecName = (codec: keyof typeof CODEC_NAMES) => CODEC_NAMES[codec];

function useEventText(): (event: ActivityEvent) => string {
  const { t, i18n } = useTranslation();
  const name = ({ encoder, fast }: EncoderChoice) =>
    fast ? t('activity.events.fast', { name: encoderName(encoder) }) : encoderName(encoder);
  const size = ({ widthPx, heightPx, frameRate }: { widthPx: number; heightPx: number; frameRate: number }) =>
    `${widthPx} × ${heightPx}, ${Math.round(frameRate * 100) / 100} fps`;
  const codecFallback = ({ codec, destination }: Extract<ActivityEvent, { kind: 'codec-fallback' }>) => {
    if (!codec || !destination) return t('activity.events.codecFallback');
    const instead = codec === 'opus' ? 'AAC' : 'H.264';
    return t('activity.events.codecFallbackOf', { destination, codec: codecName(codec), instead });
  };
  const soundOf = ({ codec, kbps, rateHz, channels }: Extract<ActivityEvent, { kind: 'settings-live' }>['sound']) =>
    [
      `${codecName(codec)} ${formatBitrate(kbps, i18n.language)}`,
      ...(rateHz ? [`${rateHz / 1_000} kHz`] : []),
      ...(channels ? [t(`settings.channels.${channels === 1 ? 'mono' : 'stereo'}`)] : []),
    ].join(', ');
  return (event) => {
    switch (event.kind) {
      case 'encoder-fallback': {
        const names = { from: name(event.from), to: name(event.to) };
        const later = event.inMinutes === null ? '' : t('activity.events.later', { count: event.inMinutes });
        return [t('activity.events.encoderFallback', names), later].filter(Boolean).join(t('activity.events.space'));
      }
      case 'encoder-again':
        return t('activity.events.encoderAgain', { from: name(event.from), to: name(event.to) });
      case 'relief': {
        const less = event.most ? t('activity.events.preset.most', { preset: event.preset, size: size(event.most) }) : event.preset;
        const now = event.relief === null ? t('activity.events.preset.own') : t('activity.events.preset.faster', { less });
        return t(event.isDown ? 'activity.events.reliefDown' : 'activity.events.reliefUp', { now });
      }
      case 'encode-own':
        return t('activity.events.encodeOwn', { rate: formatBitrate(event.kbps, i18n.language) });
      case 'encode-shared':
        return t(event.busy ? 'activity.events.encodeGivenBack' : 'activity.events.encodeShared');
      case 'picture':
        return t(event.isSet ? 'activity.events.pictureSet' : 'activity.events.picture', { size: size(event.picture) });
      case 'connected':
        return t(`activity.events.connected.${event.how}`, { ingest: t(`destinations.ingest.${event.ingest}`) });
      case 'codec-fallback':
        return codecFallback(event);
      case 'settings-live': {
        const { reopened, picture, encoder, kbps, sound } = event;
        const now = {
          size: size(picture),
          encoder: encoderName(encoder),
          rate: formatBitrate(kbps, i18n.language),
          sound: soundOf(sound),
        };
        return t(reopened ? 'activity.events.settingsReopened' : 'activity.events.settingsInPlace', now);
      }
      case 'settings-kept':
        return t('activity.events.settingsKept', { reason: event.reason });
      case 'settings-lost':
        return t('activity.events.settingsLost', { reason: event.reason });
      case 'settings-later': {
        const { folder, encode } = event;
        return t(`activity.events.settingsLater.${folder && encode ? 'both' : folder ? 'folder' : 'encode'}`);
      }
      case 'recording-part':
        return t('activity.events.recordingPart', { path: event.path });
      case 'tracks-paused':
        return t(event.paused ? 'activity.events.tracksPaused' : 'activity.events.tracksBack');
      case 'tracks-left-out':
        return t('activity.events.tracksLeftOut');
      case 'filter-relief':
        return t(`activity.events.filters.${event.isDown || event.relief === 'none' ? event.relief : 'back'}`);
      case 'alert': {
        const figure = (value: number) => formatMetric(event.metric, value, i18n.language);
        const figures = { name: t(`monitor.metrics.${event.metric}`), worst: figure(event.worst), limit: figure(event.threshold) };
        return t(event.began ? 'monitor.alert.began' : 'monitor.alert.ended', figures);
      }
      default:
        return event satisfies never;
    }
  };
}
