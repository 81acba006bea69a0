import { RotateCcw } from 'lucide-react';
import { IconButton } from './button.tsx';
import { NumberField } from './fields.tsx';

/** A number by a slider and in figures, with a way back to what it was at the beginning. */
export function SliderField({
  label,
  resetLabel,
  value,
  min,
  max,
  step,
  initial,
  unit,
  onChange,
}: {
  label: string;
  resetLabel: string;
  value: number;
  min: number;
  max: number;
  step: number;
  initial: number;
  unit: string;
  onChange: (value: number) => void;
}) {
  return (
    <div className="slider-field">
      <NumberField inline label={label} unit={unit} min={min} max={max} step={step} value={value} onCommit={onChange} />
      <input
        type="range"
        className="range"
        aria-label={label}
        min={min}
        max={max}
        step={step}
        value={value}
        onChange={(event) => onChange(Number(event.target.value))}
        onDoubleClick={() => onChange(initial)}
      />
      <IconButton small label={resetLabel} disabled={value === initial} onClick={() => onChange(initial)}>
        <RotateCcw size={13} />
      </IconButton>
    </div>
  );
}
