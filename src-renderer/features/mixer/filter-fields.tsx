import { useTranslation } from 'react-i18next';
import type { AudioFilter, AudioFilterOf, AudioInput, AudioInputId } from '../../../src-shared/domain/index.ts';
import { NumberField, SelectField } from '../../ui/fields.tsx';
import { useCollection } from '../collection/store.ts';
import { EqualiserCurve } from './equaliser-curve.tsx';
import { BANDS, NUMBERS } from './filter-defaults.ts';

interface Props<F extends AudioFilter = AudioFilter> {
  filter: F;
  input: AudioInput;
  onChange: (filter: AudioFilter) => void;
}

export function FilterFields({ filter, input, onChange }: Props) {
  const { t } = useTranslation();
  if (filter.kind === 'equaliser') return <EqualiserFields {...{ filter, input, onChange }} />;
  if (filter.kind === 'noiseSuppression') return <p className="hint">{t('mixer.noiseSuppressionHint')}</p>;
  const values = filter as unknown as Record<string, number>;
  return (
    <div className="filter-fields">
      {NUMBERS[filter.kind].map(({ key, unit, min, max, step }) => (
        <NumberField
          key={key}
          inline
          label={t(`mixer.number.${key as 'gainDb'}`)}
          value={values[key] ?? 0}
          {...{ unit, min, max, step }}
          onCommit={(value) => onChange({ ...filter, [key]: value })}
        />
      ))}
      {filter.kind === 'compressor' && <SideChain {...{ filter, input, onChange }} />}
    </div>
  );
}

/** Another strip whose level decides: as for music that gives way to a voice. */
function SideChain({ filter, input, onChange }: Props<AudioFilterOf<'compressor'>>) {
  const { t } = useTranslation();
  const inputs = useCollection(({ collection }) => collection?.audioInputs);
  const others = (inputs ?? []).filter(({ id }) => id !== input.id);
  return (
    <SelectField
      inline
      label={t('mixer.sideChain')}
      value={filter.sideChainId ?? ''}
      options={[{ value: '', label: t('mixer.sideChainSelf') }, ...others.map(({ id, name }) => ({ value: id as string, label: name }))]}
      onChange={(id) => onChange({ ...filter, sideChainId: id ? (id as AudioInputId) : null })}
    />
  );
}

function EqualiserFields({ filter, onChange }: Props<AudioFilterOf<'equaliser'>>) {
  const { t } = useTranslation();
  return (
    <div className="filter-fields">
      <EqualiserCurve filter={filter} />
      <table className="band-table">
        <thead>
          <tr>
            <td />
            <th scope="col">Hz</th>
            <th scope="col">dB</th>
            <th scope="col">Q</th>
          </tr>
        </thead>
        <tbody>
          {BANDS.map((name) => {
            const band = filter[name];
            const set = (part: object) => onChange({ ...filter, [name]: { ...band, ...part } });
            const of = (what: string) => `${t(`mixer.band.${name}`)}, ${what}`;
            return (
              <tr key={name}>
                <th scope="row">{t(`mixer.band.${name}`)}</th>
                <td>
                  <NumberField
                    bare
                    label={of('Hz')}
                    value={band.frequencyHz}
                    min={20}
                    max={20_000}
                    step={Math.max(1, Math.round(band.frequencyHz / 20))}
                    onCommit={(frequencyHz) => set({ frequencyHz })}
                  />
                </td>
                <td>
                  <NumberField
                    bare
                    label={of('dB')}
                    value={band.gainDb}
                    min={-24}
                    max={24}
                    step={0.5}
                    onCommit={(gainDb) => set({ gainDb })}
                  />
                </td>
                <td>
                  {'q' in band && (
                    <NumberField bare label={of('Q')} value={band.q} min={0.1} max={18} step={0.1} onCommit={(q) => set({ q })} />
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
