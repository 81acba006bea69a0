import { Circle, CircleCheck, X } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { usePreferences, useView } from '../../app/preferences.ts';
import { link, useEngine } from '../../engine-client/engine.ts';
import { IconButton } from '../../ui/button.tsx';
import { say } from '../activity/notices.ts';
import { useCollection } from '../collection/store.ts';
import { editDestination } from '../destinations/editing.ts';
import { useSession } from '../session/use-session.ts';
import { addSourceOf } from '../sources/add.ts';

function addChannel(): void {
  useView.setState({ right: 'show', compactTab: 'destinations' });
  editDestination('new');
}

/** The way to a first show, while it has not been gone: each step is an action. It leaves by itself, or when it is told to. */
export function FirstSteps() {
  const { t } = useTranslation();
  const { firstSteps, rehearsed } = usePreferences();
  const { phase } = useSession();
  const hasPicture = useCollection(({ collection }) => collection?.sources.some(({ kind }) => kind === 'camera' || kind === 'screen'));
  const hasChannel = useEngine('destination.list', (destinations) => destinations.some(({ kind }) => kind === 'rtmp'));
  useEffect(() => {
    if (phase === 'on-air') usePreferences.setState({ rehearsed: true });
  }, [phase]);
  if (!firstSteps || (hasPicture && rehearsed && hasChannel)) return null;
  const rehearse = () => void link.invoke('session.rehearse', { link: null }).catch(say);
  const steps = [
    ['picture', hasPicture === true, () => addSourceOf('camera')],
    ['rehearse', rehearsed, rehearse],
    ['channel', hasChannel === true, addChannel],
  ] as const;
  return (
    <section aria-label={t('start.title')}>
      <div className="steps-head">
        <h3>{t('start.title')}</h3>
        <IconButton small label={t('start.dismiss')} onClick={() => usePreferences.setState({ firstSteps: false })}>
          <X size={14} />
        </IconButton>
      </div>
      <ol className="steps">
        {steps.map(([step, done, act]) => (
          <li key={step} data-done={done || undefined}>
            {done ? <CircleCheck size={16} aria-label={t('start.done')} /> : <Circle size={16} aria-hidden="true" />}
            {done ? (
              <span>{t(`start.steps.${step}`)}</span>
            ) : (
              <button type="button" className="link" disabled={step === 'rehearse' && phase !== 'idle'} onClick={act}>
                {t(`start.steps.${step}`)}
              </button>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
