import { type ReactNode, useEffect, useRef, useState } from 'react';

const HOLD_MS = 800;

/**
 * A button that acts when held: asking once, in place. The keyboard holds it with Space or Enter.
 * `hint` is read aloud and shows how to use it.
 */
export function HoldButton({
  className,
  label,
  hint,
  children,
  onHeld,
}: {
  className: string;
  label: string;
  hint: string;
  children: ReactNode;
  onHeld: () => void;
}) {
  const [holding, setHolding] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const stop = () => {
    if (timer.current) clearTimeout(timer.current);
    timer.current = null;
    setHolding(false);
  };
  const start = () => {
    if (timer.current) return;
    setHolding(true);
    timer.current = setTimeout(() => {
      stop();
      onHeld();
    }, HOLD_MS);
  };
  useEffect(() => () => clearTimeout(timer.current ?? undefined), []);
  return (
    <button
      type="button"
      className={`hold ${className}`}
      data-holding={holding || undefined}
      aria-label={label}
      aria-description={hint}
      title={hint}
      onPointerDown={(event) => event.button === 0 && start()}
      onPointerUp={stop}
      onPointerLeave={stop}
      onKeyDown={(event) => {
        if (event.key !== ' ' && event.key !== 'Enter') return;
        event.preventDefault();
        start();
      }}
      onKeyUp={stop}
      onBlur={stop}
    >
      {children}
    </button>
  );
}
