import { Check, Minus, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { EncoderCapabilities, EncoderReport } from '../../../src-shared/domain/index.ts';
import { link, useEngine } from '../../engine-client/engine.ts';
import { Button } from '../../ui/button.tsx';
import { say } from '../activity/notices.ts';
import { encoderGroups } from './encoder-names.ts';
import { useWhyNot } from './use-why-not.ts';

/** All encoders that this system could have: what they can do, or why they are not there. */
export function EncoderList() {
  const { t } = useTranslation();
  const report = useEngine('encoders.list');
  return (
    <>
      <p className="faint">{t('settings.encoders.about')}</p>
      {report && report.encoders.length > 0 && (
        <table className="encoders">
          <caption className="visually-hidden">{t('settings.tabs.encoders')}</caption>
          <thead className="visually-hidden">
            <tr>
              <th scope="col">{t('settings.encoder')}</th>
              <th scope="col">{t('settings.encoders.found')}</th>
            </tr>
          </thead>
          <tbody>
            {encoderGroups(report.encoders).map(({ name, codecs, told }) => (
              <tr key={name + codecs.join()} data-available={told.available}>
                <th scope="row">
                  <div>
                    {told.available ? <Check size={14} aria-hidden="true" /> : <Minus size={14} aria-hidden="true" />}
                    <span>
                      {name}
                      <small>{codecs.join(' · ')}</small>
                    </span>
                  </div>
                </th>
                <td>
                  <Told told={told} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Probe report={report} />
    </>
  );
}

function Told({ told }: { told: EncoderCapabilities }) {
  const { t, i18n } = useTranslation();
  const whyNot = useWhyNot();
  if (!told.available) return <>{whyNot(told.encoder)}</>;
  const { skills } = told;
  const flags = (['lowLatency', 'inPlaceBitrate', 'bFrames', 'tenBit'] as const).filter((skill) => skills[skill]);
  const fps = skills.maxFps1080p?.toLocaleString(i18n.language);
  const words = [
    ...flags.map((skill) => t(`settings.encoders.skills.${skill}`)),
    t('settings.encoders.upTo', { width: skills.maxWidthPx, height: skills.maxHeightPx }),
    ...(fps ? [t('settings.encoders.pace', { fps })] : []),
  ];
  return <>{words.join(' · ')}</>;
}

function Probe({ report }: { report: EncoderReport | undefined }) {
  const { t, i18n } = useTranslation();
  const [asked, setAsked] = useState(false);
  const busy = asked || report?.probing !== false;
  const probe = () => {
    setAsked(true);
    link
      .invoke('encoders.probe')
      .catch(say)
      .finally(() => setAsked(false));
  };
  const found = report?.probedAtMs;
  return (
    <div className="probe">
      <Button disabled={busy} onClick={probe}>
        <RefreshCw size={14} aria-hidden="true" /> {t('settings.encoders.again')}
      </Button>
      <span className="faint" role="status">
        {busy
          ? t('settings.encoders.probing')
          : found &&
            t('settings.encoders.probed', {
              when: new Date(found).toLocaleString(i18n.language, { dateStyle: 'medium', timeStyle: 'short' }),
            })}
      </span>
    </div>
  );
}
