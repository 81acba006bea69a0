import { useTranslation } from 'react-i18next';
import type { Profile } from '../../../src-shared/domain/index.ts';
import { useAnswer } from '../../engine-client/engine.ts';
import { CODEC_NAMES, familyName } from './encoder-names.ts';

type Video = Profile['video'];

/** Says why a setting has no effect with the encoder that is chosen; undefined where it has one. */
export function useIgnored(video: Video): (setting: keyof Video) => string | undefined {
  const { t } = useTranslation();
  const ignored = useAnswer('encoders.ignored', video) ?? [];
  const names = { name: familyName(video.encoder), codec: CODEC_NAMES[video.codec] };
  return (setting) => {
    const found = ignored.find((one) => one.setting === setting);
    if (!found) return undefined;
    return t(setting === 'level' && found.reason === 'codec' ? 'settings.ignored.level' : `settings.ignored.${found.reason}`, names);
  };
}
