import { useTranslation } from 'react-i18next';
import { describeEncoder, type VideoEncoderName } from '../../../src-shared/domain/index.ts';
import { useEngine } from '../../engine-client/engine.ts';
import { MAKERS } from './encoder-names.ts';

/** Why an encoder is not available on this computer, in words; null where it is, or where that is not known. */
export function useWhyNot(): (encoder: VideoEncoderName) => string | null {
  const { t } = useTranslation();
  const report = useEngine('encoders.list');
  return (encoder) => {
    const found = report?.encoders.find((one) => one.encoder === encoder);
    if (!report || report.encoders.length === 0 || found?.available) return null;
    if (!found) return t('settings.encoders.otherSystem');
    return t(`settings.encoders.reasons.${found.reason.code}`, {
      maker: MAKERS[describeEncoder(encoder).family],
      detail: found.reason.detail,
    });
  };
}
