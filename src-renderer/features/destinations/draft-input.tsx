import { useId } from 'react';

interface Props {
  label: string;
  value: string;
  placeholder?: string;
  unit?: string;
  hint?: string;
  /** what is wrong with it, in words */
  problem?: string | undefined;
  onChange: (value: string) => void;
}

/** A line of a form whose text is kept as it is typed; what is wrong with it stands under it. */
export function DraftInput({ label, value, placeholder, unit, hint, problem, onChange }: Props) {
  const id = useId();
  return (
    <div className="field inline">
      <label htmlFor={id}>{label}</label>
      <div className={unit ? 'number-input' : ''}>
        <input
          id={id}
          className="input"
          value={value}
          placeholder={placeholder}
          inputMode={unit ? 'numeric' : 'text'}
          aria-invalid={problem !== undefined}
          aria-describedby={problem ? `${id}-problem` : hint && `${id}-hint`}
          spellCheck={false}
          onChange={(event) => onChange(event.target.value)}
        />
        {unit && <span className="unit">{unit}</span>}
      </div>
      {hint && !problem && (
        <span className="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      <Problem id={id} text={problem} />
    </div>
  );
}

/** @param id of the input it belongs to */
export function Problem({ id, text }: { id: string; text: string | undefined }) {
  return text ? (
    <span className="problem" id={`${id}-problem`} role="alert">
      {text}
    </span>
  ) : null;
}
