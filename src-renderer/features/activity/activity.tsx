import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../app/panel.tsx';
import { useEngine } from '../../engine-client/engine.ts';
import { Empty } from '../../ui/button.tsx';
import { useActivityText } from './event-text.ts';

const ICONS = { info: Info, warning: TriangleAlert, error: CircleAlert } as const;

/** What happened, with times; newest first. */
export function ActivityList() {
  const { t, i18n } = useTranslation();
  const activity = useEngine('activity.list');
  const textOf = useActivityText();
  const subjectOf = useSubject();
  return (
    <Panel title={t('activity.title')}>
      {activity?.length === 0 && <Empty>{t('activity.empty')}</Empty>}
      <ol className="activity">
        {activity?.toReversed().map((line) => {
          const { id, atMs, level, subject } = line;
          const Icon = ICONS[level];
          return (
            <li key={id} data-level={level}>
              <Icon size={15} aria-label={t(`activity.level.${level}`)} />
              <div className="grow selectable">
                <div className="row">
                  <strong className="truncate grow">{subjectOf(subject)}</strong>
                  <time className="faint figure">{new Date(atMs).toLocaleTimeString(i18n.language)}</time>
                </div>
                <p className="soft">{textOf(line)}</p>
              </div>
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}

const PARTS = ['Encoder', 'Recording', 'Live server', 'Data', 'Destinations', 'Monitor', 'Studio'] as const;

/** Destinations and devices have the names that the user gave them; the studio's own parts have one in each language. */
function useSubject(): (subject: string) => string {
  const { t } = useTranslation();
  return (subject) => {
    const part = PARTS.find((one) => one === subject);
    return part ? t(`activity.parts.${part}`) : subject;
  };
}
