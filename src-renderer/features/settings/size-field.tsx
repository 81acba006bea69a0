import { useTranslation } from 'react-i18next';
import { SelectField } from '../../ui/fields.tsx';

interface Size {
  widthPx: number;
  heightPx: number;
}

const SIZES = ['640x360', '854x480', '1280x720', '1920x1080', '2560x1440', '3840x2160', '720x1280', '1080x1920'];
export const FRAME_RATES = ['24', '25', '30', '50', '60'];

/** Of a stream's picture; one that is not among the usual is kept. */
export function SizeField({ video, inline, onChange }: { video: Size; inline?: boolean; onChange: (size: Size) => void }) {
  const { t } = useTranslation();
  const size = `${video.widthPx}x${video.heightPx}`;
  return (
    <SelectField
      inline={inline ?? false}
      label={t('settings.resolution')}
      value={size}
      options={[...new Set([...SIZES, size])].map((value) => ({ value, label: value.replace('x', ' × ') }))}
      onChange={(value) => {
        const [widthPx = 1280, heightPx = 720] = value.split('x').map(Number);
        onChange({ widthPx, heightPx });
      }}
    />
  );
}
