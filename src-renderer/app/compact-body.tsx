import { Tabs } from 'radix-ui';
import { useTranslation } from 'react-i18next';
import { DestinationList } from '../features/destinations/destination-list.tsx';
import { Health } from '../features/health/health.tsx';
import { Mixer } from '../features/mixer/mixer.tsx';
import { SceneList } from '../features/scenes/scene-list.tsx';
import { Inspector } from '../features/sources/inspector.tsx';
import { SourceList } from '../features/sources/source-list.tsx';
import { Stage } from '../features/stage/stage.tsx';
import { useView } from './preferences.ts';
import { RightViewPanel } from './right-view.tsx';

/** A small window: the picture and the mixer stay, the docks become tabs of one. */
export function CompactBody() {
  const { t } = useTranslation();
  const { right, compactTab } = useView();
  return (
    <main className="body" style={{ gridTemplateColumns: 'minmax(0, 1fr) 288px' }}>
      <div className="centre" style={{ gridTemplateRows: 'minmax(0, 1fr) 150px' }}>
        <Stage />
        <Mixer />
      </div>
      <aside className="dock dock-right" aria-label={t('docks.rightDock')}>
        {right !== 'show' ? (
          <RightViewPanel view={right} />
        ) : (
          <Tabs.Root className="tab-content" value={compactTab} onValueChange={(tab) => useView.setState({ compactTab: tab })}>
            <Tabs.List className="tabs-list" aria-label={t('docks.rightDock')}>
              {(['scenes', 'destinations', 'inspector'] as const).map((tab) => (
                <Tabs.Trigger key={tab} value={tab}>
                  {t(`docks.tabs.${tab}`)}
                </Tabs.Trigger>
              ))}
            </Tabs.List>
            <Tabs.Content value="scenes" className="tab-content">
              <SceneList />
              <SourceList />
            </Tabs.Content>
            <Tabs.Content value="destinations" className="tab-content">
              <DestinationList />
              <Health />
            </Tabs.Content>
            <Tabs.Content value="inspector" className="tab-content">
              <Inspector />
            </Tabs.Content>
          </Tabs.Root>
        )}
      </aside>
    </main>
  );
}
