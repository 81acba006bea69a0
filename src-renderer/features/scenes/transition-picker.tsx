import { Blend, ChevronDown } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useTranslation } from 'react-i18next';
import { type Scene, Transition } from '../../../src-shared/domain/index.ts';
import { SwitchRow } from '../../ui/fields.tsx';
import { programScene, setSceneTransition, setTransition } from '../collection/edits.ts';
import { edit, useCollection } from '../collection/store.ts';
import { TransitionFields } from './transition-fields.tsx';

const CUT = Transition.parse({ kind: 'cut' });

/** Below the scenes: how the next one comes. Opens to change that, and what the scene on the program has of its own. */
export function TransitionPicker() {
  const { t } = useTranslation();
  const transition = useCollection(({ collection }) => collection?.transition ?? CUT);
  const scene = useCollection(({ collection }) => (collection ? programScene(collection) : null));
  const name = t(`transition.kinds.${transition.kind}`);
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <button type="button" className="transition-button" aria-label={t('transition.change', { name })}>
          <Blend size={14} aria-hidden="true" />
          <span className="truncate grow">{name}</span>
          {transition.kind !== 'cut' && <span className="figure soft">{t('transition.ms', { ms: transition.durationMs })}</span>}
          <ChevronDown size={14} aria-hidden="true" />
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="popover"
          side="top"
          align="start"
          sideOffset={6}
          collisionPadding={8}
          aria-label={t('transition.title')}
        >
          <div className="stack">
            <TransitionFields value={transition} onChange={(next) => edit(setTransition(next), 'transition')} />
            {scene && <OwnTransition scene={scene} shows={transition} />}
          </div>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function OwnTransition({ scene, shows }: { scene: Scene; shows: Transition }) {
  const { t } = useTranslation();
  const { transition } = scene;
  return (
    <>
      <hr className="share-rule" />
      <SwitchRow
        label={t('transition.own', { name: scene.name })}
        checked={transition !== null}
        onChange={(own) => edit(setSceneTransition(scene.id, own ? shows : null))}
      />
      {transition && (
        <TransitionFields value={transition} onChange={(next) => edit(setSceneTransition(scene.id, next), `transition:${scene.id}`)} />
      )}
    </>
  );
}
