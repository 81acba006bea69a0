import { useTranslation } from 'react-i18next';
import type { SceneItem, SourceOf } from '../../../src-shared/domain/index.ts';
import { NumberField, SelectField, TextArea } from '../../ui/fields.tsx';
import { edit } from '../collection/store.ts';
import { textSize } from './add.ts';
import { ColourField } from './colour-field.tsx';

const FONTS = [
  'system-ui',
  'serif',
  'monospace',
  'Arial',
  'Georgia',
  'Impact',
  'Noto Sans',
  'Noto Sans CJK SC',
  'PingFang SC',
  'Microsoft YaHei',
] as const;

type TextSource = SourceOf<'text'>;

/** A change of the words or the font resizes every box that shows the text, so that letters keep their scale. */
function changeText(before: TextSource, part: Partial<TextSource>): void {
  const after = { ...before, ...part };
  const [oldSize, newSize] = [textSize(before), textSize(after)];
  const resize = (item: SceneItem): SceneItem => {
    if (item.sourceId !== before.id) return item;
    const { transform } = item;
    const widthPx = Math.max(1, Math.round((transform.widthPx * newSize.width) / oldSize.width));
    const heightPx = Math.max(1, Math.round((transform.heightPx * newSize.height) / oldSize.height));
    const anchor = { left: 0, center: 0.5, right: 1 }[after.align];
    return {
      ...item,
      transform: { ...transform, xPx: Math.round(transform.xPx + (transform.widthPx - widthPx) * anchor), widthPx, heightPx },
    };
  };
  edit(
    (collection) => ({
      ...collection,
      sources: collection.sources.map((source) => (source.id === before.id ? after : source)),
      scenes: collection.scenes.map((scene) => ({ ...scene, items: scene.items.map(resize) })),
    }),
    `text:${before.id}`,
  );
}

export function TextProperties({ source }: { source: TextSource }) {
  const { t } = useTranslation();
  const change = (part: Partial<TextSource>) => changeText(source, part);
  const fonts = FONTS.some((font) => font === source.fontFamily) ? FONTS : [source.fontFamily, ...FONTS];
  return (
    <>
      <TextArea label={t('text.text')} value={source.text} onChange={(text) => change({ text: text.slice(0, 5_000) })} />
      <SelectField
        inline
        label={t('text.font')}
        value={source.fontFamily}
        options={fonts.map((value) => ({ value, label: value === 'system-ui' ? t('text.systemFont') : value }))}
        onChange={(fontFamily) => change({ fontFamily })}
      />
      <div className="pair">
        <NumberField
          label={t('text.size')}
          unit="px"
          min={4}
          max={1_000}
          value={source.fontSizePx}
          onCommit={(fontSizePx) => change({ fontSizePx })}
        />
        <SelectField
          label={t('text.weight')}
          value={String(source.fontWeight)}
          options={(['400', '600', '800'] as const).map((value) => ({ value, label: t(`text.weights.${value}`) }))}
          onChange={(weight) => change({ fontWeight: Number(weight) })}
        />
      </div>
      <SelectField
        inline
        label={t('text.align')}
        value={source.align}
        options={(['left', 'center', 'right'] as const).map((value) => ({ value, label: t(`text.aligns.${value}`) }))}
        onChange={(align) => change({ align })}
      />
      <ColourField label={t('text.colour')} value={source.colour} onChange={(colour) => change({ colour })} />
      <ColourField
        label={t('text.background')}
        opacityLabel={t('text.backgroundOpacity')}
        value={source.background}
        onChange={(background) => change({ background })}
      />
    </>
  );
}
