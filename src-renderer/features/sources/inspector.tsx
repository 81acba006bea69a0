import { Crop, Expand, Maximize, SquareDot } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { SceneItem, Source, Transform } from '../../../src-shared/domain/index.ts';
import { IconButton } from '../../ui/button.tsx';
import { NumberField, SelectField, TextField } from '../../ui/fields.tsx';
import { changeItem, changeSource, programScene, sourceOf } from '../collection/edits.ts';
import { edit, useCollection } from '../collection/store.ts';
import { FilterSection } from '../filters/filter-section.tsx';
import { toggleCropping, useStage } from '../stage/stage-state.ts';
import { FirstSteps } from '../start/first-steps.tsx';
import { fitSelected } from './item-actions.ts';
import { SourceProperties } from './properties.tsx';

/** Everything about the selected source, in numbers. */
export function Inspector() {
  const { t } = useTranslation();
  const collection = useCollection((state) => state.collection);
  const selectedId = useCollection((state) => state.selectedId);
  const item = collection && programScene(collection).items.find(({ id }) => id === selectedId);
  const source = collection && item ? sourceOf(collection, item) : undefined;
  return (
    <section className="panel grow" aria-label={t('inspector.title')}>
      <div className="panel-head">
        <h2>{t('inspector.title')}</h2>
        {item && <FitButtons item={item} />}
      </div>
      {/* in a low window it scrolls: without a field in it, it takes the focus itself */}
      <div className="panel-body scroll grow" tabIndex={source ? undefined : 0}>
        {collection && item && source ? (
          <div className="stack">
            <SourceForm key={source.id} source={source} />
            <FilterSection key={`filters ${source.id}`} source={source} />
            <TransformForm item={item} sceneId={programScene(collection).id} />
          </div>
        ) : (
          <KeyHelp />
        )}
      </div>
    </section>
  );
}

const KEYS = [
  ['1 – 9', 'cut'],
  ['Alt+L', 'live'],
  ['Alt+R', 'record'],
  ['Alt+M', 'mute'],
  ['Ctrl+Z', 'undo'],
  ['Ctrl+K', 'palette'],
] as const;

/** While nothing is selected: what to do, and the keys of someone who streams daily. */
function KeyHelp() {
  const { t } = useTranslation();
  return (
    <>
      <FirstSteps />
      <p className="soft">{t('inspector.empty')}</p>
      <dl className="keys">
        {KEYS.map(([keys, action]) => (
          <div key={action}>
            <dt className="kbd">{keys}</dt>
            <dd>{t(`inspector.keys.${action}`)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function FitButtons({ item }: { item: SceneItem }) {
  const { t } = useTranslation();
  const cropping = useStage((state) => state.cropping);
  return (
    <>
      <IconButton small label={t('inspector.fit')} shortcut="Ctrl+F" disabled={item.locked} onClick={() => fitSelected('inside')}>
        <Maximize size={15} />
      </IconButton>
      <IconButton small label={t('inspector.cover')} disabled={item.locked} onClick={() => fitSelected('cover')}>
        <Expand size={15} />
      </IconButton>
      <IconButton small label={t('inspector.ownSize')} disabled={item.locked} onClick={() => fitSelected('own')}>
        <SquareDot size={15} />
      </IconButton>
      <IconButton
        small
        label={t('inspector.crop')}
        shortcut="Alt+C"
        disabled={item.locked}
        aria-pressed={cropping}
        onClick={toggleCropping}
      >
        <Crop size={15} />
      </IconButton>
    </>
  );
}

function SourceForm({ source }: { source: Source }) {
  const { t } = useTranslation();
  return (
    <>
      <TextField
        inline
        label={t('common.name')}
        value={source.name}
        maxLength={100}
        onCommit={(name) => name.trim() && edit(changeSource(source.id, { name: name.trim() }))}
      />
      <SourceProperties source={source} />
    </>
  );
}

function TransformForm({ item, sceneId }: { item: SceneItem; sceneId: ReturnType<typeof programScene>['id'] }) {
  const { t } = useTranslation();
  const { transform, crop } = item;
  const box = (part: Partial<Transform>) => edit(changeItem(sceneId, item.id, { transform: { ...transform, ...part } }), `box:${item.id}`);
  const cut = (part: Partial<SceneItem['crop']>) => edit(changeItem(sceneId, item.id, { crop: { ...crop, ...part } }), `crop:${item.id}`);
  const edges = ['leftPx', 'topPx', 'rightPx', 'bottomPx'] as const;
  return (
    <fieldset className="transform" disabled={item.locked}>
      <legend>{t('inspector.transform')}</legend>
      <div className="pair">
        <NumberField label="X" unit="px" min={-32_768} max={32_768} value={transform.xPx} onCommit={(xPx) => box({ xPx })} />
        <NumberField label="Y" unit="px" min={-32_768} max={32_768} value={transform.yPx} onCommit={(yPx) => box({ yPx })} />
        <NumberField
          label={t('inspector.width')}
          unit="px"
          min={1}
          max={32_768}
          value={transform.widthPx}
          onCommit={(widthPx) => box({ widthPx })}
        />
        <NumberField
          label={t('inspector.height')}
          unit="px"
          min={1}
          max={32_768}
          value={transform.heightPx}
          onCommit={(heightPx) => box({ heightPx })}
        />
        <NumberField
          label={t('inspector.rotation')}
          unit="°"
          min={-360}
          max={360}
          value={transform.rotationDeg}
          onCommit={(rotationDeg) => box({ rotationDeg })}
        />
        <SelectField
          label={t('inspector.fill')}
          value={item.fit}
          options={(['contain', 'cover', 'stretch'] as const).map((value) => ({ value, label: t(`inspector.fits.${value}`) }))}
          onChange={(fit) => edit(changeItem(sceneId, item.id, { fit }))}
        />
        {edges.map((edge) => (
          <NumberField
            key={edge}
            label={t(`inspector.cropEdge.${edge}`)}
            unit="px"
            min={0}
            max={16_384}
            value={crop[edge]}
            onCommit={(px) => cut({ [edge]: px })}
          />
        ))}
      </div>
    </fieldset>
  );
}
