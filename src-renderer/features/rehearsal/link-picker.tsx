import { useTranslation } from 'react-i18next';
import { LinkProfileId } from '../../../src-shared/domain/index.ts';
import { ROUND_S, SHAPE_TOP_KBPS, SHAPES } from './shapes.ts';

const WIDTH = 96;
const HEIGHT = 34;

/** The made-up uplinks, each with its drawing; the chosen one in a sentence. */
export function LinkPicker({ value, onChange }: { value: LinkProfileId; onChange: (link: LinkProfileId) => void }) {
  const { t } = useTranslation();
  return (
    <fieldset className="links">
      <legend>{t('rehearsal.link')}</legend>
      <div className="links-grid">
        {LinkProfileId.options.map((id) => (
          <label key={id} className="link-choice">
            <input type="radio" name="link" value={id} checked={id === value} onChange={() => onChange(id)} />
            <Drawing id={id} />
            <span className="truncate">{t(`rehearsal.links.${id}.name`)}</span>
          </label>
        ))}
      </div>
      <p className="soft link-text">{t(`rehearsal.links.${value}.text`)}</p>
    </fieldset>
  );
}

function Drawing({ id }: { id: LinkProfileId }) {
  const line = pathOf(SHAPES[id]);
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path className="link-area" d={`${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} />
      <path className="link-line" d={line} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

/** Steps by the second. */
function pathOf(shape: readonly number[]): string {
  const x = (second: number) => ((second * WIDTH) / ROUND_S).toFixed(1);
  const y = (kbps: number) => (HEIGHT - (kbps / SHAPE_TOP_KBPS) * HEIGHT).toFixed(1);
  return shape.map((kbps, second) => `${second === 0 ? 'M' : 'L'}${x(second)} ${y(kbps)}L${x(second + 1)} ${y(kbps)}`).join('');
}
