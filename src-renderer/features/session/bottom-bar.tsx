import { Circle, Radio, Square, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useEngine } from '../../engine-client/engine.ts';
import { IconButton } from '../../ui/button.tsx';
import { formatElapsed } from '../../ui/format.ts';
import { Hint } from '../../ui/hint.tsx';
import { HoldButton } from '../../ui/hold-button.tsx';
import { cancelGoLive, goLive, stopShow, toggleRecording, useGoLive } from './actions.ts';
import { outsideDestinations } from './air-state.ts';
import { StatusStrip } from './status-strip.tsx';
import { useAirState, useElapsedMs, useRecorder, useSession } from './use-session.ts';

export function BottomBar() {
  return (
    <footer className="bottom-bar">
      <ShowButton />
      <RecordButton />
      <StatusStrip />
    </footer>
  );
}

/** The question takes the focus from the button it replaces. */
const focusOnce = (element: HTMLElement | null) => element?.focus();

function ShowButton() {
  const { t } = useTranslation();
  const session = useSession();
  const air = useAirState();
  const { asking, busy } = useGoLive();
  const outside = outsideDestinations(useEngine('destination.list') ?? []);
  const elapsedMs = useElapsedMs(session.phase === 'on-air' ? session.sinceUs : null);
  if (session.phase === 'on-air') {
    return (
      <HoldButton
        className={air === 'rehearsal' ? 'rehearsal' : 'live'}
        label={t('session.stop')}
        hint={t('session.holdHint')}
        onHeld={stopShow}
      >
        <Square size={14} fill="currentColor" aria-hidden="true" />
        <span>{t('session.holdToStop')}</span>
        <span className="figure">{formatElapsed(elapsedMs ?? 0)}</span>
      </HoldButton>
    );
  }
  if (asking) {
    return (
      <div className="row" role="group" aria-label={t('session.goLive')}>
        <button type="button" className="go live" ref={focusOnce} onClick={goLive}>
          <Radio size={16} aria-hidden="true" />
          {t('session.confirm', { count: outside.length, name: outside[0]?.name ?? '' })}
        </button>
        <IconButton label={t('common.cancel')} onClick={cancelGoLive}>
          <X size={16} />
        </IconButton>
      </div>
    );
  }
  return (
    <Hint
      label={
        outside.length > 0 ? t('session.goLiveTo', { names: outside.map(({ name }) => name).join(', ') }) : t('session.goLiveRehearsal')
      }
      shortcut="Alt+L"
    >
      <button
        type="button"
        className={`go ${outside.length > 0 ? '' : 'rehearsal'}`}
        aria-label={t('session.goLive')}
        disabled={busy || session.phase !== 'idle'}
        onClick={goLive}
      >
        <Radio size={16} aria-hidden="true" />
        <span>{session.phase === 'idle' ? t('session.goLive') : t(`session.${session.phase}`)}</span>
        {outside.length === 0 && session.phase === 'idle' && <span className="go-note">{t('session.rehearsalNote')}</span>}
      </button>
    </Hint>
  );
}

function RecordButton() {
  const { t } = useTranslation();
  const recorder = useRecorder();
  const recording = recorder.phase === 'recording';
  const busy = useGoLive((state) => state.busy);
  const elapsedMs = useElapsedMs(recording ? recorder.sinceUs : null);
  return (
    <Hint
      label={recording ? `${t('record.stop')}. ${recorder.ownEncode ? t('record.own') : t('record.shared')}` : t('record.start')}
      shortcut="Alt+R"
    >
      <button
        type="button"
        className="go record"
        aria-label={t(recording ? 'record.stop' : 'record.start')}
        aria-pressed={recording}
        disabled={busy}
        onClick={toggleRecording}
      >
        {recording ? (
          <Square size={13} fill="currentColor" aria-hidden="true" />
        ) : (
          <Circle size={13} fill="currentColor" className="record-dot" aria-hidden="true" />
        )}
        <span>{recording ? t('record.stopShort') : t('record.short')}</span>
        {recording && <span className="figure">{formatElapsed(elapsedMs ?? 0)}</span>}
      </button>
    </Hint>
  );
}
