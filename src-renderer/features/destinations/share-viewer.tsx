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
  const allow = (on: boolean) => {
    if (busy) return;
    setBusy(true);
    link
      .invoke('server.lan', { on })
      .catch(say)
      .finally(() => setBusy(false));
  };
  return (
    <>
      <SwitchRow label={t('destinations.lan')} checked={lan} onChange={allow} />
      <p className="hint">{t(lan ? 'destinations.lanOn' : 'destinations.lanOff')}</p>
      {lan && urls?.length === 0 && <p className="note">{t('destinations.lanNone')}</p>}
      {urls?.[0] && <QrCode text={urls[0]} label={t('destinations.qrCode')} />}
      {urls?.map((url) => (
        <p key={url} className="truncate selectable share-url">
          {url}
        </p>
      ))}
      <hr className="share-rule" />
      <LadderField />
    </>
  );
}
