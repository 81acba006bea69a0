import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../app/panel.tsx';
import { useEngine } from '../../engine-client/engine.ts';
import { Empty } from '../../ui/button.tsx';
import { useFailureText } from './failure-text.ts';

const ICONS = { info: Info, warning: TriangleAlert, error: CircleAlert } as const;

/** What happened, with times; newest first. */
export function ActivityList() {
  const { t, i18n } = useTranslation();
  const activity = useEngine('activity.list');
  const failureText = useFailureText();
  return (
    <Panel title={t('activity.title')}>
      {activity?.length === 0 && <Empty>{t('activity.empty')}</Empty>}
      <ol className="activity">
        {activity?.toReversed().map(({ id, atMs, level, subject, failure, message }) => {
          const Icon = ICONS[level];
          return (
            <li key={id} data-level={level}>
              <Icon size={15} aria-label={t(`activity.level.${level}`)} />
              <div className="grow selectable">
                <div className="row">
                  <strong className="truncate grow">{subject}</strong>
                  <time className="faint figure">{new Date(atMs).toLocaleTimeString(i18n.language)}</time>
                </div>
                <p className="soft">{failure ? failureText({ code: failure.code, message }) : message}</p>
              </div>
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}
