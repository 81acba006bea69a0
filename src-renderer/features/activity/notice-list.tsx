import { CircleAlert, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../ui/button.tsx';
import { useFailureText } from './failure-text.ts';
import { dismiss, useNotices } from './notices.ts';

export function Notices() {
  const { t } = useTranslation();
  const notices = useNotices((state) => state.notices);
  const failureText = useFailureText();
  return (
    <div className="notices" role="alert">
      {notices.map(({ id, failure }) => (
        <div key={id} className="notice">
          <CircleAlert size={16} aria-hidden="true" />
          <span className="grow">{failureText(failure)}</span>
          <IconButton small label={t('common.close')} onClick={() => dismiss(id)}>
            <X size={14} />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
