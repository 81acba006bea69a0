import { FlaskConical, ShieldCheck, Square } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../app/panel.tsx';
import { useEngine } from '../../engine-client/engine.ts';
import { SelectField } from '../../ui/fields.tsx';
import { formatBitrate } from '../../ui/format.ts';
import { LinkPicker } from './link-picker.tsx';
import type { Run } from './run.ts';
import { RunChart } from './run-chart.tsx';
import { RunSummary } from './run-summary.tsx';
import { chooseLink, chooseSettings, policyOf, type SettingsOf, settingsOf, startRehearsal, stopRehearsal, useRehearsal } from './store.ts';
import { isStill } from './summary.ts';

const RECENT_S = 8;

/** Tries one's settings on a bad uplink that is made up, before a real one does: on the embedded server alone. */
export function NetworkRehearsal() {
  const { t } = useTranslation();
  const { link, run, settingsOf: chosen } = useRehearsal();
  const running = useEngine('stats.get', (stats) => stats.session.phase === 'on-air' && stats.link !== null) ?? false;
  const whom = useEngine('studio.info', ({ lan }) => lan) ? 'network' : 'private';
  const policy = policyOf(useEngine('destination.list') ?? [], chosen);
  return (
    <Panel title={t('rehearsal.title')}>
      <div className="stack rehearsal" data-running={running || undefined}>
        <p className="private">
          <ShieldCheck size={16} aria-hidden="true" />
          <span>
            <strong>{t(`rehearsal.${whom}Title`)}</strong> {t(`rehearsal.${whom}${run ? 'Short' : ''}`)}
          </span>
        </p>
        <LinkPicker value={link} onChange={chooseLink} />
        <SettingsChoice disabled={running} />
        <StartStop running={running} />
        {running && run && <StillPicture run={run} />}
        {run?.isOver && <RunSummary run={run} policy={policy} />}
        {run && <RunChart run={run} />}
      </div>
    </Panel>
  );
}

/** Whose rate settings are tried, and what they say. A rehearsal keeps those that it began with. */
function SettingsChoice({ disabled }: { disabled: boolean }) {
  const { t, i18n } = useTranslation();
  const destinations = useEngine('destination.list') ?? [];
  const chosen = useRehearsal((state) => state.settingsOf);
  const profileKbps = useEngine('profile.list', ({ activeId, profiles }) => profiles.find(({ id }) => id === activeId)?.video.bitrateKbps);
  const { mode, floorKbps, ceilingKbps } = policyOf(destinations, chosen);
  const others = destinations.filter(({ kind }) => kind !== 'rehearsal');
  const ceiling = formatBitrate(ceilingKbps ?? profileKbps ?? 0, i18n.language);
  return (
    <SelectField<SettingsOf>
      inline
      label={t('rehearsal.settingsOf')}
      hint={t(`rehearsal.policies.${mode}`, { floor: formatBitrate(floorKbps, i18n.language), ceiling })}
      value={settingsOf(destinations, chosen)}
      options={[...others.map(({ id, name }) => ({ value: id, label: name })), { value: 'profile', label: t('rehearsal.profile') }]}
      disabled={disabled}
      onChange={chooseSettings}
    />
  );
}

/** A still picture needs so little that every uplink looks good. */
function StillPicture({ run }: { run: Run }) {
  const { t, i18n } = useTranslation();
  const recent = run.samples.slice(-RECENT_S);
  if (recent.length < RECENT_S || !isStill(recent)) return null;
  return <p className="note">{t('rehearsal.still', { rate: formatBitrate(recent.at(-1)?.bitrateKbps ?? 0, i18n.language) })}</p>;
}

function StartStop({ running }: { running: boolean }) {
  const { t } = useTranslation();
  const busy = useRehearsal((state) => state.busy);
  const phase = useEngine('stats.get', ({ session }) => session.phase) ?? 'idle';
  if (running) {
    return (
      <button type="button" className="go rehearsal-stop" disabled={busy} onClick={stopRehearsal}>
        <Square size={14} fill="currentColor" aria-hidden="true" />
        <span>{t('rehearsal.stop')}</span>
      </button>
    );
  }
  return (
    <>
      <button type="button" className="go rehearsal" disabled={busy || phase !== 'idle'} onClick={startRehearsal}>
        <FlaskConical size={16} aria-hidden="true" />
        <span>{t('rehearsal.start')}</span>
      </button>
      {phase === 'on-air' && !busy && <p className="note">{t('rehearsal.onAir')}</p>}
    </>
  );
}
