import { useEffect, useRef } from 'react';

/** A name being edited in its place. Enter or leaving keeps it, Escape gives it up. */
export function Rename({ label, value, onDone }: { label: string; value: string; onDone: (value: string | null) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const done = useRef(false);
  useEffect(() => {
    // after the menu that started it has given the focus back
    const timer = setTimeout(() => input.current?.select(), 0);
    return () => clearTimeout(timer);
  }, []);
  const finish = (result: string | null) => {
    if (done.current) return;
    done.current = true;
    onDone(result?.trim() ? result : null);
  };
  return (
    <input
      ref={input}
      className="input rename"
      aria-label={label}
      defaultValue={value}
      maxLength={100}
      onClick={(event) => event.stopPropagation()}
      onBlur={(event) => finish(event.target.value)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Enter') finish(event.currentTarget.value);
        if (event.key === 'Escape') finish(null);
      }}
    />
  );
}
