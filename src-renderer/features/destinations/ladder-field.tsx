import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LADDER_STEPS, type LadderChoice, type LadderStep } from '../../../src-shared/domain/ladder.ts';
import { link, useEngine } from '../../engine-client/engine.ts';
import { SelectField } from '../../ui/fields.tsx';
import { say } from '../activity/notices.ts';

const KINDS = ['off', 'auto', 'list'] as const;
/** what a list begins with: a step for phones, and one for weak networks */
const FIRST_LIST: LadderStep[] = ['480p', '240p'];

/** Which smaller pictures viewers of the rehearsal may choose; they are made while somebody watches them. */
export function LadderField() {
  const { t } = useTranslation();
  const choice = useEngine('studio.info', (info) => info.ladder) ?? 'auto';
  const [busy, setBusy] = useState(false);
  const choose = (next: LadderChoice) => {
    if (busy) return;
    setBusy(true);
    link
      .invoke('server.ladder', { choice: next })
      .catch(say)
      .finally(() => setBusy(false));
  };
  const kind = typeof choice === 'string' ? choice : 'list';
  const options = KINDS.map((value) => ({ value, label: t(`destinations.ladder.${value}`) }));
  const toggle = (steps: LadderStep[], step: LadderStep) =>
    choose(LADDER_STEPS.filter((one) => (one === step ? !steps.includes(one) : steps.includes(one))));
  return (
    <>
      <SelectField
        label={t('destinations.ladder.title')}
        inline
        value={kind}
        options={options}
        onChange={(next) => choose(next === 'list' ? FIRST_LIST : next)}
      />
      {typeof choice !== 'string' && (
        <div className="ladder-steps" role="group" aria-label={t('destinations.ladder.list')}>
          {LADDER_STEPS.map((step) => (
            <button
              key={step}
              type="button"
              className="ladder-step"
              aria-pressed={choice.includes(step)}
              disabled={choice.length === 1 && choice.includes(step)}
              onClick={() => toggle(choice, step)}
            >
              {step}
            </button>
          ))}
        </div>
      )}
      <p className="hint">{t(`destinations.ladder.${kind}Hint`)}</p>
    </>
  );
}
