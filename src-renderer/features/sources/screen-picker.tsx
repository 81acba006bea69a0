import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ShellCallOutput } from '../../../src-shared/ipc/shell.ts';
import { invokeShell } from '../../engine-client/shell.ts';
import { say } from '../activity/notices.ts';

/** Screens and windows as the desktop shell sees them, with small pictures. */
export function ScreenPicker({ chosen, onPick }: { chosen: string | null; onPick: (captureId: string) => void }) {
  const { t } = useTranslation();
  const [screens, setScreens] = useState<ShellCallOutput<'shell.screens'>>([]);
  useEffect(() => {
    invokeShell('shell.screens', undefined).then(setScreens, say);
  }, []);
  return (
    <ul className="screens" aria-label={t('screen.choose')}>
      {screens.map(({ captureId, name, thumbnailDataUrl }) => (
        <li key={captureId}>
          <button type="button" aria-pressed={captureId === chosen} onClick={() => onPick(captureId)}>
            <img src={thumbnailDataUrl} alt="" />
            <span className="truncate">{name}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
