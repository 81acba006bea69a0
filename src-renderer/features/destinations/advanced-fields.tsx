import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Profile } from '../../../src-shared/domain/index.ts';
import { SelectField, SwitchRow } from '../../ui/fields.tsx';
import { formatBitrate } from '../../ui/format.ts';
import type { Draft, Problems } from './draft.ts';
import { DraftInput } from './draft-input.tsx';
import { platform } from './platforms.ts';
import { TrackFields } from './track-fields.tsx';

interface Props {
  draft: Draft;
  problems: Problems;
  profile: Profile;
  /** of the video that it gets */
  videoKbps: number;
  onChange: (part: Partial<Draft>) => void;
}

/** How the rate follows the network, and what happens when the connection drops. The defaults suit nearly everyone. */
export function AdvancedFields({ draft, problems, profile, videoKbps, onChange }: Props) {
  const { t, i18n } = useTranslation();
  const { name, maxKbps } = platform(draft.platform);
  const tooMuch = maxKbps !== null && (Number(draft.ceilingKbps) || videoKbps) > maxKbps;
  return (
    <div className="stack">
      <SelectField
        inline
        label={t('destinations.rate')}
        hint={t(`destinations.rateHints.${draft.mode}`)}
        value={draft.mode}
        options={(['follow', 'fixed'] as const).map((value) => ({ value, label: t(`destinations.rateModes.${value}`) }))}
        onChange={(mode) => onChange({ mode })}
      />
      <DraftInput
        label={t('destinations.ceiling')}
        unit="kbps"
        value={draft.ceilingKbps}
        placeholder={videoKbps.toLocaleString(i18n.language)}
        hint={t('destinations.asProfile')}
        problem={problems.ceilingKbps && t(`destinations.problem.${problems.ceilingKbps}`)}
        onChange={(ceilingKbps) => onChange({ ceilingKbps })}
      />
      {tooMuch && <Warning text={t('destinations.tooMuch', { name, rate: formatBitrate(maxKbps, i18n.language) })} />}
      {draft.mode === 'follow' && (
        <>
          <DraftInput
            label={t('destinations.floor')}
            unit="kbps"
            value={draft.floorKbps}
            problem={problems.floorKbps && t(`destinations.problem.${problems.floorKbps}`)}
            onChange={(floorKbps) => onChange({ floorKbps })}
          />
          <SwitchRow
            label={t('destinations.allowSizeChange')}
            checked={draft.allowSizeChange}
            onChange={(allowSizeChange) => onChange({ allowSizeChange })}
          />
          {draft.allowSizeChange && <Warning text={t('destinations.sizeChangeWarning')} />}
        </>
      )}
      <DraftInput
        label={t('destinations.backup')}
        value={draft.backupUrl}
        placeholder={t('destinations.none')}
        problem={
          problems.backupUrl &&
          (problems.backupUrl === 'same' ? t('destinations.problem.same') : t(`destinations.urlProblem.${problems.backupUrl}`))
        }
        onChange={(backupUrl) => onChange({ backupUrl })}
      />
      {draft.backupUrl.trim() && (
        <SelectField
          inline
          label={t('destinations.backupUse')}
          hint={t(`destinations.backupHints.${draft.backupMode}`)}
          value={draft.backupMode}
          options={(['failover', 'both'] as const).map((value) => ({ value, label: t(`destinations.backupModes.${value}`) }))}
          onChange={(backupMode) => onChange({ backupMode })}
        />
      )}
      <DraftInput
        label={t('destinations.graceS')}
        unit="s"
        hint={t('destinations.graceHint')}
        value={draft.graceS}
        problem={problems.graceS && t(`destinations.problem.${problems.graceS}`)}
        onChange={(graceS) => onChange({ graceS })}
      />
      <SelectField
        inline
        label={t('destinations.enhanced')}
        hint={t(`destinations.enhancedHints.${draft.enhanced}`)}
        value={draft.enhanced}
        options={(['auto', 'always', 'never'] as const).map((value) => ({ value, label: t(`destinations.enhancedUses.${value}`) }))}
        onChange={(enhanced) => onChange({ enhanced })}
      />
      {draft.enhanced !== 'never' && (
        <TrackFields draft={draft} problems={problems} profile={profile} onChange={(tracks) => onChange({ tracks })} />
      )}
      <SwitchRow
        label={t('destinations.pictureTimes')}
        checked={draft.pictureTimes}
        onChange={(pictureTimes) => onChange({ pictureTimes })}
      />
    </div>
  );
}

function Warning({ text }: { text: string }) {
  return (
    <p className="note">
      <TriangleAlert size={14} aria-hidden="true" />
      <span>{text}</span>
    </p>
  );
}
