import { QueryClientProvider } from '@tanstack/react-query';
import { Waves } from 'lucide-react';
import { Tooltip } from 'radix-ui';
import { useTranslation } from 'react-i18next';
import { queries, useLinkState } from '../engine-client/engine.ts';
import { useCollection } from '../features/collection/store.ts';
import { Studio } from './studio.tsx';

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <Tooltip.Provider delayDuration={450} skipDelayDuration={200}>
        <Gate />
      </Tooltip.Provider>
    </QueryClientProvider>
  );
}

/** Until the engine has answered for the first time there is nothing to show but how it stands. */
function Gate() {
  const { t } = useTranslation();
  const { phase } = useLinkState();
  const ready = useCollection(({ collection }) => collection !== null);
  if (ready) return <Studio />;
  return (
    <main className="gate">
      <div role="status">
        <Waves size={36} aria-hidden="true" />
        <h1>{phase === 'refused' ? t('link.refusedTitle') : t('link.starting')}</h1>
        <p className="soft">{phase === 'refused' ? t('link.refused') : phase === 'waiting' ? t('link.waiting') : t('link.startingText')}</p>
      </div>
    </main>
  );
}
