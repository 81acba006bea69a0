import { type PointerEvent, useRef } from 'react';

interface Props {
  label: string;
  /** vertical: a vertical line between columns */
  direction: 'vertical' | 'horizontal';
  valuePx: number;
  minPx: number;
  maxPx: number;
  /** +1 when moving right or down makes the dock larger */
  sign: 1 | -1;
  onChange: (px: number) => void;
}

/** A line between docks that can be dragged, or moved with the arrow keys. */
export function Splitter({ label, direction, valuePx, minPx, maxPx, sign, onChange }: Props) {
  const start = useRef<{ at: number; px: number } | null>(null);
  const set = (px: number) => onChange(Math.round(Math.min(maxPx, Math.max(minPx, px))));
  const at = (event: PointerEvent) => (direction === 'vertical' ? event.clientX : event.clientY);
  return (
    <div
      role="separator"
      tabIndex={0}
      className={`splitter ${direction}`}
      aria-label={label}
      aria-orientation={direction}
      aria-valuenow={valuePx}
      aria-valuemin={minPx}
      aria-valuemax={maxPx}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        event.currentTarget.dataset.dragging = '';
        start.current = { at: at(event), px: valuePx };
      }}
      onPointerMove={(event) => start.current && set(start.current.px + sign * (at(event) - start.current.at))}
      onPointerUp={(event) => {
        start.current = null;
        delete event.currentTarget.dataset.dragging;
      }}
      onKeyDown={(event) => {
        const step = { ArrowLeft: -16, ArrowUp: -16, ArrowRight: 16, ArrowDown: 16 }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        set(valuePx + sign * step);
      }}
    />
  );
}
