import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../ui/button.tsx';
import { useView } from './preferences.ts';

/** A view in the right dock. It stands beside the picture and closes with its cross or with Escape. */
export function Panel({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useTranslation();
  const close = () => useView.setState({ right: 'show' });
  return (
    <section className="panel view grow" aria-label={title} onKeyDown={(event) => event.key === 'Escape' && close()}>
      <div className="panel-head view-head">
        <h2>{title}</h2>
        <IconButton small label={t('common.close')} onClick={close}>
          <X size={16} />
        </IconButton>
      </div>
      <div className="panel-body scroll grow">{children}</div>
    </section>
  );
}
