import { closestCenter, DndContext, type DragEndEvent, PointerSensor, useSensor, useSensors } from '@dnd-kit/core';
import { arrayMove, SortableContext, useSortable, verticalListSortingStrategy } from '@dnd-kit/sortable';
import { CSS } from '@dnd-kit/utilities';
import { GripVertical, X } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { EncoderChoice, Profile, VideoEncoderName } from '../../../src-shared/domain/index.ts';
import { useAnswer, useEngine } from '../../engine-client/engine.ts';
import { IconButton } from '../../ui/button.tsx';
import { SelectField } from '../../ui/fields.tsx';
import { encoderName } from './encoder-names.ts';
import { saveProfile } from './save-profile.ts';
import { useWhyNot } from './use-why-not.ts';

/** What takes over when the encoder keeps failing: by itself, or in the user's own order. */
export function FallbackList({ profile }: { profile: Profile }) {
  const { t } = useTranslation();
  const { video, encoderFallback } = profile;
  const [list, setList] = useState(encoderFallback);
  const [wantsOwn, setWantsOwn] = useState(encoderFallback.length > 0);
  useEffect(() => setList(encoderFallback), [encoderFallback]); // another window's order
  const chain = useAnswer('encoders.chain', { video, list }) ?? [];
  const isOwn = wantsOwn || list.length > 0;
  const save = (changed: VideoEncoderName[]) => {
    setList(changed);
    saveProfile({ ...profile, encoderFallback: changed });
  };
  const choose = (mode: 'automatic' | 'own') => {
    setWantsOwn(mode === 'own');
    if (mode === 'automatic') save([]);
    else save(chain.filter(({ encoder, fast }) => !fast && encoder !== video.encoder).map(({ encoder }) => encoder));
  };
  return (
    <div className="stack fallback">
      <SelectField
        label={t('settings.fallback.title')}
        hint={t(`settings.fallback.hints.${isOwn ? 'own' : 'automatic'}`)}
        value={isOwn ? 'own' : 'automatic'}
        options={(['automatic', 'own'] as const).map((value) => ({ value, label: t(`settings.fallback.modes.${value}`) }))}
        onChange={choose}
      />
      {isOwn ? (
        <OwnOrder chain={chain} list={list} chosen={video.encoder} onChange={save} />
      ) : (
        <ol className="chain" aria-label={t('settings.fallback.order')}>
          {chain.map((choice) => (
            <FixedRow key={choice.encoder + choice.fast} choice={choice} chosen={video.encoder} />
          ))}
        </ol>
      )}
    </div>
  );
}

interface OwnProps {
  chain: readonly EncoderChoice[];
  list: readonly VideoEncoderName[];
  chosen: VideoEncoderName;
  onChange: (list: VideoEncoderName[]) => void;
}

/** The chosen encoder first and software last, always; what lies between is the user's. */
function OwnOrder({ chain, list, chosen, onChange }: OwnProps) {
  const { t } = useTranslation();
  const [moved, setMoved] = useState('');
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: 4 } }));
  const move = (from: number, to: number) => {
    const name = list[from];
    if (!name || to < 0 || to >= list.length) return;
    onChange(arrayMove([...list], from, to));
    setMoved(t('settings.fallback.moved', { name: encoderName(name), place: to + 1, count: list.length }));
  };
  const drop = ({ active, over }: DragEndEvent) => {
    const index = (id: unknown) => list.indexOf(id as VideoEncoderName);
    if (over && active.id !== over.id) move(index(active.id), index(over.id));
  };
  const last = chain.filter(({ encoder, fast }, index) => index > 0 && (fast || !list.includes(encoder)));
  return (
    <>
      <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={drop}>
        <ol className="chain" aria-label={t('settings.fallback.order')}>
          {chain.slice(0, 1).map((choice) => (
            <FixedRow key="first" choice={choice} chosen={chosen} />
          ))}
          <SortableContext items={[...list]} strategy={verticalListSortingStrategy}>
            {list.map((name, index) => (
              <MovableRow
                key={name}
                name={name}
                onMove={(by) => move(index, index + by)}
                onRemove={() => onChange(list.filter((other) => other !== name))}
              />
            ))}
          </SortableContext>
          {last.map((choice) => (
            <FixedRow key={choice.encoder + choice.fast} choice={choice} chosen={chosen} />
          ))}
        </ol>
      </DndContext>
      <span className="visually-hidden" role="status">
        {moved}
      </span>
      <AddEncoder taken={[chosen, ...list]} onAdd={(name) => onChange([...list, name])} />
    </>
  );
}

function FixedRow({ choice: { encoder, fast }, chosen }: { choice: EncoderChoice; chosen: VideoEncoderName }) {
  const { t } = useTranslation();
  const isChosen = encoder === chosen && !fast;
  return (
    <Row name={encoder} className="fixed">
      {isChosen ? t('settings.fallback.chosen') : fast ? t(encoder === chosen ? 'settings.fallback.same' : 'settings.fallback.fast') : null}
    </Row>
  );
}

function MovableRow({ name, onMove, onRemove }: { name: VideoEncoderName; onMove: (by: 1 | -1) => void; onRemove: () => void }) {
  const { t } = useTranslation();
  const sortable = useSortable({ id: name });
  const byKey = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
    event.preventDefault();
    onMove(event.key === 'ArrowUp' ? -1 : 1);
  };
  return (
    <Row
      name={name}
      ref={sortable.setNodeRef}
      style={{ transform: CSS.Translate.toString(sortable.transform), transition: sortable.transition }}
      dragging={sortable.isDragging}
      before={
        <button
          type="button"
          className="chain-grip"
          aria-label={t('settings.fallback.move', { name: encoderName(name) })}
          ref={sortable.setActivatorNodeRef}
          {...sortable.listeners}
          onKeyDown={byKey}
        >
          <GripVertical size={14} aria-hidden="true" />
        </button>
      }
      after={
        <IconButton small label={t('settings.fallback.remove', { name: encoderName(name) })} onClick={onRemove}>
          <X size={14} />
        </IconButton>
      }
    />
  );
}

interface RowProps {
  name: VideoEncoderName;
  className?: string;
  ref?: (node: HTMLElement | null) => void;
  style?: { transform: string | undefined; transition: string | undefined };
  dragging?: boolean;
  before?: ReactNode;
  after?: ReactNode;
  children?: ReactNode;
}

/** One that is not there is greyed, with the reason: it is passed over when its turn comes. */
function Row({ name, className = '', ref, style, dragging, before, after, children }: RowProps) {
  const whyNot = useWhyNot()(name);
  return (
    <li ref={ref} style={style} className={className} data-missing={whyNot !== null || undefined} data-dragging={dragging || undefined}>
      {before}
      <div className="grow">
        <span>{encoderName(name)}</span>
        {(whyNot ?? children) && <small>{whyNot ?? children}</small>}
      </div>
      {after}
    </li>
  );
}

/** All that this system could have: those that work first. */
function AddEncoder({ taken, onAdd }: { taken: readonly VideoEncoderName[]; onAdd: (name: VideoEncoderName) => void }) {
  const { t } = useTranslation();
  const id = useId();
  const left = (useEngine('encoders.list')?.encoders ?? []).filter(({ encoder }) => !taken.includes(encoder));
  const options = left.toSorted((a, b) => Number(b.available) - Number(a.available));
  if (options.length === 0) return null;
  return (
    <div className="field">
      <label htmlFor={id} className="visually-hidden">
        {t('settings.fallback.add')}
      </label>
      <select id={id} className="input" value="" onChange={(event) => onAdd(event.target.value as VideoEncoderName)}>
        <option value="" disabled>
          {t('settings.fallback.add')}
        </option>
        {options.map(({ encoder, available }) => (
          <option key={encoder} value={encoder}>
            {available ? encoderName(encoder) : t('settings.encoders.missing', { name: encoderName(encoder) })}
          </option>
        ))}
      </select>
    </div>
  );
}
