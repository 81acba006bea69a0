import { LoaderCircle } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useLinkState } from '../engine-client/engine.ts';
import { Notices } from '../features/activity/notice-list.tsx';
import { BottomBar } from '../features/session/bottom-bar.tsx';
import { useAirState, useTellShell } from '../features/session/use-session.ts';
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
      <LinkBanner />
      {compact ? <CompactBody /> : <WideBody />}
      <BottomBar />
      <Notices />
    </div>
  );
}

/** The engine may restart under a running window; what is on the screen stays, and says so. */
function LinkBanner() {
  const { t } = useTranslation();
  const { phase } = useLinkState();
  if (phase === 'connected') return <div />;
  return (
    <div className="banner" role="status">
      <LoaderCircle size={15} className="spin" aria-hidden="true" />
      {t(phase === 'refused' ? 'link.refused' : 'link.lost')}
    </div>
  );
}
