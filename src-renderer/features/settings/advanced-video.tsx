import { useTranslation } from 'react-i18next';
import type { Profile } from '../../../src-shared/domain/index.ts';
import { NumberField, SelectField } from '../../ui/fields.tsx';
import { useSkills } from './encoder-field.tsx';
import { useIgnored } from './use-ignored.ts';

type Video = Profile['video'];
interface Props {
  video: Video;
  onChange: (part: Partial<Video>) => void;
}

const LEVELS = ['3.0', '3.1', '4.0', '4.1', '4.2', '5.0', '5.1', '5.2', '6.0', '6.1', '6.2'];
const PROFILES: Record<Video['codec'], Video['profile'][]> = {
  h264: ['auto', 'baseline', 'main', 'high'],
  hevc: ['auto', 'main', 'main10'],
  av1: ['auto', 'main'],
};

/** What the defaults suit nearly everyone in. */
export function AdvancedVideo({ video, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <details className="advanced">
      <summary>{t('settings.advanced')}</summary>
      <div className="stack">
        <RateFields video={video} onChange={onChange} />
        <FrameFields video={video} onChange={onChange} />
      </div>
    </details>
  );
}

function RateFields({ video, onChange }: Props) {
  const { t } = useTranslation();
  const { rateControl } = video;
  const ignored = useIgnored(video);
  return (
    <>
      <SelectField
        label={t('settings.rateControl')}
        note={ignored('rateControl')}
        hint={t(`settings.rateControlHints.${rateControl}`)}
        value={rateControl}
        options={(['cbr', 'vbr', 'abr', 'cq'] as const).map((value) => ({ value, label: t(`settings.rateControls.${value}`) }))}
        onChange={(value) => onChange({ rateControl: value })}
      />
      <div className="pair">
        {rateControl === 'cq' && (
          <NumberField
            label={t('settings.quality')}
            note={ignored('quality')}
            min={0}
            max={51}
            value={video.quality}
            onCommit={(quality) => onChange({ quality })}
          />
        )}
        {(rateControl === 'vbr' || rateControl === 'cq') && (
          <NumberField
            label={t('settings.maxBitrate')}
            note={ignored('maxBitrateKbps')}
            unit="kbps"
            min={50}
            max={200_000}
            step={100}
            value={video.maxBitrateKbps ?? Math.round(1.5 * video.bitrateKbps)}
            onCommit={(maxBitrateKbps) => onChange({ maxBitrateKbps: Math.round(maxBitrateKbps) })}
          />
        )}
        {rateControl !== 'abr' && (
          <NumberField
            label={t('settings.buffer')}
            note={ignored('bufferS')}
            unit="s"
            min={0.1}
            max={10}
            step={0.1}
            value={video.bufferS}
            onCommit={(bufferS) => onChange({ bufferS })}
          />
        )}
      </div>
    </>
  );
}

function FrameFields({ video, onChange }: Props) {
  const { t } = useTranslation();
  const skills = useSkills(video.encoder);
  const ignored = useIgnored(video);
  const low = video.tune === 'zerolatency';
  const noBFrames = low ? 'low' : skills && !skills.bFrames ? 'encoder' : null;
  const { tenBit } = skills ?? { tenBit: true };
  return (
    <>
      <div className="pair">
        <SelectField
          label={t('settings.codecProfile')}
          note={ignored('profile')}
          value={video.profile}
          options={[...new Set([...PROFILES[video.codec], video.profile])].map((value) => ({
            value,
            label: value === 'auto' ? t('settings.automatic') : value,
          }))}
          onChange={(profile) => onChange({ profile })}
        />
        <SelectField
          label={t('settings.level')}
          note={ignored('level')}
          value={video.level ?? 'auto'}
          options={[...new Set(['auto', ...LEVELS, video.level ?? 'auto'])].map((value) => ({
            value,
            label: value === 'auto' ? t('settings.automatic') : value,
          }))}
          onChange={(level) => onChange({ level: level === 'auto' ? null : level })}
        />
        <SelectField
          label={t('settings.bitDepth')}
          note={ignored('bitDepth')}
          value={String(video.bitDepth)}
          options={[
            { value: '8', label: t('settings.bits', { count: 8 }) },
            { value: '10', label: t('settings.bits', { count: 10 }), disabled: !tenBit && video.bitDepth !== 10 },
          ]}
          onChange={(bits) => onChange({ bitDepth: bits === '10' ? 10 : 8 })}
        />
        <SelectField
          label={t('settings.bFrames')}
          note={ignored('bFrames')}
          value={noBFrames ? '0' : String(video.bFrames)}
          disabled={noBFrames !== null}
          options={['0', '1', '2', '3', '4'].map((value) => ({ value, label: value }))}
          onChange={(bFrames) => onChange({ bFrames: Number(bFrames) })}
        />
        <SelectField
          label={t('settings.lookahead')}
          note={ignored('lookaheadFrames')}
          value={low ? '0' : String(video.lookaheadFrames ?? 'auto')}
          disabled={low}
          options={[...new Set(['auto', '0', '10', '20', '40', '60', String(low ? 0 : (video.lookaheadFrames ?? 'auto'))])].map(
            (value) => ({
              value,
              label: value === 'auto' ? t('settings.automatic') : t('settings.frames', { count: Number(value) }),
            }),
          )}
          onChange={(frames) => onChange({ lookaheadFrames: frames === 'auto' ? null : Number(frames) })}
        />
        <SelectField
          label={t('settings.references')}
          note={ignored('referenceFrames')}
          value={String(video.referenceFrames ?? 'auto')}
          options={[...new Set(['auto', '1', '2', '3', '4', '6', '8', '16', String(video.referenceFrames ?? 'auto')])].map((value) => ({
            value,
            label: value === 'auto' ? t('settings.automatic') : t('settings.frames', { count: Number(value) }),
          }))}
          onChange={(frames) => onChange({ referenceFrames: frames === 'auto' ? null : Number(frames) })}
        />
      </div>
      <p className="hint">{t(noBFrames ? `settings.frameHints.${noBFrames}` : 'settings.frameHints.fixed')}</p>
    </>
  );
}
