import { useTranslation } from 'react-i18next';
import { DestinationList } from '../features/destinations/destination-list.tsx';
import { Health } from '../features/health/health.tsx';
import { Mixer } from '../features/mixer/mixer.tsx';
import { SceneList } from '../features/scenes/scene-list.tsx';
import { Inspector } from '../features/sources/inspector.tsx';
import { SourceList } from '../features/sources/source-list.tsx';
import { Stage } from '../features/stage/stage.tsx';
import { Splitter } from '../ui/splitter.tsx';
import { usePreferences, useView } from './preferences.ts';
import { RightViewPanel } from './right-view.tsx';

/** Docks on both sides of the picture; their sizes are remembered. */
export function WideBody() {
  const { t } = useTranslation();
  const { leftPx, rightPx, mixerPx, scenesPx } = usePreferences();
  const view = useView((state) => state.right);
  const set = usePreferences.setState;
  const rightNow = view === 'show' ? rightPx : Math.max(rightPx, view === 'monitor' ? 560 : 380);
  return (
    <main className="body" style={{ gridTemplateColumns: `${leftPx}px 0 minmax(0, 1fr) 0 ${rightNow}px` }}>
      <div className="dock dock-left" style={{ display: 'grid', gridTemplateRows: `${scenesPx}px 0 minmax(0, 1fr)` }}>
        <SceneList />
        <Splitter
          label={t('docks.scenes')}
          direction="horizontal"
          valuePx={scenesPx}
          minPx={96}
          maxPx={420}
          sign={1}
          onChange={(px) => set({ scenesPx: px })}
        />
        <SourceList />
      </div>
      <Splitter
        label={t('docks.left')}
        direction="vertical"
        valuePx={leftPx}
        minPx={180}
        maxPx={420}
        sign={1}
        onChange={(px) => set({ leftPx: px })}
      />
      <div className="centre" style={{ gridTemplateRows: `minmax(0, 1fr) 0 ${mixerPx}px` }}>
        <Stage />
        <Splitter
          label={t('docks.mixer')}
          direction="horizontal"
          valuePx={mixerPx}
          minPx={150}
          maxPx={360}
          sign={-1}
          onChange={(px) => set({ mixerPx: px })}
        />
        <Mixer />
      </div>
      <Splitter
        label={t('docks.right')}
        direction="vertical"
        valuePx={rightNow}
        minPx={240}
        maxPx={560}
        sign={-1}
        onChange={(px) => set({ rightPx: px })}
      />
      <aside className="dock dock-right" aria-label={t('docks.rightDock')}>
        {view === 'show' ? (
          <>
            <DestinationList />
            <Health />
            <Inspector />
          </>
        ) : (
          <RightViewPanel view={view} />
        )}
      </aside>
    </main>
  );
}
