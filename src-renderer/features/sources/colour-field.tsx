import { useId } from 'react';

/** A colour and, where it makes sense, how much of it shows. Values are #rrggbb or #rrggbbaa. */
export function ColourField({
  label,
  opacityLabel,
  value,
  onChange,
}: {
  label: string;
  opacityLabel?: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const id = useId();
  const alpha = value.length === 9 ? Number.parseInt(value.slice(7), 16) : 255;
  const join = (rgb: string, a: number) => onChange(a === 255 ? rgb : rgb + a.toString(16).padStart(2, '0'));
  return (
    <div className="field inline">
      <label htmlFor={id}>{label}</label>
      <div className="row">
        <input
          id={id}
          type="color"
          className="input"
          value={value.slice(0, 7)}
          onChange={(event) => join(event.target.value, alpha === 0 ? 255 : alpha)}
        />
        {opacityLabel && (
          <input
            type="range"
            className="range grow"
            aria-label={opacityLabel}
            title={opacityLabel}
            min={0}
            max={255}
            value={alpha}
            onChange={(event) => join(value.slice(0, 7), Number(event.target.value))}
          />
        )}
      </div>
    </div>
  );
}
