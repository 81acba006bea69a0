import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { link, useEngine } from '../../engine-client/engine.ts';
import { SwitchRow } from '../../ui/fields.tsx';
import { say } from '../activity/notices.ts';
import { LadderField } from './ladder-field.tsx';
import { QrCode } from './qr-code.tsx';

/** Whether others in the network may watch, where, and in which qualities. */
export function ShareViewer() {
  const { t } = useTranslation();
  const lan = useEngine('studio.info', (info) => info.lan) ?? false;
  const urls = useEngine('studio.info', ({ lanUrls }) => lanUrls);
  const [busy, setBusy] = useState(false);
  const keeps = useEngine('studio.info', ({ keepsShows }) => keepsShows) ?? false;
  const set = (what: 'server.lan' | 'server.keepShows', on: boolean) => {
    if (busy) return;
    setBusy(true);
    link
      .invoke(what, { on })
      .catch(say)
      .finally(() => setBusy(false));
  };
  return (
    <>
      <SwitchRow label={t('destinations.lan')} checked={lan} onChange={(on) => set('server.lan', on)} />
      <p className="hint">{t(lan ? 'destinations.lanOn' : 'destinations.lanOff')}</p>
      {lan && urls?.length === 0 && <p className="note">{t('destinations.lanNone')}</p>}
      {urls?.[0] && <QrCode text={urls[0]} label={t('destinations.qrCode')} />}
      {urls?.map((url) => (
        <p key={url} className="truncate selectable share-url">
          {url}
        </p>
      ))}
      <hr className="share-rule" />
      <SwitchRow label={t('destinations.keepShows')} checked={keeps} onChange={(on) => set('server.keepShows', on)} />
      <p className="hint">{t(keeps ? 'destinations.keepShowsOn' : 'destinations.keepShowsOff')}</p>
      <hr className="share-rule" />
      <LadderField />
    </>
  );
}
