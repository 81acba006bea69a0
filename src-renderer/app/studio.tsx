import { AppWindow, LoaderCircle } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useLinkState } from '../engine-client/engine.ts';
import { Notices } from '../features/activity/notice-list.tsx';
import { BottomBar } from '../features/session/bottom-bar.tsx';
import { useAirState, useTellShell } from '../features/session/use-session.ts';
import { takeOver, useMedia } from '../features/stage/media.ts';
import { Button } from '../ui/button.tsx';
import { CompactBody } from './compact-body.tsx';
import { TitleBar } from './title-bar.tsx';
import { useCompact } from './use-compact.ts';
import { WideBody } from './wide-body.tsx';

/** The one window. */
export function Studio() {
  const air = useAirState();
  const compact = useCompact();
  useTellShell(air);
  return (
    <div className="window" data-air={air}>
      <TitleBar />
      <Banner />
      {compact ? <CompactBody /> : <WideBody />}
      <BottomBar />
      <Notices />
    </div>
  );
}

/** What concerns the whole window: the engine may restart under it, another window may feed the show instead. */
function Banner() {
  const { t } = useTranslation();
  const { phase } = useLinkState();
  const displaced = useMedia((state) => state.displaced);
  if (phase !== 'connected') {
    return (
      <div className="banner" role="status">
        <LoaderCircle size={15} className="spin" aria-hidden="true" />
        {t(phase === 'refused' ? 'link.refused' : 'link.lost')}
      </div>
    );
  }
  if (!displaced) return <div />;
  return (
    <div className="banner" role="alert">
      <AppWindow size={15} aria-hidden="true" />
      <span>{t('link.displaced')}</span>
      <Button onClick={takeOver}>{t('link.useThisWindow')}</Button>
    </div>
  );
}
