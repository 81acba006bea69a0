import { ImageUp } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Transition, type TransitionKind, type TransitionOf, WIPE_PATTERNS } from '../../../src-shared/domain/index.ts';
import { Button } from '../../ui/button.tsx';
import { NumberField, SelectField, SwitchRow } from '../../ui/fields.tsx';
import { say } from '../activity/notices.ts';
import { upload } from '../sources/add.ts';
import { ColourField } from '../sources/colour-field.tsx';

const KINDS: readonly TransitionKind[] = ['cut', 'fade', 'fadeThrough', 'slide', 'wipe'];

/** Of what kind a transition is, and its own settings. Another kind keeps the duration. */
export function TransitionFields({ value, onChange }: { value: Transition; onChange: (value: Transition) => void }) {
  const { t } = useTranslation();
  const durationMs = value.kind === 'cut' ? undefined : value.durationMs;
  const become = (kind: TransitionKind) => onChange(Transition.parse(kind === 'cut' ? { kind } : { kind, durationMs }));
  return (
    <>
      <SelectField
        inline
        label={t('transition.kind')}
        value={value.kind}
        options={KINDS.map((kind) => ({ value: kind, label: t(`transition.kinds.${kind}`) }))}
        onChange={become}
      />
      {value.kind !== 'cut' && (
        <NumberField
          inline
          label={t('transition.duration')}
          unit="ms"
          min={50}
          max={10_000}
          step={50}
          value={value.durationMs}
          onCommit={(ms) => onChange({ ...value, durationMs: Math.round(ms) })}
        />
      )}
      {value.kind === 'fadeThrough' && (
        <ColourField
          label={t('transition.colour')}
          value={value.colour.slice(0, 7)}
          onChange={(colour) => onChange({ ...value, colour: colour.slice(0, 7) })}
        />
      )}
      {value.kind === 'slide' && (
        <SelectField
          inline
          label={t('transition.towards')}
          value={value.towards}
          options={(['left', 'right', 'up', 'down'] as const).map((one) => ({ value: one, label: t(`transition.directions.${one}`) }))}
          onChange={(towards) => onChange({ ...value, towards })}
        />
      )}
      {value.kind === 'wipe' && <WipeFields value={value} onChange={onChange} />}
    </>
  );
}

function WipeFields({ value, onChange }: { value: TransitionOf<'wipe'>; onChange: (value: Transition) => void }) {
  const { t } = useTranslation();
  const file = useRef<HTMLInputElement>(null);
  const latest = useRef(value);
  latest.current = value;
  const take = (picture: File) => upload(picture).then(({ id }) => onChange({ ...latest.current, assetId: id }), say);
  return (
    <>
      <SelectField
        inline
        label={t('transition.pattern')}
        value={value.assetId === null ? value.pattern : 'picture'}
        options={[
          ...WIPE_PATTERNS.map((pattern) => ({ value: pattern, label: t(`transition.patterns.${pattern}`) })),
          ...(value.assetId === null ? [] : [{ value: 'picture' as const, label: t('transition.patterns.picture') }]),
        ]}
        onChange={(pattern) => pattern !== 'picture' && onChange({ ...value, pattern, assetId: null })}
      />
      <NumberField
        inline
        label={t('transition.softness')}
        unit="%"
        min={0}
        max={100}
        value={value.softness * 100}
        onCommit={(percent) => onChange({ ...value, softness: percent / 100 })}
      />
      <SwitchRow label={t('transition.inverted')} checked={value.inverted} onChange={(inverted) => onChange({ ...value, inverted })} />
      <input
        ref={file}
        type="file"
        hidden
        accept="image/*"
        aria-label={t('transition.pictureFile')}
        onChange={({ target }) => {
          const picture = target.files?.[0];
          if (picture) void take(picture);
          target.value = '';
        }}
      />
      <Button look="quiet" onClick={() => file.current?.click()}>
        <ImageUp size={14} aria-hidden="true" /> {t('transition.usePicture')}
      </Button>
      <p className="hint">{t('transition.pictureHint')}</p>
    </>
  );
}
