import { FileUp } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type AssetId,
  FILTER_RANGES,
  FILTER_TRAITS,
  type Filter,
  type FilterRange,
  type SourceId,
  WATERMARK_PLACES,
} from '../../../src-shared/domain/index.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField, SwitchRow } from '../../ui/fields.tsx';
import { SliderField } from '../../ui/slider-field.tsx';
import { say } from '../activity/notices.ts';
import { upload, uploadLut } from '../sources/add.ts';
import { ColourField } from '../sources/colour-field.tsx';
import { changeFilter, filterName } from './filter-actions.ts';

/** The settings of one filter: what its kind alone has, and then its numbers by the table of kinds. */
export function FilterForm({ filter, sourceId }: { filter: Filter; sourceId: SourceId }) {
  const { t } = useTranslation();
  const change = (part: Record<string, unknown>) => changeFilter(sourceId, filter.id, part);
  const ranges = Object.entries(FILTER_RANGES[filter.kind] as Record<string, FilterRange>);
  const values = filter as unknown as Record<string, number>;
  return (
    <div className="filter-form stack" role="group" aria-label={t('filters.settings', { name: filterName(filter) })}>
      {'assetId' in filter && <AssetField filter={filter} assetId={filter.assetId} onChange={(assetId) => change({ assetId })} />}
      {'colour' in filter && <ColourField label={t('filters.key')} value={filter.colour} onChange={(colour) => change({ colour })} />}
      {filter.kind === 'mask' && <MaskFields filter={filter} change={change} />}
      {filter.kind === 'watermark' && (
        <SelectField
          inline
          label={t('filters.place')}
          value={filter.place}
          options={WATERMARK_PLACES.map((value) => ({ value, label: t(`filters.places.${value}`) }))}
          onChange={(place) => change({ place })}
        />
      )}
      {ranges.map(([name, range]) => {
        const label = t(`filters.number.${name as 'gamma'}`);
        return (
          <SliderField
            key={name}
            label={label}
            resetLabel={t('filters.reset', { label, value: `${range.initial}${range.unit && ` ${range.unit}`}` })}
            value={values[name] ?? range.initial}
            {...range}
            onChange={(value) => change({ [name]: value })}
          />
        );
      })}
    </div>
  );
}

function MaskFields({ filter, change }: { filter: Extract<Filter, { kind: 'mask' }>; change: (part: Record<string, unknown>) => void }) {
  const { t } = useTranslation();
  return (
    <>
      <SelectField
        inline
        label={t('filters.by')}
        value={filter.by}
        options={(['alpha', 'luma'] as const).map((value) => ({ value, label: t(`filters.byWhat.${value}`) }))}
        onChange={(by) => change({ by })}
      />
      <SwitchRow label={t('filters.inverted')} checked={filter.inverted} onChange={(inverted) => change({ inverted })} />
    </>
  );
}

function AssetField({ filter, assetId, onChange }: { filter: Filter; assetId: AssetId | null; onChange: (id: AssetId) => void }) {
  const { t } = useTranslation();
  const picker = useRef<HTMLInputElement>(null);
  const isLut = FILTER_TRAITS[filter.kind].asset === 'lut';
  const label = t(isLut ? 'filters.chooseLut' : 'filters.chooseFile');
  const take = async (file: File) => {
    try {
      onChange(isLut ? await uploadLut(file) : (await upload(file)).id);
    } catch (error) {
      say(error);
    }
  };
  return (
    <div>
      <Button onClick={() => picker.current?.click()}>
        <FileUp size={14} /> {label}
      </Button>
      {assetId === null && <p className="soft filter-hint">{t('filters.needsFile')}</p>}
      <input
        ref={picker}
        type="file"
        accept={isLut ? '.cube' : 'image/*'}
        aria-label={label}
        hidden
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file) void take(file);
        }}
      />
    </div>
  );
}
