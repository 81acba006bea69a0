import { TriangleAlert } from 'lucide-react';
import { Switch as RadixSwitch } from 'radix-ui';
import { type ComponentProps, type ReactNode, useEffect, useId, useState } from 'react';

interface FieldProps {
  label: string;
  inline?: boolean;
  hint?: ReactNode;
  /** why what is set has no effect, or another warning about it */
  note?: string | undefined;
}

function Field({ label, inline, hint, note, id, children }: FieldProps & { id: string; children: ReactNode }) {
  return (
    <div className={`field ${inline ? 'inline' : ''}`} data-noted={note ? true : undefined}>
      <label htmlFor={id}>{label}</label>
      {children}
      {hint && <span className="hint">{hint}</span>}
      {note && (
        <span className="field-note" id={`${id}-note`}>
          <TriangleAlert size={12} aria-hidden="true" />
          {note}
        </span>
      )}
    </div>
  );
}

/** A text that is kept as it is typed and handed over on Enter or when left. */
export function TextField({
  label,
  inline,
  hint,
  value,
  onCommit,
  ...rest
}: FieldProps & { value: string; onCommit: (value: string) => void } & Omit<ComponentProps<'input'>, 'value'>) {
  const id = useId();
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  return (
    <Field {...{ label, inline: inline ?? false, hint, id }}>
      <input
        {...rest}
        id={id}
        className="input"
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={() => draft !== value && onCommit(draft)}
        onKeyDown={(event) => event.key === 'Enter' && onCommit(draft)}
      />
    </Field>
  );
}

/** Several lines, handed over on every key: the picture follows the typing. */
export function TextArea({ label, value, onChange }: FieldProps & { value: string; onChange: (value: string) => void }) {
  const id = useId();
  return (
    <Field {...{ label, id }}>
      <textarea id={id} className="input" rows={3} value={value} onChange={(event) => onChange(event.target.value)} />
    </Field>
  );
}

interface NumberProps extends FieldProps {
  value: number;
  unit?: string;
  min: number;
  max: number;
  step?: number;
  /** in a table whose heads say what it is: the label is for those who do not see them */
  bare?: boolean;
  onCommit: (value: number) => void;
}

/** A number with its unit. Out of range or half typed: marked, and the last good value stays in force. */
export function NumberField({ label, inline, bare, hint, note, value, unit, min, max, step = 1, onCommit }: NumberProps) {
  const id = useId();
  const shown = String(Math.round(value * 100) / 100);
  const [draft, setDraft] = useState(shown);
  useEffect(() => setDraft(shown), [shown]);
  const number = Number(draft);
  const good = draft.trim() !== '' && Number.isFinite(number) && number >= min && number <= max;
  const commit = () => (good ? number !== Number(shown) && onCommit(number) : setDraft(shown));
  const nudge = (by: number) => onCommit(Math.min(max, Math.max(min, (good ? number : value) + by)));
  const input = (
    <div className="number-input">
      <input
        id={id}
        aria-label={bare ? label : undefined}
        aria-describedby={note && `${id}-note`}
        className="input"
        inputMode="decimal"
        value={draft}
        aria-invalid={!good}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
          if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
            event.preventDefault();
            nudge((event.key === 'ArrowUp' ? 1 : -1) * (event.shiftKey ? 10 : 1) * step);
          }
        }}
      />
      {unit && <span className="unit">{unit}</span>}
    </div>
  );
  if (bare) return input;
  return <Field {...{ label, inline: inline ?? false, hint, note, id }}>{input}</Field>;
}

export interface Option<T extends string> {
  value: T;
  label: string;
  disabled?: boolean;
}

export function SelectField<T extends string>({
  label,
  inline,
  hint,
  note,
  value,
  options,
  disabled,
  onChange,
}: FieldProps & { value: T; options: readonly Option<T>[]; disabled?: boolean; onChange: (value: T) => void }) {
  const id = useId();
  return (
    <Field {...{ label, inline: inline ?? false, hint, note, id }}>
      <select
        id={id}
        className="input"
        value={value}
        disabled={disabled ?? false}
        aria-describedby={note && `${id}-note`}
        onChange={(event) => onChange(event.target.value as T)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled ?? false}>
            {option.label}
          </option>
        ))}
      </select>
    </Field>
  );
}

export function Switch({
  label,
  checked,
  onChange,
  disabled,
}: {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}) {
  return (
    <RadixSwitch.Root className="switch" aria-label={label} checked={checked} disabled={disabled ?? false} onCheckedChange={onChange}>
      <RadixSwitch.Thumb />
    </RadixSwitch.Root>
  );
}

export function SwitchRow(props: { label: string; checked: boolean; onChange: (checked: boolean) => void }) {
  return (
    <div className="switch-row">
      <span aria-hidden="true">{props.label}</span>
      <Switch {...props} />
    </div>
  );
}
